"""Read a dataset of a sweep as a frame."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from edgesim.errors import InputError, choose
from edgesim.sweeps.manifest import read_manifest
from edgesim.sweeps.parts import check_installed, read_rows


def read_sweep(
    folder: str | Path, columns: Sequence[str] | None = None, planners: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read the rows of a sweep, finished or not, in the order of their points.

    Parameters
    ----------
    folder
        Where the sweep was kept.
    columns
        Which to read; by default all.
    planners
        Labels of those whose rows are read; by default all.

    Returns
    -------
    pandas.DataFrame
        Exact, in pandas' nullable types: integers stay integers where others are NA.

    Raises
    ------
    InputError
        If the folder is no sweep, has no such column or planner, or a part is damaged.
    """
    check_installed()
    manifest = read_manifest(folder)
    chosen = list(manifest.columns if columns is None else columns)
    labels = list(manifest.identity.planners if planners is None else planners)
    _check_known(folder, "column", chosen, manifest.columns)
    _check_known(folder, "planner", labels, manifest.identity.planners)
    return read_rows(Path(folder), {name: manifest.columns[name] for name in chosen}, set(labels))


def _check_known(folder: str | Path, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{folder}: has no {what} '{name}'; {choose(name, known)}")
