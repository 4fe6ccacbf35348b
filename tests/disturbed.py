"""A sweep of the command line that is disturbed, and what has become of its rows."""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pandas as pd
from called import Call, Swept
from swept import left_over

from edgesim.errors import InputError
from edgesim.sweeps.manifest import read_manifest
from edgesim.sweeps.reading import read_sweep


@dataclass
class Round:
    """One sweep that is disturbed: how often, by how many calls it was done, and all that is wrong."""

    swept: Swept
    folder: Path
    random: Random
    kills: int = 0
    calls: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    wrong: list[str] = field(default_factory=list)
    out: Path = field(init=False)
    """Where this process sees the dataset."""

    def __post_init__(self) -> None:
        """Begin with nothing there."""
        self.folder.mkdir(parents=True)
        self.out = self.folder / "out"
        self._points = set[int]()
        self._calls = 0

    @property
    def is_right(self) -> bool:
        """Whether its rows are those of an undisturbed sweep, and all ended as it should."""
        return not (self.lost or self.doubled or self.changed or self.wrong)

    def call(self, *options: str, enter: Sequence[str] = (), out: Path | None = None) -> Call:
        """Begin the sweep, or go on with it."""
        self._calls = self._stored()[0]
        options = (*options, "--resume") if self.calls else options
        self.calls += 1
        return Call(self.folder, self.swept.scenario, out or self.out, options, enter)

    def moment(self, call: Call) -> bool:
        """Wait until a call has written some share of the rows that are missing; tell whether it still runs."""
        every, before = len(self.swept.rows), len(self._points)
        wanted = before + self.random.random() * 0.7 * (every - before)
        while call.process.poll() is None:
            calls, rows = self._stored()
            if calls > self._calls and rows >= wanted:
                break
            time.sleep(0.01)
        time.sleep(self.random.random() * 0.1)
        return call.process.poll() is None

    def ended(self, call: Call, code: int = 0, says: str = "") -> bool:
        """Look at what a call has left; tell whether it ended with a code and words, and not well before."""
        found, said = call.ended()
        well = (found, said) == (0, self.swept.said + call.wrote)
        as_told = found == code and (re.fullmatch(says, said) if says else code < 0 or well)
        if not (as_told or well):
            self.wrong.append(f"call {self.calls} ended with {found}, not {code}: {said}")
        self.wrong += [f"call {self.calls} leaves {thing}" for thing in call.leaves()]
        self.compare(well=well)
        return bool(as_told)

    def compare(self, *, well: bool) -> None:
        """Count rows that are lost, there twice, or other than they should be."""
        wanted = self.swept.rows
        try:
            found = read_sweep(self.out)
        except InputError as error:  # the first call was killed before it wrote anything
            found = self._there()
            if well or self._points:
                self.wrong.append(str(error))
        once = found.drop_duplicates("point")
        points = set(once["point"])
        self.lost += len((set(wanted["point"]) if well else self._points) - points)
        self.doubled += len(found) - len(once)
        same = wanted[wanted["point"].isin(points)].reset_index(drop=True)
        if not once.reset_index(drop=True).equals(same):
            mine, right = (rows.astype(object).fillna("") for rows in (once, same))
            self.changed += max(1, len(once) - len(mine.merge(right)))
        self._points = points
        if well:
            whole = read_manifest(self.out)
            if not (whole.complete and whole.rows == len(wanted)):
                self.wrong.append(f"the manifest says {whole.rows} rows, complete: {whole.complete}")
            self.wrong += [f"{name} is left" for name in left_over(self.out)]
            self.wrong += [f"{path.name} is damaged" for path in self.out.rglob("_damaged-*")]

    def _there(self) -> pd.DataFrame:
        """Return all rows of all parts, where `read_sweep` refuses them since some are gone or there twice."""
        wanted = self.swept.rows
        if not any(self.out.glob("planner=*/part-*.parquet")):
            return wanted[:0]
        found = pd.read_parquet(self.out, dtype_backend="numpy_nullable")
        return found.astype(wanted.dtypes.to_dict())[list(wanted)].sort_values("point", ignore_index=True)

    def _stored(self) -> tuple[int, int]:
        """Return how many calls there were, and how many rows there are for sure."""
        with suppress(InputError):
            manifest = read_manifest(self.out)
            return len(manifest.calls), manifest.rows
        return 0, 0
