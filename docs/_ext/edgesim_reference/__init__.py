"""Writes the reference before Sphinx reads it: from parsers, schemas, files, entry points and docstrings themselves."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from edgesim_reference.api import api_pages
from edgesim_reference.columns import column_page
from edgesim_reference.commands import command_page
from edgesim_reference.contracts import answer_pages
from edgesim_reference.files import file_pages
from edgesim_reference.planners import planner_page
from edgesim_reference.shipped import shipped_page


def pages(root: Path) -> dict[str, str]:
    """Return every page of the reference that is made, by its name.

    Parameters
    ----------
    root
        Of the repository.
    """
    made = {"commands.md": command_page(), "planners.md": planner_page(), "shipped.md": shipped_page(),
            "tables.md": column_page()}  # fmt: skip
    return made | file_pages(root) | answer_pages() | api_pages()


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx call it."""
    app.add_css_file("reference.css")
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon"):
        app.setup_extension(extension)
    app.connect("config-inited", _configure)
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)  # before napoleon
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _configure(_app: Sphinx, config: Config) -> None:
    """Show docstrings as the project writes them."""
    config.html_static_path.append(str(Path(__file__).parent / "static"))
    config.smartquotes_action = "De"  # no quotes: 'wrx[upgrade_to=6]' is to be copied
    config.default_role = "py:obj"  # what stands between single backticks is a name, with a link where there is one
    config.autodoc_member_order = "bysource"
    config.autodoc_typehints_format = "short"
    config.python_use_unqualified_type_names = True
    config.maximum_signature_line_length = 80
    config.napoleon_google_docstring = False
    config.napoleon_use_rtype = False
    config.toc_object_entries_show_parents = "hide"


def _keep_colons(_app: Sphinx, what: str, _name: str, _documented: object, _options: object, lines: list[str]) -> None:
    """Let no sentence of an attribute be taken for its type, because it has a colon."""
    if what in ("attribute", "property"):
        lines.insert(0, "\\ ")  # shows nothing, and has no colon


def _write(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference"
    for name, text in pages(Path(app.srcdir).parent).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:  # what stays as it was is not built anew
            path.write_text(text)
