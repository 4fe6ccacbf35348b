"""What there is: planners and backends that are installed, and the files that come with the package."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from edgesim.errors import EdgesimError, InputError, choose
from edgesim.files import shipped_names
from edgesim.files.shipped import shipped_folder
from edgesim.plugins import BACKENDS, PLANNERS, find, installed, options_of
from edgesim.plugins import Group as Plugins
from edgesim.report.shipped import COLUMNS, FILES, about_file, file_facts

Row = dict[str, Any]
_PLUGINS: dict[str, Plugins] = {"planners": PLANNERS, "backends": BACKENDS}


def overview(kinds: Iterable[str]) -> dict[str, int]:
    """Return how many there are of each kind: planners, backends, devices, models or scenarios."""
    return {kind: len(_names(kind)) for kind in kinds}


def overview_text(counts: Mapping[str, int]) -> RenderableType:
    """Show how many there are of each kind, and how to see them."""
    lines = [f"{count:>4} {kind:<10}  edgesim list {kind}" for kind, count in counts.items()]
    return Text("\n".join([*lines, "", "A part of a name after it shows only those, and a whole name all about it."]))


def listing(kind: str, part: str = "") -> list[Row]:
    """Return a row for each planner, backend, device, model or scenario: its name, a sentence, and what tells it apart.

    Parameters
    ----------
    kind
        ``planners``, ``backends``, ``devices``, ``models`` or ``scenarios``.
    part
        Only those whose names have this in them, or the one that is named so.

    Raises
    ------
    InputError
        If no name has that in it.
    """
    names = _names(kind)
    chosen = [part] if part in names else [name for name in names if part.lower() in name.lower()]
    if part and not chosen:
        raise InputError(f"{part}: none of the {kind} has this in its name; {choose(part, names)}")
    return [_plugin_row(_PLUGINS[kind], name) if kind in _PLUGINS else _file_row(kind, name) for name in chosen]


def _names(kind: str) -> list[str]:
    return list(installed(_PLUGINS[kind])) if kind in _PLUGINS else shipped_names(kind)  # type: ignore[arg-type]


def _file_row(kind: str, name: str) -> Row:
    path = shipped_folder(kind) / f"{name}.yaml"  # type: ignore[arg-type]
    try:
        return {"name": name, **file_facts(kind, name), "file": str(path)}
    except EdgesimError as error:  # one broken file must not hide the others
        return {"name": name, "about": str(error), "file": str(path), "unreadable": True}


def _plugin_row(group: Plugins, name: str) -> Row:
    try:
        function = find(group, name, Path())
    except EdgesimError as error:  # nor one broken plugin
        return {"name": name, "about": str(error), "options": ""}
    options = ", ".join(
        option if item.default is item.empty else f"{option}={_as_in_files(item.default)}"
        for option, item in options_of(function).items()
    )
    return {"name": name, "about": sentence(function), "options": options}


def sentence(function: Callable[..., Any]) -> str:
    """Return what a planner or backend says first of itself; nothing where it has no docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _as_in_files(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def listing_text(kind: str, rows: Sequence[Row]) -> RenderableType:
    """Show the rows, the sentence of each below it; of a single one all that there is to know."""
    if len(rows) == 1:
        return _only(kind, rows[0])
    columns = COLUMNS.get(kind, {})
    cells = [["name", *columns], *([row["name"], *_cells(columns, row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    parts: list[RenderableType] = [Text(lines[0], "bold")] if columns else []
    for line, row in zip(lines[1:], rows, strict=True):
        name = Text(line)
        name.stylize("bold", 0, len(row["name"]))
        below = filter(None, (row["about"], row.get("options") and f"options: {row['options']}"))
        parts += [name, *(Padding.indent(Text(text), 4) for text in below)]
    return Group(*parts)


def _cells(columns: Mapping[str, Callable[[Row], str]], row: Row) -> list[str]:
    if "unreadable" in row:
        return ["-"] * len(columns)
    return [show(row) for show in columns.values()]


def _only(kind: str, row: Row) -> RenderableType:
    if kind in FILES and "unreadable" not in row:
        return Group(about_file(kind, row["name"]), Text(f"\nfile: {row['file']}"))
    if kind in _PLUGINS:
        function = find(_PLUGINS[kind], row["name"], Path())
        doc = inspect.getdoc(function) or row["about"]
        return Group(Text(row["name"], "bold"), _readable(doc), Text(f"\noptions: {row['options'] or 'none'}"))
    return Group(Text(row["name"], "bold"), Text(row["about"]), Text(f"\nfile: {row['file']}"))


def _readable(docstring: str) -> Text:
    """Show a docstring without its markup: headings are lines in bold, code stands without backticks."""
    text = Text(re.sub(r"(?m)^(\w+)\n-+$", r"\1:", docstring).replace("`", ""))
    text.highlight_regex(r"(?m)^\w+:$", "bold")
    return text
