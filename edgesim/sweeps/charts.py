"""The map of the best planners in letters, for a terminal."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edgesim.plot.heat import shortened
from edgesim.quantities import counted
from edgesim.report.fitted import Drawn, table_of
from edgesim.sweeps.axes import Axis
from edgesim.sweeps.figures import MEMORIES
from edgesim.sweeps.regions import NOBODY, NOTHING, Regions, best_regions
from edgesim.sweeps.steps import MOST_HOLDERS
from edgesim.sweeps.swept import Swept
from edgesim.sweeps.words import percent, share
from edgesim.units import show_bytes

ROWS, COLUMNS = 16, 64
"""A map in letters has no more."""
OTHERS = "*"
_WIDEST, _MARGIN = 96, 30
"""So wide is a map whose columns are as wide as their values, and so long a value of its rows."""


def regions_text(sweep: Swept, found: Regions) -> Iterator[RenderableType]:
    """Yield the map in letters, how to read it, and each planner's part."""
    yield Text(f"Best planner of those that {sweep.aim}: best quality, then least memory, then least latency", "bold")
    if found.x and found.met:
        yield Drawn(lambda room: _map(sweep, found, room))
    if found.regions:
        yield _region_table(found)
    yield from map(Text, _where(sweep, found))
    if found.leaner and not sweep.limit:
        yield Text(_memory(sweep, found))


def _map(sweep: Swept, found: Regions, room: int) -> RenderableType:
    """Draw the map, with as many columns as there is room for."""
    margin = min(_MARGIN, max(map(len, found.y.labels))) if found.y else 0
    most = min(COLUMNS, room - margin - 2)
    shown = best_regions(sweep, found.x, found.y, (_folded(found.y, ROWS), _folded(found.x, most)))
    lines = "\n".join(region_lines(shown, found.planners, room))
    return Group(
        Text(lines, no_wrap=True, overflow="ignore"),
        *(Text(line, "dim") for line in _explained(found, shown, room - margin - 2)),
    )


def _where(sweep: Swept, found: Regions) -> Iterator[str]:
    """Say at how many places nobody meets the target, and at how many there is nothing to meet it."""
    met, missed = sweep.aim.replace("meet", "meets", 1), found.places - found.met
    if found.places and not missed:
        yield f"At every place ({counted(found.places, 'combination')} of values) some planner {met}."
    elif missed:
        yield f"At {missed:,} of {counted(found.places, 'place')} (combinations of values) nobody {met}."
    if found.places and not found.met and found.nearest and (sweep.terms.sessions or sweep.terms.seeds):
        yield f"The largest share in time at any place is {percent(found.nearest)}; --met SHARE asks for less than all."
    if found.nowhere:
        yield f"At {counted(found.nowhere, 'more place')} there is no such scenario (invalid); they count for nothing."


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


def _explained(found: Regions, shown: Regions, room: int) -> Iterator[str]:
    up = f", {found.y.name} up" if found.y else ""
    signs = {NOBODY: "a dot: nobody meets the target", NOTHING: "blank: left out, or no such scenario"}
    told = "".join(f"; {text}" for sign, text in signs.items() if (shown.winners == sign).any())
    names = _signs(found.x, shown.winners.shape[1], room)[1] if found.x else ""
    yield f"{found.x.name if found.x else ''} across{names}{up}{told}"
    if found.winners.shape != shown.winners.shape:
        (rows, columns), (high, wide) = shown.winners.shape, found.winners.shape
        yield f"{high} x {wide} values are put together to {rows} x {columns} letters, named by the first of them."
    if found.over or found.winners.shape != shown.winners.shape:
        over = " and ".join(f"{many:,} values of {key}" for key, many in found.over.items())
        inside = f" (over {over})" if over else ""
        letter = f"A letter is the planner that is best at more of its places than others{inside}"
        yield f"{letter}; a capital: at every one of them."


