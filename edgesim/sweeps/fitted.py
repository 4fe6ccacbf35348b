"""Tables that fit: the widest form that there is room for, with fewer digits or columns where there is less."""

from collections.abc import Callable, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table

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
