"""Read a dataset of a sweep as a frame."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from edgesim.errors import InputError, choose
from edgesim.sweeps.manifest import Manifest, read_manifest
from edgesim.sweeps.names import label_of
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
        Exact, in pandas' nullable types: integers stay integers where others are NA. ``attrs["units"]`` has the units
        of columns that are named by a key.

    Raises
    ------
    InputError
        If the folder is no sweep, has no such column or planner, a part is damaged or missing, or a point is there
        twice.
    """
    return _read(folder, columns, planners, categories=False)


def read_compact(folder: str | Path, columns: Sequence[str], planners: Sequence[str]) -> pd.DataFrame:
    """Read the rows of a sweep as `read_sweep` does, with texts as categories: in less than half of the memory."""
    return _read(folder, columns, planners, categories=True)


def _read(
    folder: str | Path, columns: Sequence[str] | None, planners: Sequence[str] | None, *, categories: bool
) -> pd.DataFrame:  # fmt: skip
    check_installed()
    manifest = read_manifest(folder)
    chosen = list(manifest.columns if columns is None else columns)
    labels = list(manifest.identity.planners if planners is None else planners)
    _check_known(folder, "column", chosen, manifest.columns)
    _check_known(folder, "planner", labels, manifest.identity.planners)
    _check_there(Path(folder), manifest, labels)
    kinds = {name: manifest.columns[name] for name in chosen}
    rows = read_rows(Path(folder), kinds, set(labels), categories=categories)
    rows.attrs["units"] = manifest.units
    return rows


def _check_there(folder: Path, manifest: Manifest, labels: Sequence[str]) -> None:
    """Refuse to read a part of what was written as if it were all."""
    gone = [name for name in manifest.parts if label_of(Path(name)) in labels and not (folder / name).exists()]
    if gone:
        more = f", as are {len(gone) - 1:,} more parts" if len(gone) > 1 else ""
        raise InputError(
            f"{folder / gone[0]}: is missing{more}; put it back, or compute its points again with --resume"
        )


def _check_known(folder: str | Path, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{folder}: has no {what} '{name}'; {choose(name, known)}")