def _region_table(found: Regions) -> Table:
    table = table_of(["", "planner"], ["of the map", "best at", "alone at"])
    for rank, one in enumerate(found.regions[:MOST_HOLDERS]):
        shares = share(one.cells, found.cells), *(share(many, found.places) for many in (one.best, one.alone))
        table.add_row(letter_of(rank), Text(one.planner), *shares)
    if len(found.regions) > MOST_HOLDERS:
        table.add_row("", Text(f"{len(found.regions) - MOST_HOLDERS} more", "dim"))
    return table


def letter_of(planner: int, *, everywhere: bool = True) -> str:
    """Return the letter of a planner by its rank: small where it is not best everywhere."""
    letter = ascii_uppercase[planner] if planner < len(ascii_uppercase) else OTHERS
    return letter if everywhere else letter.lower()


def region_lines(regions: Regions, order: Sequence[str], room: int = 1000) -> list[str]:
    """Return the map, high values of the vertical axis on top, with the values of both axes.

    Parameters
    ----------
    regions
        At most `ROWS` by `COLUMNS`.
    order
        The planners by their letters, all of `Regions.planners`.
    room
        How wide a line may be; with one column of a letter for each there is room enough.
    """
    ranks = [order.index(planner) for planner in regions.planners]
    rows, columns = regions.winners.shape
    labels = _firsts(regions.y, regions.y.labels, rows) if regions.y else [""] * rows
    labels = [shortened(label, _MARGIN) for label in labels]
    room -= max(map(len, labels)) + 2
    ticks = _signs(regions.x, columns, room)[0] if regions.x else [""]
    margin = max(map(len, labels))
    wide = _width(ticks, room)
    lines = []
    for row in reversed(range(rows)):
        cells = zip(regions.winners[row].tolist(), regions.everywhere[row].tolist(), strict=True)
        text = "".join(f"{_letter(winner, ranks, everywhere):>{wide}}" for winner, everywhere in cells)
        lines.append(f"{labels[row]:>{margin}} |{text}")
    lines.append(f"{'':{margin}}  {_ruler(ticks, wide, room)}")
    return [line.rstrip() for line in lines]


def _signs(axis: Axis, columns: int, room: int) -> tuple[Sequence[str], str]:
    """Return what is below the columns: their first values, or numbers of names that are too long, and these."""
    ticks = _firsts(axis, axis.ticks, columns)
    if axis.sized or (1 + max(map(len, ticks))) * columns <= min(_WIDEST, room):
        return ticks, ""
    numbers = [str(number) for number in range(1, columns + 1)]
    return numbers, f" ({', '.join(map(' '.join, zip(numbers, ticks, strict=True)))})"


def _width(ticks: Sequence[str], room: int) -> int:
    """Return how wide columns are: as wide as their values if there is room for all of these."""
    full = max(map(len, ticks)) + 1
    return full if full * len(ticks) <= min(_WIDEST, room) else 2 if 2 * len(ticks) <= min(COLUMNS, room) else 1


def _letter(winner: int, ranks: Sequence[int], everywhere: bool) -> str:
    return {NOBODY: ".", NOTHING: " "}.get(winner) or letter_of(ranks[winner], everywhere=everywhere)


def _firsts(axis: Axis, values: Sequence[str], cells: int) -> list[str]:
    """Return the first value of each row or column."""
    many = len(axis.values)
    return [values[-(-cell * many // cells)] for cell in range(cells)]


def _ruler(ticks: Sequence[str], wide: int, room: int) -> str:
    """Write values below their columns: all, or as many as there is room for, the first and the last among them."""
    if wide > max(map(len, ticks)):
        return "".join(f"{tick:>{wide}}" for tick in ticks)
    last = len(ticks) - 1
    line, end = f"{'':{wide - 1}}^{ticks[0]}", wide - 1 + last * wide
    final = f"^{ticks[last]}"
    if end + len(final) > room:  # the value is before its sign
        final, end = f"{ticks[last]}^", end - len(ticks[last])
    for place in range(1, last):
        at = wide - 1 + place * wide
        if at > len(line) and at + len(ticks[place]) + 2 < end:
            line = f"{line:{at}}^{ticks[place]}"
    return f"{line:{end}}{final}" if last and len(line) < end else line
