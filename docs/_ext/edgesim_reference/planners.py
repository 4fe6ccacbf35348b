"""The page of planners and backends, from what is installed."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from edgesim.plugins import BACKENDS, PLANNERS, find, installed
from edgesim.plugins.options import accepted, options_of
from edgesim_reference.docstrings import docstring_of
from edgesim_reference.markdown import linked, page, prose, table

_ABOUT = """A scenario names a planner by its name, with options or without: `planner: wrx`, or
`planner: {name: std_pipeline, options: {bitwidth: 6}}`; on the command line `--planner 'std_pipeline[bitwidth=6]'`.
Every planner gets the model, the device and the budget (processor, target latency, preload buffer and load buffer),
and returns a plan, or says which budget is short and by how much. `edgesim list planners` has those of other packages,
too."""
_BACKENDS = """A backend executes a plan. `edgesim run`, and all that compares planners, uses `simulated`;
`edgesim validate` uses both."""


def planner_page() -> str:
    """Return the page: a section for each planner and each backend, with its options and where it comes from."""
    planners, backends = (
        {name: find(group, name, Path()) for name in installed(group)} for group in (PLANNERS, BACKENDS)
    )
    index = [(f"[`{name}`](#planner-{name})", prose(docstring_of(one).summary)) for name, one in planners.items()]
    return page("Planners and backends", _ABOUT, table(("planner", "what it does"), index),
                *(part for name, one in planners.items() for part in _function("planner", name, one)),
                "## Backends", _BACKENDS,
                *(part for name, one in backends.items() for part in _function("backend", name, one)))  # fmt: skip


def _function(kind: str, name: str, function: Callable[..., Any]) -> Iterator[str]:
    said = docstring_of(function)
    yield f"({kind}-{name})=\n\n{'##' if kind == 'planner' else '###'} {name}"
    yield from map(linked, (said.summary, *said.more))
    rows = []
    for option, item in options_of(function).items():
        needed = item.default is inspect.Parameter.empty
        rows.append([
            f"`{option}` *required*" if needed else f"`{option}`",
            prose(re.sub(r"'([^']+)'|({.*}|true|false|null)", r"`\1\2`", accepted(item.annotation))),
            "" if needed else f"`{_shown(item.default)}`",
            prose(re.sub(r"\bNone\b", "`null`", said.parameters[option])),
        ])  # fmt: skip
    yield table(("option", "value", "default", "meaning"), rows) if rows else "It has no options."
    yield from map(linked, said.notes)
    yield from (linked(_addressed(each)) for each in _sources(function))


def _shown(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _sources(function: Callable[..., Any]) -> Iterator[str]:
    """Yield where an idea comes from, as its module says it."""
    said = docstring_of(sys.modules[function.__module__])
    yield from (each for each in (said.summary, *said.more, *said.notes) if each.startswith("Source"))


def _addressed(text: str) -> str:
    """Add the address of what has a number at arXiv."""
    return re.sub(r"arXiv (\d{4}\.\d{5})", r"arXiv \1, https://arxiv.org/abs/\1", text)
