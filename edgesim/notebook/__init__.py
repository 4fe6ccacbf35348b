"""How edgesim's nouns look in IPython and Jupyter: formatters are registered here, and the nouns know nothing of it.

Nothing is imported before an object is shown; classes are registered by name.
"""

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from edgesim.notebook.shown import NOUNS, Noun, Printer, bundle, figure_png, print_text

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FIGURE = "matplotlib.figure.Figure"
Bundle = tuple[dict[str, str], dict[str, Any]]


def register(shell: "InteractiveShell") -> None:
    """Let a shell show every noun as text, HTML and picture, and figures as pictures; once or often is the same.

    Parameters
    ----------
    shell
        In one that shows text only nothing else is made.
    """
    formatter: Any = shell.display_formatter
    for name, noun in NOUNS.items():
        formatter.formatters["text/plain"].for_type(name, partial(_print, formatter, noun))
        formatter.mimebundle_formatter.for_type(name, partial(_bundle, formatter, noun))
    if _FIGURE not in formatter.formatters["image/png"]:  # where %matplotlib shows figures, it goes on to do so
        formatter.formatters["image/png"].for_type(_FIGURE, figure_png)


def register_running() -> None:
    """Register with the shell that runs, if one does; IPython is not imported for that."""
    find = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = find() if find else None
    if shell is not None:
        register(shell)


def _print(formatter: Any, noun: Noun, one: object, printer: Printer, cycle: bool) -> None:  # noqa: ANN401
    print_text(noun, one, printer, terminal=not _is_page(formatter))


def _bundle(formatter: Any, noun: Noun, one: object) -> Bundle:  # noqa: ANN401  (IPython's is untyped)
    return bundle(noun, one) if _is_page(formatter) else ({}, {})


def _is_page(formatter: Any) -> bool:  # noqa: ANN401
    """Tell whether a shell shows more than text."""
    return "text/html" in formatter.active_types
