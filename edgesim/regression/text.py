"""A comparison of old and new plans for people: on a terminal, and as Markdown for a pull request."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.files.shipped import shipped_key
from edgesim.files.text import one_line
from edgesim.quantities import counted, size_text, time_text
from edgesim.regression.cells import Cell
from edgesim.regression.classify import CATEGORIES, FIELDS, WORSE, Figures, Outcome
from edgesim.regression.findings import Compared, Regression
from edgesim.regression.record import place_of
from edgesim.regression.timing import Timing
from edgesim.report.text import uncut
from edgesim.units import show_bytes, show_ns

MOST_SHOWN = 10
"""Of more cells, the worst are shown; the JSON has all that changed."""
_MOST_REASONS = 6
_STYLES = {"regression": "bold red", "slower": "bold red", "drift": "yellow", "gain": "green", "fixed": "green"}


def regression_text(found: Regression) -> RenderableType:
    """Show counts by planner and category, why, the worst cells and how to see them again, and the answer."""
    parts: list[RenderableType] = [Text(_title(found), "bold"), _table(found)]
    parts += [Text(sentence) for sentence in _why(found)]
    for what, how in _worst(found):
        parts += [Text(what, "red"), Text(f"  {how}", "dim", no_wrap=True, overflow="ignore")]  # to be copied
    return Group(*parts, Text(_answer(found), "bold red" if found.failed else "bold green"))


def regression_markdown(found: Regression) -> str:
    """Write the same for a pull request."""
    heads, rows = _heads(found), [[f"`{row[0]}`", *row[1:]] for row in _rows(found)]
    lines = [f"**{_answer(found)}** {_title(found)}.", ""]
    lines += [
        f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
        for cells in (heads, ["---", *["---:"] * (len(heads) - 1)], *rows)
    ]
    lines += ["", *(f"- {sentence}" for sentence in _why(found))]
    for what, how in _worst(found):
        lines += [f"- {what}", "", "      " + how, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _title(found: Regression) -> str:
    grid = found.grid
    devices, models = ({getattr(one, part).name for one in grid.scenarios} for part in ("device", "model"))
    counts = {"cell": len(found.cells), "planner": len(grid.planners), "model": len(models)}
    asked = ", ".join(counted(count, thing) for thing, count in counts.items())
    return one_line(f"{grid.name}: {asked} on {counted(len(devices), 'device')}, against {found.against}")


def _heads(found: Regression) -> list[str]:
    return ["planner", "cells", *CATEGORIES, *(["planning time"] if found.timings else [])]


def _rows(found: Regression) -> Iterator[list[str]]:
    """Yield a row for each planner: how many cells in each category, and how planning time has changed."""
    for label, counts in found.counts.items():
        own = [one for one in found.timings if found.label(one.cell) == label]
        many = sum(counts.values()) - counts["slower"]
        ratio = sum(one.new_ns for one in own) / max(1, sum(one.old_ns for one in own))
        timed = [f"{ratio:.2f} x" if own else "-"] if found.timings else []
        yield [one_line(label), str(many), *(str(counts[name] or "-") for name in CATEGORIES), *timed]


def _table(found: Regression) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(_heads(found)):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for row in _rows(found):
        cells = (
            Text(cell, _STYLES.get(head, "") if cell != "-" else "")
            for head, cell in zip(_heads(found), row, strict=True)
        )
        table.add_row(*cells)
    return uncut(table)


def _why(found: Regression) -> Iterator[str]:
    """Say what has no cells, and for each category and planner what changed: a part of the plan, or a figure."""
    if found.grid.left_out:
        yield one_line(found.grid.left_out)
    unasked = Counter(one.old.message for one in found.cells if one.verdict.category == "new")  # type: ignore[union-attr]
    for message, many in unasked.most_common(_MOST_REASONS):
        yield one_line(f"new: nothing to compare {counted(many, 'cell')} with: {message}")
    for category in CATEGORIES:
        own = [one for one in found.cells if one.verdict.category == category and one.verdict.reasons]
        for label in dict.fromkeys(found.label(one.cell) for one in own):
            reasons = Counter(reason for one in own if found.label(one.cell) == label for reason in one.verdict.reasons)
            listed = ", ".join(f"{reason} in {many}" for reason, many in reasons.most_common())
            yield one_line(f"{category}: {label}: {listed}")
    if again := [one for one in found.timings if one.was_repeated]:
        slower, turns = sum(one.verdict.category == "slower" for one in again), max(one.turns for one in again)
        cells = counted(len(again), "cell")
        yield f"planning time: {cells} seemed slower, and took up to {turns} turns of old and new; {slower} still are"


def _worst(found: Regression) -> Iterator[tuple[str, str]]:
    """Yield the worst cells, one after the other of each planner, in words and as a command that shows the plan."""
    turn, ranked = Counter[str](), []
    for place, one in enumerate(sorted(found.worse, key=lambda one: -one.verdict.change)):
        ranked.append((turn[found.label(one.cell)], place, one))
        turn[found.label(one.cell)] += 1
    for _, _, one in sorted(ranked, key=lambda pair: pair[:2])[:MOST_SHOWN]:
        yield one_line(_sentence(found, one)), command(found, one.cell)


def _sentence(found: Regression, one: Compared | Timing) -> str:
    cell = one.cell
    room = "unlimited" if cell.load_buffer_bytes is None else show_bytes(cell.load_buffer_bytes)
    where = f"{place_of(found.grid.scenarios[cell.place])}, {show_ns(cell.target_latency_ns)}, preload buffer" \
            f" {show_bytes(cell.preload_bytes)}, load buffer {room}"  # fmt: skip
    return f"{one.verdict.category}: {found.label(cell)} on {where}: {_change(one)}"


def _change(one: Compared | Timing) -> str:
    if isinstance(one, Timing):
        return f"{show_ns(one.old_ns)} to plan -> {show_ns(one.new_ns)}, the least of {one.turns} turns each"
    return "; ".join(
        f"{reason} {_shown(one.old, reason)} -> {_shown(one.new, reason)}" for reason in one.verdict.reasons
    )


def _shown(outcome: Outcome, reason: str) -> str:
    """Show what a reason is about, before or after."""
    if not isinstance(outcome, Figures):
        return f"{outcome.kind} ({outcome.message})"
    if reason == "target":
        return show_ns(outcome.latency_ns)
    if reason == "memory":
        return show_bytes(outcome.peak_memory_bytes)
    if reason not in FIELDS:
        return "a plan"
    value = getattr(outcome, FIELDS[reason])
    if value is None or isinstance(value, float):
        return "unknown" if value is None else f"{value:.4f}"
    return show_ns(value) if FIELDS[reason].endswith("_ns") else show_bytes(value)


def command(found: Regression, cell: Cell) -> str:
    """Return a line of shell that shows the plan of a cell."""
    grid, scenario = found.grid, found.grid.scenarios[cell.place]
    device, model = grid.devices.index(scenario.device), grid.models.index(scenario.model)
    room = "unlimited" if cell.load_buffer_bytes is None else size_text(cell.load_buffer_bytes)
    keys = {
        "schema": "edgesim.scenario/1", "device": _named(grid.device_files[device]), "processor": scenario.processor,
        "model": _named(grid.model_files[model]), "planner": "wrx", "target_latency": time_text(cell.target_latency_ns),
        "preload_buffer": size_text(cell.preload_bytes), "load_buffer": room,
    }  # fmt: skip
    text = "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
    return f"echo {quote(text)} > cell.yaml && edgesim plan cell.yaml --planner {quote(found.label(cell))}"


def _named(file: str) -> str:
    """Name a file as it can be named anywhere: a shipped one by its name, one below the current folder from there."""
    path, here = Path(file), Path.cwd()
    if shipped_key(path):
        return path.stem
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def _answer(found: Regression) -> str:
    many = Counter(one.verdict.category for one in found.every)
    if not found.failed:
        return f"No regression: {many['unchanged']:,} of {len(found.cells):,} cells are as they were."
    worse = counted(many["regression"], "regression")
    sentences = {"regression": worse, "slower": f"{many['slower']:,} slower to plan"}
    return f"{', '.join(sentences[category] for category in WORSE if many[category])}."
