"""Reports as HTML: the same tables and sentences that a terminal shows, for browsers and screen readers."""

from collections.abc import Iterable, Iterator
from html import escape

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

_WIDTH = 102
"""Letters that there is room for where a report chooses among forms."""
_CELL = "padding:.15em .8em .15em 0;text-align:left;vertical-align:baseline;border:0"
_GROUND = "var(--jp-layout-color0,var(--vscode-editor-background,var(--color-background-primary,Canvas)))"
"""What is behind a report, by what notebooks and documentation call it."""
_SHADOWS = (
    f"linear-gradient(to right,{_GROUND} 40%,transparent) left/2.5em 100% no-repeat local,"
    f"linear-gradient(to left,{_GROUND} 40%,transparent) right/2.5em 100% no-repeat local,"
    "linear-gradient(to right,#80808099,transparent) left/.9em 100% no-repeat scroll,"
    "linear-gradient(to left,#80808099,transparent) right/.9em 100% no-repeat scroll"
)
"""A shadow at the edge where a table goes on; covers that move with it hide it at the ends."""
_RULES = {
    "": "line-height:1.4",
    "p": "margin:.3em 0",
    ".wide": f"overflow-x:auto;margin:.3em 0 .6em;background:{_SHADOWS}",
    "table": "border-collapse:collapse;margin:0;font-size:.85em;font-variant-numeric:tabular-nums",
    "pre": "margin:0;font-size:.85em",
    "pre.long": "white-space:pre-wrap;overflow-wrap:anywhere",
    "th": _CELL,
    "td": _CELL,
    "thead th": "vertical-align:bottom",
    ".r": "text-align:right;white-space:nowrap",
    ".n": "white-space:nowrap",
    "figure": "margin:.3em 0",
    "img": "max-width:100%",
}
_STYLE = "".join(f".edgesim.edgesim {where}{{{rule}}}" for where, rule in _RULES.items())
"""Named twice, the class goes before a notebook's own rules."""
_SHORT = 40
"""So many letters of a text are not broken into lines."""
_PLAIN = "tex2jax_ignore mathjax_ignore"
"""Classes that keep notebooks from reading a dollar sign in a name as mathematics."""


def html_of(*parts: RenderableType, above: str = "") -> str:
    """Return what a terminal would show as tables and paragraphs, in which every text is escaped.

    Parameters
    ----------
    parts
        What `edgesim.report` and its siblings return: groups of tables and texts. Bold texts stay bold, colours go: no
        table or sentence needs them.
    above
        HTML that stands before them, a picture for example.
    """
    blocks = "\n".join(block for part in parts for block in _blocks(part))
    return f'<div class="edgesim {_PLAIN}"><style>{_STYLE}</style>\n{above}{blocks}\n</div>'


def _blocks(part: RenderableType) -> Iterator[str]:
    if isinstance(part, Table):
        yield _table(part)
    elif isinstance(part, Text | str):
        yield from _paragraph(part)
    elif isinstance(part, Group):
        yield from (block for inner in part.renderables for block in _blocks(inner))
    else:
        yield from (block for inner in _yielded(part) for block in _blocks(inner))


def _yielded(part: RenderableType) -> Iterator[RenderableType]:
    """Yield what some part of a report becomes where there is so much room."""
    console = Console(width=_WIDTH, file=None, force_terminal=False)
    yield from part.__rich_console__(console, console.options)  # type: ignore[union-attr, misc]


def _paragraph(part: Text | str) -> Iterator[str]:
    if not (text := str(part).strip("\n")):
        return
    if isinstance(part, Text) and part.no_wrap:  # a picture in letters, or a command, which may be long
        wraps = ' class="long"' if len(max(text.split("\n"), key=len)) > _WIDTH else ""
        yield f'<div class="wide"><pre{wraps}>{escape(text)}</pre></div>'
        return
    lines = [*part.split("\n")] if isinstance(part, Text) else text.split("\n")
    shown = [line for at, line in enumerate(lines) if str(line) or 0 < at < len(lines) - 1]
    yield f"<p>{'<br>'.join(map(_line, shown))}</p>"


def _line(line: Text | str) -> str:
    text = escape(str(line))
    return f"<strong>{text}</strong>" if isinstance(line, Text) and _is_bold(line) else text


def _is_bold(line: Text) -> bool:
    """Tell whether all of a line is bold."""
    whole = (span.style for span in line.spans if span.start <= 0 and span.end >= len(line.plain))
    return any("bold" in str(style) for style in (line.style, *whole))


def _table(table: Table) -> str:
    head = f"<thead>{_row(map(_heading, table.columns))}</thead>" if table.show_header else ""
    rows = zip(*(column.cells for column in table.columns), strict=True)
    body = "\n".join(_row(map(_cell, row, table.columns, range(len(row)))) for row in rows)
    return f'<div class="wide"><table>{head}<tbody>\n{body}\n</tbody></table></div>'


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _heading(column: Column) -> str:
    text = _inner(column.header)
    return f'<th scope="col"{_class(text, column)}>{text}</th>' if text else "<td></td>"


def _cell(content: RenderableType, column: Column, place: int) -> str:
    """Write a cell; the first of a row says what the row is about."""
    text = _inner(content)
    if place == 0 and text:
        return f'<th scope="row"{_class(text, column)}>{text}</th>'
    return f"<td{_class(text, column)}>{text}</td>"


def _class(text: str, column: Column) -> str:
    """Return how a cell looks: figures to the right, and neither they nor short texts on several lines."""
    return ' class="r"' if column.justify == "right" else ' class="n"' if text and len(text) <= _SHORT else ""


def _inner(content: RenderableType) -> str:
    return "<br>".join(map(escape, str(content).split("\n")))
