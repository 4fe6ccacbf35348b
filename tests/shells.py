"""What notebooks show, by IPython's own display formatter, without a kernel."""

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from IPython.core.formatters import DisplayFormatter

import edgesim

VOID = {"br", "img"}


def shell(*active: str) -> Any:  # noqa: ANN401  (what there is of a shell)
    """Return a shell with edgesim's formatters, which shows some types of data, or all."""
    formatter = DisplayFormatter()
    formatter.active_types = list(active) or formatter.format_types
    found = SimpleNamespace(display_formatter=formatter)
    edgesim.load_ipython_extension(found)
    return found


def shown(one: object, where: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401  (a shell)
    """Return the data and metadata of an object as a cell's last value."""
    data, metadata = (where or shell()).display_formatter.format(one)
    return data, metadata


class Page(HTMLParser):
    """The elements of some HTML, which must be closed in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that has nothing inside."""
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        """Check that it is the last one that was opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text with the elements that it is in."""
        if data.strip() and "style" not in self.open:
            self.cells.append(data.strip())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]
