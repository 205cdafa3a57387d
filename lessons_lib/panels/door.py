"""In the browser edition: tell the page how far a training is. A cell that trains shows nothing else by then.

Read by `docs/site/page/run.js`.
"""

CHANNEL = "lessons-training"


def tell(share: float) -> None:
    """Tell the page which run of a cell trains, and how far it is."""
    import js  # type: ignore[import-not-found]  # Pyodide's

    from lessons_lib.panels.display import running_cell

    channel = js.BroadcastChannel.new(CHANNEL)
    channel.postMessage(f"{running_cell()[1]} {share}")
    channel.close()
