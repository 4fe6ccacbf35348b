"""How the documentation is built: ``python -m sphinx -W docs site``."""

import shutil
import sys
from pathlib import Path

from edgesim import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))


def _fetch_notebooks() -> None:
    """Copy the notebooks to where Sphinx finds them."""
    folder = HERE / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE.parent / "notebooks", folder, ignore=lambda _, names: {n for n in names if n[-6:] != ".ipynb"})


_fetch_notebooks()

project = "edgesim"
author = copyright = "The edgesim authors"
version = release = __version__
extensions = ["myst_nb", "edgesim_reference"]
exclude_patterns = ["_build", "_ext"]
highlight_language = "none"  # outputs stand indented, and are no program

myst_enable_extensions = ["colon_fence"]  # ::: boxes
myst_heading_anchors = 3  # headings can be linked to

nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True  # which cell, and what went wrong in it
nb_merge_streams = True
nb_ipywidgets_js = {}  # no page asks a network for scripts: sliders stand still
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

html_theme = "furo"
html_title = f"edgesim {__version__}"
html_static_path = ["_static"]
html_css_files = ["edgesim.css"]
html_show_sphinx = False
html_copy_source = False
