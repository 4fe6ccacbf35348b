"""The map of the best planners in letters, for a terminal."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.report.text import uncut
from edgesim.sweeps.axes import Axis
from edgesim.sweeps.regions import NOBODY, NOTHING, Regions, best_regions
from edgesim.sweeps.steps import MOST_HOLDERS
from edgesim.sweeps.summary import counted
from edgesim.sweeps.swept import MEMORIES, Swept
from edgesim.sweeps.words import share
from edgesim.units import show_bytes

ROWS, COLUMNS = 16, 64
"""A map in letters has no more."""
OTHERS = "*"
_WIDEST = 96


def regions_text(sweep: Swept, found: Regions) -> Iterator[RenderableType]:
    """Yield the map in letters, how to read it, and each planner's part."""
    shown = best_regions(sweep, found.x, found.y, (_folded(found.y, ROWS), _folded(found.x, COLUMNS)))
    met = f"meet the target {sweep.limit}".rstrip()
    yield Text(f"Best planner of those that {met}: best quality, then least memory, then least latency", "bold")
    if found.x and found.met:
        yield Text("\n".join(region_lines(shown, found.planners)), no_wrap=True, overflow="ignore")
        yield from (Text(line, "dim") for line in _explained(found, shown))
    if found.regions:
        yield _region_table(found)
    where = f"{found.places - found.met:,} of {counted(found.places, 'place')} (combinations of values)"
    yield Text(f"At {where} nobody meets the target {sweep.limit}".rstrip() + ".")
    if found.leaner and not sweep.limit:
        yield Text(_memory(sweep, found))


def _folded(axis: Axis | None, most: int) -> int:
    """Return how many rows or columns there are if as many values as needed are put together in each."""
    many = len(axis.values) if axis else 1
    return -(-many // -(-many // most))


def _memory(sweep: Swept, found: Regions) -> str:
    """Say that who is best may be so for having more memory than others."""
    less = "holds less" if sweep.memory == MEMORIES["held"] else "needs less at the peak"
    return (
        f"Memory does not limit who is best: at {counted(found.leaner, 'place')} another that {less}, by up to "
        f"{show_bytes(found.saved_bytes)}, meets the target, too. Limit it with --within SIZE."
    )


def _explained(found: Regions, shown: Regions) -> Iterator[str]:
    up = f", {found.y.name} up" if found.y else ""
    yield f"{found.x.name if found.x else ''} across{up}; a dot: nobody meets the target"
    if found.winners.shape != shown.winners.shape:
        (rows, columns), (high, wide) = shown.winners.shape, found.winners.shape
        yield f"{high} x {wide} values are put together to {rows} x {columns} letters, named by the first of them."
    if found.over or found.winners.shape != shown.winners.shape:
        over = " and ".join(f"{many:,} values of {key}" for key, many in found.over.items())
        inside = f" (over {over})" if over else ""
        yield f"A letter is the planner that is best at more of its places than others{inside}; a capital: at all."


def _region_table(found: Regions) -> Table:
    table = Table("", "planner", box=None, pad_edge=False)
    for heading in ("of the map", "best at", "alone at"):
        table.add_column(heading, justify="right")
    for rank, one in enumerate(found.regions[:MOST_HOLDERS]):
        shares = share(one.cells, found.cells), *(share(many, found.places) for many in (one.best, one.alone))
        table.add_row(letter_of(rank), Text(one.planner), *shares)
    if len(found.regions) > MOST_HOLDERS:
        table.add_row("", Text(f"{len(found.regions) - MOST_HOLDERS} more", "dim"))
    return uncut(table)


def letter_of(planner: int, *, everywhere: bool = True) -> str:
    """Return the letter of a planner by its rank: small where it is not best everywhere."""
    letter = ascii_uppercase[planner] if planner < len(ascii_uppercase) else OTHERS
    return letter if everywhere else letter.lower()


def region_lines(regions: Regions, order: Sequence[str]) -> list[str]:
    """Return the map, high values of the vertical axis on top, with the values of both axes.

    Parameters
    ----------
    regions
        At most `ROWS` by `COLUMNS`.
    order
        The planners by their letters, all of `Regions.planners`.
    """
    ranks = [order.index(planner) for planner in regions.planners]
    rows, columns = regions.winners.shape
    labels = _firsts(regions.y, regions.y.labels, rows) if regions.y else [""] * rows
    ticks = _firsts(regions.x, regions.x.ticks, columns) if regions.x else [""]
    margin, wide = max(map(len, labels)), _width(ticks)
    lines = []
    for row in reversed(range(rows)):
        cells = zip(regions.winners[row].tolist(), regions.everywhere[row].tolist(), strict=True)
        text = "".join(f"{_letter(winner, ranks, everywhere):>{wide}}" for winner, everywhere in cells)
        lines.append(f"{labels[row]:>{margin}} |{text}")
    lines.append(f"{'':{margin}}  {_ruler(ticks, wide)}")
    return [line.rstrip() for line in lines]


def _width(ticks: Sequence[str]) -> int:
    """Return how wide columns are: as wide as their values if there is room for all of these."""
    full = max(map(len, ticks)) + 1
    return full if full * len(ticks) <= _WIDEST else 2 if 2 * len(ticks) <= COLUMNS else 1


def _letter(winner: int, ranks: Sequence[int], everywhere: bool) -> str:
    return {NOBODY: ".", NOTHING: " "}.get(winner) or letter_of(ranks[winner], everywhere=everywhere)


def _firsts(axis: Axis, values: Sequence[str], cells: int) -> list[str]:
    """Return the first value of each row or column."""
    many = len(axis.values)
    return [values[-(-cell * many // cells)] for cell in range(cells)]


def _ruler(ticks: Sequence[str], wide: int) -> str:
    """Write values below their columns: all, or as many as there is room for, the first and the last among them."""
    if wide > max(map(len, ticks)):
        return "".join(f"{tick:>{wide}}" for tick in ticks)
    last = len(ticks) - 1
    line, end = f"{'':{wide - 1}}^{ticks[0]}", wide - 1 + last * wide
    for place in range(1, last):
        at = wide - 1 + place * wide
        if at > len(line) and at + len(ticks[place]) + 2 < end:
            line = f"{line:{at}}^{ticks[place]}"
    return f"{line:{end}}^{ticks[last]}" if last else line
