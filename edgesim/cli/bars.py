"""Progress bars on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from edgesim.cli.progress import Say


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate; nothing before it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


class _Done(ProgressColumn):
    """How many are done, and of how many."""

    def render(self, task: Task) -> Text:
        """Return both numbers."""
        return Text(f"{task.completed:,.0f} of {task.total or 0:,.0f}", style="progress.download")


@contextmanager
def bars(*, rate: bool) -> Iterator[Say]:
    """Show how far a long work is, with the time left, and with its rate where that tells something."""
    columns = [TextColumn("{task.description}"), BarColumn(), _Done(), TimeRemainingColumn()]
    with Progress(*columns, *([_Rate()] if rate else []), console=Console(stderr=True)) as shown:
        known = {}

        def say(what: str, done: int, every: int) -> None:
            if what not in known:
                known[what] = shown.add_task(what, total=every)
            shown.update(known[what], completed=done, total=every)

        yield say
