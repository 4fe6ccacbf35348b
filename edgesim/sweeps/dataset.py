"""Keep the rows of a sweep in a folder, so that nothing ends it for good: a kill, a full disk or a power loss."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from edgesim.errors import EdgesimError
from edgesim.sweeps.begin import begin, make_room, now, write_manifest
from edgesim.sweeps.disk import locked, writing
from edgesim.sweeps.done import STATUS, Done, scan
from edgesim.sweeps.manifest import Identity, Manifest
from edgesim.sweeps.names import PLANNER, check_labels, next_number, part_path
from edgesim.sweeps.parts import POINT, check_installed, write_part
from edgesim.sweeps.runs import Runs

ROWS = 50_000
"""So many rows are written at once, whatever the time."""
SECONDS, SHARE = 5.0, 0.01
"""Or those of 5 s, or of 1 % of the time it has run so far if that is more: a kill costs no more than this, and a sweep
of days does not have millions of parts."""


class Dataset:
    """A dataset of a sweep, written by this process only; made by `Dataset.open`.

    What is done is what the parts say; the manifest is for people and may lag behind them. A row is in one part only: a
    part gets its name when it is whole, and rows that are given again are refused.
    """

    def __init__(self, folder: Path, manifest: Manifest, done: Done, notices: list[str]) -> None:
        self.folder, self.manifest, self._done = folder, manifest, done
        self.notices = notices
        """Sentences to tell: parts that were damaged, and are computed again."""
        self._frames: list[pd.DataFrame] = []
        self._number = next_number(folder)
        self._closed = False
        self._began = self._written = monotonic()

    @classmethod
    @contextmanager
    def open(
        cls,
        folder: Path,
        identity: Identity,
        columns: Mapping[str, str],
        *,
        units: Mapping[str, str] | None = None,
        resume: bool = False,
    ) -> "Iterator[Dataset]":
        """Begin a dataset, or go on with one; what was added is written when the ``with`` ends, however it does.

        Parameters
        ----------
        folder
            Where it is kept; it is made if it is missing.
        identity
            What makes it this sweep.
        columns
            pandas' type of each column of its rows, in order: ``Int64``, ``Float64``, ``boolean`` or ``string``.
            `point`, `planner` and `status` are among them.
        units
            What the numbers of some columns are in, as `edgesim.sweeps.ticks.units_of` returns it.
        resume
            Go on with what is there, if anything is.

        Raises
        ------
        InputError
            If pyarrow is missing, a label is too long, the folder has other files, another sweep, one that is not to
            be resumed or a point twice, cannot be written, or another process writes to it.
        ExecutionError
            If the disk is full.
        """
        check_installed()
        check_labels(identity.planners)
        make_room(folder, resume=resume)
        with locked(folder):
            make_room(folder, resume=resume)  # another process may have begun and ended since
            manifest = begin(folder, identity, columns, units or {})
            with writing(folder):
                done, notices = scan(folder, manifest)
                dataset = cls(folder, manifest, done, notices)
                dataset._note()
            try:
                yield dataset
            except BaseException:
                with suppress(EdgesimError):  # the first reason is the one to tell
                    dataset.close(complete=False)
                raise
            dataset.close(complete=False)

    def pending(self) -> Runs:
        """Return the points that have no row, among them those that the sweep's filters leave out."""
        return Runs(~self._done.known)

    def add(self, frame: pd.DataFrame) -> None:
        """Take rows, in any order; they are on disk some seconds later, or after `flush`.

        Raises
        ------
        ExecutionError
            If rows cannot be written: the next call has them pending again.
        ValueError
            If the columns are others, or a point or planner is not of this sweep, or has a row already.
        """
        if {name: str(kind) for name, kind in frame.dtypes.items()} != self.manifest.columns:
            raise ValueError(f"rows have other columns than the sweep: {dict(frame.dtypes)}")
        if unknown := set(frame[PLANNER].unique()) - set(self.manifest.identity.planners):
            raise ValueError(f"rows have planners that are not of the sweep: {unknown}")
        wrong = self._done.take(frame[POINT].to_numpy(np.int64))
        if wrong is not None:
            raise ValueError(f"point {wrong} is not of the sweep, or has a row already")
        self._frames.append(frame)
        time = monotonic()
        late = time - self._written >= max(SECONDS, SHARE * (time - self._began))
        if late or sum(map(len, self._frames)) >= ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was added, a part for each planner, and the manifest.

        Raises
        ------
        ExecutionError
            If it cannot be written.
        """
        with writing(self.folder):
            self._write_rows()
            self._note()
        self._written = monotonic()

    def _write_rows(self) -> None:
        frames, self._frames = self._frames, []  # first: whatever ends this, no row is written twice
        if frames:
            rows = pd.concat(frames, ignore_index=True).sort_values(POINT)
            for label, own in rows.groupby(PLANNER):
                self._write(str(label), own)

    def _write(self, label: str, rows: pd.DataFrame) -> None:
        path = part_path(self.folder, label, rows[POINT].iloc[0], self._number)
        self._number += 1
        write_part(path, rows, self.manifest.columns)
        self._done.count(path.relative_to(self.folder).as_posix(), label, Counter(rows[STATUS].tolist()))

    def close(self, *, complete: bool) -> Manifest:
        """Write what was added, and that this call has ended; a second time nothing happens.

        Parameters
        ----------
        complete
            Nothing is left to do.

        Returns
        -------
        Manifest
            What the dataset says of itself.

        Raises
        ------
        ExecutionError
            If it cannot be written.
        """
        if not self._closed:
            self._closed = True
            with writing(self.folder):
                self._write_rows()
                *before, call = self.manifest.calls
                ended = call.model_copy(update={"ended": now()})
                self.manifest = self.manifest.model_copy(update={"complete": complete, "calls": (*before, ended)})
                self._note()
        return self.manifest

    def _note(self) -> None:
        counts = {label: dict(found) for label, found in sorted(self._done.counts.items())}
        self.manifest = self.manifest.model_copy(update={"counts": counts, "parts": dict(self._done.parts)})
        write_manifest(self.folder, self.manifest)
