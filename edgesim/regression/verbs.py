"""The verbs `regress` and `record`: compare the plans of a grid with what they were, or write down what they are."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from edgesim.errors import InputError
from edgesim.files import check_writable, read_grid
from edgesim.grid import Grid
from edgesim.regression.cells import Outcomes, Side, Trial, cells, outcomes
from edgesim.regression.classify import Failure, Outcome, classify
from edgesim.regression.findings import Compared, Regression
from edgesim.regression.record import read_record, rounded, write_record
from edgesim.regression.revision import Trees, exported
from edgesim.regression.timing import sample, timings

SHIPPED = "regress"
"""The grid that comes with the package."""
Say = Callable[[str, int, int], None]


def regress(
    grid: str | Path | Grid = SHIPPED,
    *,
    base: str | None = None,
    against: str | Path | None = None,
    workers: int | None = None,
    progress: Say | None = None,
) -> Regression:
    """Compare planners' plans over a grid with those of a git revision, or with a record of them.

    Parameters
    ----------
    grid
        A grid, a file, or the name of a shipped one.
    base
        A revision of the repository around the current folder: its planners are asked as well as those of the working
        tree, and how long both take is compared.
    against
        A file that `record` wrote.
    workers
        How many processes; by default one for each core.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If a file or argument is wrong, there is no such revision, or the file is of another grid.
    PluginError
        If a planner cannot be found.
    """
    if (base is None) == (against is None):
        raise InputError("regress: needs a git revision as base, or a file to compare against; not both")
    given, say = _grid(grid), progress or _silent
    if against is not None:
        old = read_record(Path(against), given)
        new = [rounded(outcome) for outcome in _here(given, workers, say)]
        return _compared(given, str(against), list(zip(old, new, strict=True)))
    with exported(str(base), any(":" in choice.name for choice in given.planners)) as trees:
        return _since(given, trees, workers, say)


def record(
    path: str | Path, grid: str | Path | Grid = SHIPPED, *, workers: int | None = None, progress: Say | None = None
) -> Regression:
    """Write down the plans of a grid, for `regress` to compare against.

    Parameters
    ----------
    path
        The file to write, gzipped if it ends in ``.gz``.
    grid, workers, progress
        As for `regress`.

    Returns
    -------
    Regression
        With nothing to compare with: every cell is new.

    Raises
    ------
    InputError
        If a file is wrong, or cannot be written.
    PluginError
        If a planner cannot be found.
    """
    check_writable(Path(path))
    given = _grid(grid)
    found = _here(given, workers, progress or _silent)
    write_record(Path(path), given, found)
    return _compared(given, "nothing", [(Failure("absent"), outcome) for outcome in found])


def _silent(what: str, done: int, every: int) -> None:
    """Show nothing."""


def _grid(grid: str | Path | Grid) -> Grid:
    given = grid if isinstance(grid, Grid) else read_grid(grid)
    if not given.scenarios:
        raise InputError(f"{given.name}: none of its devices was measured for any of its models")
    return given


def _here(grid: Grid, workers: int | None, say: Say) -> list[Outcome]:
    trial = Trial.of(grid, [Side(None, grid.folder)])
    return [new for (new,) in outcomes(trial, workers, partial(say, "cells"))]


def _since(grid: Grid, trees: Trees, workers: int | None, say: Say) -> Regression:
    """Ask old and new planners, each in processes of their own, and judge both alike."""
    sides = [Side(trees.old, trees.then(grid.folder)), Side(trees.new, grid.folder)]
    with closing(Trial.of(grid, sides)) as trial:
        found = outcomes(trial, workers, partial(say, "cells"))
        if all(isinstance(old, Failure) and old.kind == "absent" for old, _ in found):
            why = getattr(found[0][0], "message", "")
            raise InputError(f"--base: nothing of the grid can be planned by {trees.revision}: {why}")
        timed = timings(trial, sample(cells(grid), found), grid.tolerance, say)
    compared = _compared(grid, str(trees), found)
    return Regression(grid, compared.against, compared.cells, tuple(timed))


def _compared(grid: Grid, against: str, found: Sequence[Outcomes]) -> Regression:
    rows = (
        Compared(cell, old, new, classify(old, new, grid.tolerance))
        for cell, (old, new) in zip(cells(grid), found, strict=True)
    )
    return Regression(grid, against, tuple(rows))
