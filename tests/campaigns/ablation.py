"""What the costs of waits and starts are worth: ``python -m tests.campaigns.ablation CAMPAIGN.json.gz DEVICE``.

The plans of a campaign are simulated again with some of these costs left out, and compared with the same real runs.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from edgesim import read_device
from edgesim.device import Device
from edgesim.recurrence import makespan_ns
from edgesim.validation.agreement import Agreement
from edgesim.validation.evidence import read_campaign
from edgesim.validation.statistics import summary
from edgesim.validation.verdict import judge
from edgesim.work import Work

Change = Callable[[Work], Work]
GROUPS = ("emulated io-bound", "emulated compute-bound", "native", "resident")


def changes(device: Device, native: bool) -> dict[str, Change]:
    """Return what leaves one of the costs out of a `Work`, by its name in the profile."""
    start = device.processors["cpu"].start_up
    wakes = device.storage.start_up if native else None

    def no_hand_off(work: Work) -> Work:
        return replace(work, hand_off_ns=0)

    def no_after_wait(work: Work) -> Work:
        return replace(work, decompress_after_wait_ns=work.decompress_ns, compute_after_wait_ns=work.compute_ns)

    def no_start_up(work: Work) -> Work:
        less = start.time if start else 0
        rows = (work.compute_ns, work.compute_after_wait_ns)
        usual, late = ((max(row[0] - less, 1), *row[1:]) for row in rows)
        return replace(work, compute_ns=usual, compute_after_wait_ns=late)

    def no_waking(work: Work) -> Work:
        less = wakes.time if wakes and work.load_layers else 0
        return replace(work, load_ns=tuple((row[0] - less, *row[1:]) if row else row for row in work.load_ns))

    return {"hand_off": no_hand_off, "after_wait": no_after_wait, "start_up of layers": no_start_up,
            "start_up of reads": no_waking}  # fmt: skip


def errors(path: Path, device: Device) -> Iterator[tuple[str, str, float]]:
    """Yield what was left out, the class, and the relative error of each case."""
    campaign = read_campaign(path)
    assert set(GROUPS) >= {case.group for case in campaign.cases}
    for case, one in zip(campaign.cases, judge(campaign).agreements, strict=True):
        if one.real_ns is None:
            continue
        known = changes(device, case.throttle is None)
        every: dict[str, list[Change]] = {"nothing": [], **{name: [change] for name, change in known.items()}}
        every["all of them"] = list(known.values())
        for name, left_out in every.items():
            yield name, case.group, _error(case.works[0], left_out, case.load_buffer_bytes, one)


def _error(work: Work, left_out: list[Change], room: int | None, one: Agreement) -> float:
    for change in left_out:
        work = change(work)
    assert one.real_ns is not None
    return makespan_ns(work, room) / one.real_ns - 1


def rows(path: Path, device: Device) -> list[list[str]]:
    """Return a row for everything that may be left out: median and 95th percentile of the error by class."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, group, error in errors(path, device):
        found.setdefault(name, {}).setdefault(group, []).append(error)
    table = []
    for name, groups in found.items():
        sums = [summary(groups.get(group, [])) for group in GROUPS]
        table.append(
            [name, *(f"{100 * one.median_size:.2f} %, {100 * one.p95_size:.2f} %" if one else "-" for one in sums)]
        )
    return table


if __name__ == "__main__":
    for line in [["left out", *GROUPS], *rows(Path(sys.argv[1]), read_device(sys.argv[2]))]:
        print("  ".join(cell.rjust(24) for cell in line))
