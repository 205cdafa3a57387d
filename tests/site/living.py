"""A lesson in the browser edition, driven as if JupyterLite were a server of JupyterLab."""

import driving

LEAST = 11  # CSS pixels of a letter on a phone
# Of a panel on a phone: the parts that run over the edge, and those with letters that are too small.
TOO_WIDE = """panel => [panel, ...panel.querySelectorAll('*')].filter(part => {
    const box = part.getBoundingClientRect();
    const moves = part.closest('.live-figure') && !part.matches('.live-figure');
    return part.checkVisibility() && box.width > 1 && !moves && (box.right > innerWidth + 1 || box.left < -1)
}).map(part => part.outerHTML.slice(0, 120))"""
SMALL = f"""panel => [...panel.querySelectorAll('*')].filter(part => part.checkVisibility()
    && !part.closest('math, mjx-container')
    && [...part.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
    && parseFloat(getComputedStyle(part).fontSize) < {LEAST}
).map(part => part.outerHTML.slice(0, 120))"""


class Lite:
    """JupyterLite's page of one notebook."""

    def __init__(self, address):
        self.address = address

    def url(self, name=""):
        return f"{self.address}/live/notebooks/index.html?path={name}"


def opened(context, site, name):
    """The :class:`driving.NotebookPage` of a lesson in a new page of a browser."""
    return driving.NotebookPage(context.new_page(), Lite(site.address), name)


def complaints(notebook):
    """Fail if a cell or the browser's console complained."""
    assert not (problems := notebook.error_outputs()), "\n".join(problems)
    assert not notebook.console_errors, "\n".join(notebook.console_errors)
