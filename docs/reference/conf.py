"""How `make docs` makes the reference: the pages themselves are made of the docstrings of lessons_lib."""

import lessons_lib

project = "lessons_lib"
version = release = lessons_lib.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"

autodoc_inherit_docstrings = False  # the docstrings of other libraries have references of their own
napoleon_use_rtype = False  # what comes back is told in words, not by a type
napoleon_use_ivar = True  # a named tuple has its fields already
napoleon_custom_sections = ["Source"]
# Types of others have no page here. Everything else that is named must exist.
OTHERS = (
    "numpy|matplotlib|ipywidgets|anywidget|traitlets|t|IPython|jupyter_server|PIL"
    "|types|collections|contextlib|os|pathlib"
)
nitpick_ignore_regex = [
    ("py:.*", rf"({OTHERS})\..*"),
    ("py:class", r"lessons_lib\.engine\.optimizers\.base\.T|Arrays"),  # any type, and a list of arrays
    ("py:class", r"(dict|list|tuple)\[.*"),  # what Sphinx cuts at its first comma
]
