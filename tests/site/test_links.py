"""A state is shared: its link, copied in one browser, opens it in another."""

from playwright.sync_api import expect

PATIENCE = 120_000  # milliseconds


def panel_behind(context, address):
    page = context.new_page()
    page.goto(address)
    page.locator("body[data-ready]").wait_for(timeout=PATIENCE)
    frame = page.frame_locator("#lesson")
    panel = frame.locator(".lessons-panel", has=frame.locator(".live-figure canvas")).first
    panel.wait_for(timeout=PATIENCE)
    return panel


def test_a_link_that_is_copied_opens_the_same_state(context, site):
    door = f"{site.address}/run.html?lesson=06&panel=tiny_network"
    panel = panel_behind(context, door)
    first = panel.locator(".lessons-sentence").inner_text()
    panel.get_by_role("button", name="Saturated").click()
    expect(panel.locator(".lessons-sentence")).not_to_have_text(first)
    said = panel.locator(".lessons-sentence").inner_text()
    panel.get_by_text("The call that recreates this, and a link to it").click()
    link = panel.locator(".lessons-copy code", has_text="run.html").inner_text()
    assert link.startswith(f"{door}&") and "stage" not in link
    expect(panel_behind(context, link).locator(".lessons-sentence")).to_have_text(said, timeout=PATIENCE)
