"""A lesson in the browser edition, driven as if JupyterLite were a server of JupyterLab."""

import driving


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
