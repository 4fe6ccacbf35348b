"""What there is: planners, backends, and the files that come with the package."""

import inspect
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from edgesim.errors import EdgesimError
from edgesim.files import read_device, read_model, read_scenario, shipped_names
from edgesim.plugins import BACKENDS, PLANNERS, find, installed, options_of

_READERS: dict[str, Any] = {"devices": read_device, "models": read_model, "scenarios": read_scenario}
_GROUPS = {"planners": PLANNERS, "backends": BACKENDS}


def listing(what: str) -> list[dict[str, str]]:
    """Return a row for each planner, backend, device, model or scenario: its name and one sentence."""
    if what in _GROUPS:
        return [_function_row(what, name) for name in installed(_GROUPS[what])]
    return [_file_row(what, name) for name in shipped_names(what)]  # type: ignore[arg-type]


def _file_row(what: str, name: str) -> dict[str, str]:
    try:
        return {"name": name, "about": _READERS[what](name).description}
    except EdgesimError as error:  # one broken file must not hide the others
        return {"name": name, "about": str(error)}


def _function_row(what: str, name: str) -> dict[str, str]:
    try:
        function = find(_GROUPS[what], name, Path())
    except EdgesimError as error:  # nor one broken plugin
        return {"name": name, "about": str(error), "options": ""}
    options = ", ".join(
        option if item.default is item.empty else f"{option}={item.default}"
        for option, item in options_of(function).items()
    )
    return {"name": name, "about": (inspect.getdoc(function) or "").partition("\n")[0], "options": options}


def listing_table(rows: list[dict[str, str]]) -> Table:
    """Show the rows."""
    table = Table(*(rows[0] if rows else ()), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row.values()))
    return table
