"""What kept threads from running while something was measured: others on their CPUs, the hypervisor, pressure."""

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

LIMIT = 0.02
"""Share of the time that may be lost before a measurement counts as disturbed."""
_PROC = Path("/proc")
_RESOURCES = ("cpu", "io", "memory")
Key = TypeVar("Key", int, str)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counters of the system at one moment; None or missing where it does not have them.

    `steal_ns` is by CPU, in steps of the system's tick (10 ms mostly); `waited_ns` and `preempted` by thread;
    `pressure_us` by resource, the time in which some task was waiting for it.
    """

    wall_ns: int
    steal_ns: Mapping[int, int] | None
    waited_ns: Mapping[int, int] | None
    preempted: Mapping[int, int] | None
    pressure_us: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happened between two snapshots; None where the system does not tell.

    Parameters
    ----------
    wall_ns
        Time between them.
    steal_ns
        Time the hypervisor took from the CPUs asked about, the worst of them.
    waited_ns
        Time a thread was ready to run and did not, the worst of them.
    preempted
        Times that a thread was made to stop, all together.
    pressure_us
        Time in which some task of the system waited for CPU, IO or memory, by resource.
    """

    wall_ns: int
    steal_ns: int | None
    waited_ns: int | None
    preempted: int | None
    pressure_us: Mapping[str, int] | None


def threads(pid: int) -> tuple[int, ...]:
    """Return the threads of a process, as `snapshot` takes them; none where the system does not tell."""
    try:
        return tuple(sorted(int(task.name) for task in (_PROC / str(pid) / "task").iterdir()))
    except OSError:
        return ()


def snapshot(tids: Iterable[int] = ()) -> Snapshot:
    """Note the system's counters, and those of some threads of any process."""
    wanted = tuple(tids)
    return Snapshot(
        time.monotonic_ns(),
        _told(_steal_ns),
        _told(lambda: {tid: _waited_ns(tid) for tid in wanted}) if wanted else None,
        _told(lambda: {tid: _preempted(tid) for tid in wanted}) if wanted else None,
        _told(lambda: {resource: _pressure_us(resource) for resource in _RESOURCES}),
    )


def _told(read: Callable[[], Value]) -> Value | None:
    try:
        return read()
    except (OSError, ValueError, IndexError):
        return None


def _steal_ns() -> dict[int, int]:
    tick_ns = 10**9 // os.sysconf("SC_CLK_TCK")
    rows = (line.split() for line in (_PROC / "stat").read_text().splitlines() if re.match(r"cpu\d", line))
    return {int(name[3:]): int(fields[7]) * tick_ns for name, *fields in rows}


def _waited_ns(tid: int) -> int:
    return int((_PROC / str(tid) / "task" / str(tid) / "schedstat").read_text().split()[1])


def _preempted(tid: int) -> int:
    status = (_PROC / str(tid) / "task" / str(tid) / "status").read_text()
    return int(status.partition("nonvoluntary_ctxt_switches:")[2].split()[0])


def _pressure_us(resource: str) -> int:
    return int((_PROC / "pressure" / resource).read_text().splitlines()[0].partition("total=")[2])


def disturbance(before: Snapshot, after: Snapshot, cpus: Iterable[int] | None = None) -> Disturbance:
    """Return what happened between two snapshots.

    Parameters
    ----------
    before, after
        Of the same threads.
    cpus
        CPUs whose steal counts; None for all of them.
    """
    steal, waited = _risen(before.steal_ns, after.steal_ns), _risen(before.waited_ns, after.waited_ns)
    preempted = _risen(before.preempted, after.preempted)
    if steal is not None and cpus is not None:
        steal = {cpu: steal.get(cpu, 0) for cpu in cpus}
    return Disturbance(
        after.wall_ns - before.wall_ns,
        max(steal.values(), default=None) if steal is not None else None,
        max(waited.values(), default=None) if waited is not None else None,
        sum(preempted.values()) if preempted is not None else None,
        _risen(before.pressure_us, after.pressure_us),
    )


def total(parts: Sequence[Disturbance]) -> Disturbance:
    """Add up what happened in several stretches of time; what one of them does not tell is unknown."""

    def added(values: Iterable[int | None]) -> int | None:
        known = list(values)
        return None if None in known else sum(value for value in known if value is not None)

    pressure = [part.pressure_us for part in parts if part.pressure_us is not None]
    return Disturbance(
        sum(part.wall_ns for part in parts),
        added(part.steal_ns for part in parts),
        added(part.waited_ns for part in parts),
        added(part.preempted for part in parts),
        {key: sum(each[key] for each in pressure) for key in pressure[0]} if len(pressure) == len(parts) > 0 else None,
    )


def _risen(before: Mapping[Key, int] | None, after: Mapping[Key, int] | None) -> dict[Key, int] | None:
    if before is None or after is None:
        return None
    return {key: after[key] - start for key, start in before.items() if key in after}


def why_disturbed(found: Disturbance, limit: float = LIMIT) -> str | None:
    """Say why a measurement counts as disturbed; None if it does not.

    Parameters
    ----------
    found
        What happened while it ran.
    limit
        Share of the wall time that run-queue wait and steal may take together.

    Returns
    -------
    str or None
        A sentence without a full stop. Where the system tells neither, that is the reason: nothing is known.
    """
    lost = [part for part in (found.waited_ns, found.steal_ns) if part is not None]
    if not lost:
        return "the system tells neither run-queue wait nor steal, so nothing is known of disturbance"
    if sum(lost) <= limit * found.wall_ns:
        return None
    waited, steal = (
        "unknown" if part is None else f"{part / 1e6:.1f} ms" for part in (found.waited_ns, found.steal_ns)
    )
    share = sum(lost) / max(found.wall_ns, 1)
    return f"{share:.1%} of {found.wall_ns / 1e6:.1f} ms was lost to others (run-queue wait {waited}, steal {steal};" \
           f" limit {limit:.1%})"  # fmt: skip
