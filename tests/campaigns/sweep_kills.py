"""Disturb sweeps again and again: ``python -m tests.campaigns.sweep_kills [--rounds N] [--seed S] [--case NAME]``.

Each round is a sweep on the command line, of single inferences or of sessions, to which something happens at a random
moment: a worker, the command, a Dask worker or scheduler is killed, Ctrl-C, the disk is full. In the end its dataset
must equal an undisturbed one, row for row. It prints a line for each case, and exits with 1 if anything was wrong.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from called import Swept  # noqa: E402
from disturbances import CASES  # noqa: E402
from disturbed import Round  # noqa: E402
from small_disk import can_mount  # noqa: E402

_SIZES = {"recurrence": 200, "sessions": 100}


def line(name: str, rounds: Sequence[Round], taken_s: float) -> str:
    """Say what became of all rounds of a case."""
    figures = ((r.kills, r.calls - 1, len(r.swept.rows), r.lost, r.doubled, r.changed, len(r.wrong)) for r in rounds)
    kills, resumes, rows, lost, doubled, changed, wrong = map(sum, zip(*figures, strict=True))
    return (f"{name:22} {len(rounds)} rounds, {kills} kills, {resumes} resumes; of {rows:,} rows {lost} lost, {doubled}"
            f" doubled, {changed} changed; {wrong} else wrong; {taken_s:.0f} s")  # fmt: skip


def main() -> int:
    """Disturb, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each case")
    parser.add_argument("--seed", type=int, default=0)
    names = [case.__name__ for case in CASES]
    parser.add_argument("--case", action="append", choices=names, help="only this one; may be repeated")
    options = parser.parse_args()
    right = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sweeps = [Swept.of(folder / kind, kind, size) for kind, size in _SIZES.items()]
        for case in CASES:
            if options.case and case.__name__ not in options.case:
                continue
            if case.__name__ == "disk_full" and not can_mount():
                print(f"{case.__name__:22} needs to mount a tmpfs", flush=True)
                continue
            rounds, began = [], time.perf_counter()
            for number in range(options.rounds):
                random = Random(f"{options.seed} {case.__name__} {number}")
                rounds.append(Round(sweeps[number % 2], folder / f"{case.__name__}-{number}", random))
                case(rounds[-1])
                for wrong in rounds[-1].wrong:
                    print(f"{case.__name__} {number}: {wrong}", file=sys.stderr, flush=True)
                right &= rounds[-1].is_right
            print(line(case.__name__, rounds, time.perf_counter() - began), flush=True)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
