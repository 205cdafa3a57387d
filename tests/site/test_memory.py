"""The second start puts Python's memory back; when it cannot, it says so and starts anew."""

PATIENCE = 120_000  # milliseconds
UNUSABLE = "could not be put back"

KEPT = """async () => {
    const name = (await caches.keys()).find(name => name.startsWith("lessons-"));
    const memory = await (await caches.open(name)).match("live/pyodide/memory");
    return memory ? (await memory.arrayBuffer()).byteLength : 0;
}"""
# The first half of it, with the same account of what it is.
DAMAGE = """async () => {
    const name = (await caches.keys()).find(name => name.startsWith("lessons-"));
    const cache = await caches.open(name), address = "live/pyodide/memory";
    const kept = await cache.match(address), headers = kept.headers;
    const half = (await kept.arrayBuffer()).slice(0, 2 ** 20);
    await cache.put(address, new Response(half, {headers}));
}"""


def visit(context, site):
    """The page with the panel, and what its console said."""
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site.address}/run.html?lesson=03&panel=nudges&image=8&learning_rate=3.0")
    page.locator("body[data-ready]").wait_for(timeout=PATIENCE)
    return page, said


def sentence(page):
    frame = page.frame_locator("#lesson")
    return frame.locator(".lessons-panel .lessons-sentence").first.inner_text()


def test_the_second_start_puts_back_what_the_first_kept(context, site):
    page, said = visit(context, site)
    page.wait_for_function(KEPT, timeout=PATIENCE)
    expected = sentence(page)
    page.close()

    page, said = visit(context, site)
    assert sentence(page) == expected
    assert not any(UNUSABLE in words for words in said)
    size = page.evaluate(KEPT)
    page.evaluate(DAMAGE)
    page.close()

    page, said = visit(context, site)
    assert sentence(page) == expected
    assert any(UNUSABLE in words for words in said)
    page.wait_for_function(f"async () => await ({KEPT})() >= {size // 2}", timeout=PATIENCE)
