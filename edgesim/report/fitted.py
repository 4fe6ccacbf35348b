"""Tables that fit: the widest form that there is room for, with fewer digits or columns where there is less."""

from collections.abc import Callable, Collection, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 100_000


class Fitted:
    """The first of some renderables that is no wider than there is room; the last if none is, which folds texts."""

    def __init__(self, *choices: RenderableType) -> None:
        self._choices = choices

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose when it is known how much room there is."""
        *wider, last = self._choices
        free = options.update_width(_UNBOUNDED)
        yield next((one for one in wider if console.measure(one, options=free).maximum <= options.max_width), last)


class Narrowed:
    """A table without the columns that there is no room for, and a line that names them.

    Parameters
    ----------
    draw
        Makes the table without some columns, by their names.
    steps
        Columns to do without: the first of these with which the table fits, or else the last.
    """

    def __init__(self, draw: Callable[[Collection[str]], Table], steps: Sequence[Sequence[str]]) -> None:
        self._draw, self._steps = draw, steps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table with as many columns as fit, and say which do not."""
        tables = ((left_out, self._draw(left_out)) for left_out in ((), *self._steps))
        free = options.update_width(_UNBOUNDED)
        for left_out, table in tables:
            if console.measure(table, options=free).maximum <= options.max_width or left_out == self._steps[-1]:
                yield table
                if left_out:
                    yield Text(f"A wider window shows more columns: {', '.join(left_out)}.", "dim")
                return


def ever_fewer(names: Sequence[str], there: Collection[str]) -> list[list[str]]:
    """Return for `Narrowed` what to do without, one column after the other, of those that are there."""
    known = [name for name in names if name in there]
    return [known[: count + 1] for count in range(len(known))]


class Drawn:
    """What is made only when it is known how wide it may be."""

    def __init__(self, draw: Callable[[int], RenderableType]) -> None:
        self._draw = draw

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Make it."""
        yield self._draw(options.max_width)


def table_of(texts: Sequence[str], figures: Sequence[str], last: Sequence[str] = ()) -> Table:
    """Return an empty table: columns of texts, which may be folded, figures, which are not, and more texts."""
    table = Table(box=None, pad_edge=False)
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in last:
        table.add_column(heading, overflow="fold")
    return table
