"""Where a thread runs: its CPU, its priority, and that it dies with whoever started it or listens to it."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PRIORITY = 10
"""Real-time priority: above every ordinary thread, below the kernel's own."""
_CPUS = Path("/sys/devices/system/cpu")
_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_INTERRUPTS = Path("/proc/interrupts")
_LINUX = sys.platform == "linux"
_DISK = re.compile(r"virtio\d+-req|nvme\d+q|mmc\d|sdhci|ufshcd|ahci|xen.*blk")
_PR_SET_PDEATHSIG = 1
_POLICIES = {0: "other", 1: "fifo", 2: "round robin", 3: "batch", 5: "idle", 6: "deadline"}


@dataclass(frozen=True, slots=True)
class Placement:
    """What a thread got: its CPU (None: any), its policy, and why not what was asked for (None: it was granted)."""

    cpu: int | None
    policy: str
    why_not: str | None = None


def available_cpus() -> tuple[int, ...]:
    """Return the CPUs that this process may use: those of its affinity mask, no more than its cgroup's quota."""
    if not hasattr(os, "sched_getaffinity"):
        return tuple(range(os.cpu_count() or 1))
    cpus = sorted(os.sched_getaffinity(0))
    return tuple(cpus[: max(1, int(min(_quota(), len(cpus))))])


def _quota() -> float:
    """Return how many CPUs' time the cgroups of this process allow, the strictest of them."""
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return float("inf")
    folders: list[Path] = []
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if not controllers:  # version 2
            folders += _up(_CGROUPS, path)
        elif "cpu" in controllers.split(","):
            folders += _up(_CGROUPS / "cpu", path)
    return min(map(_share, folders), default=float("inf"))


def _up(root: Path, path: str) -> list[Path]:
    folder = root / path.strip("/")
    return [above for above in (folder, *folder.parents) if above.is_relative_to(root)]


def _share(folder: Path) -> float:
    """Return quota / period of one cgroup, of version 2 or 1."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(quota) / int(period) if quota != "max" and int(quota) > 0 else float("inf")
    except (OSError, ValueError):
        return float("inf")


def choose_cpus() -> tuple[int, int] | None:
    """Choose a CPU for the executor and one for the loader; None if there are fewer than two.

    The loader gets the CPU that serves the disks' interrupts: a read is finished there, and would wait for an executor
    of real-time priority. The executor gets the fastest CPU of another core, of equals the last.
    """
    cpus = available_cpus()
    if len(cpus) < 2 or not _LINUX:
        return None
    served = _disk_interrupts()
    loader = max(cpus, key=lambda cpu: (served.get(cpu, 0), -_number(cpu, "cpu_capacity"), -cpu))
    core = _text(loader, "topology/thread_siblings_list")
    others = [cpu for cpu in cpus if cpu != loader]
    alone = [cpu for cpu in others if not core or _text(cpu, "topology/thread_siblings_list") != core]
    return max(alone or others, key=lambda cpu: (_number(cpu, "cpu_capacity"), cpu)), loader


def _disk_interrupts() -> dict[int, int]:
    """Return how many interrupts of disks each CPU has served; nothing where the system does not tell."""
    try:
        heading, *lines = _INTERRUPTS.read_text().splitlines()
    except (OSError, ValueError):
        return {}
    served: dict[int, int] = {}
    for cells in (line.split() for line in lines if _DISK.search(line)):
        for name, count in zip(heading.split(), cells[1:], strict=False):
            cpu = int(name.removeprefix("CPU"))
            served[cpu] = served.get(cpu, 0) + (int(count) if count.isdigit() else 0)
    return served


def _text(cpu: int, name: str) -> str:
    try:
        return (_CPUS / f"cpu{cpu}" / name).read_text().strip()
    except OSError:
        return ""


def _number(cpu: int, name: str) -> int:
    text = _text(cpu, name)
    return int(text) if text.isdigit() else 0


@contextmanager
def placed(cpu: int | None, realtime: bool) -> Iterator[Placement]:
    """Pin the calling thread and give it real-time priority while inside, as far as that is permitted.

    Threads and processes started inside inherit both.

    Parameters
    ----------
    cpu
        Where to run; None to leave it to the system.
    realtime
        Ask for ``SCHED_RR``: as ``SCHED_FIFO``, but two threads of that kind on one CPU take turns, so that neither
        waits for ever for one that never sleeps. Such a one may still be stopped for a twentieth of each second, see
        ``/proc/sys/kernel/sched_rt_runtime_us``.

    Yields
    ------
    Placement
        What was granted. Nothing is raised where something was not.
    """
    if not _LINUX:
        yield Placement(None, "other", f"neither CPU nor priority can be chosen on {sys.platform}")
        return
    mask, policy, priority = os.sched_getaffinity(0), os.sched_getscheduler(0), os.sched_getparam(0)
    no_cpu = _refused(f"CPU {cpu}", os.sched_setaffinity, {cpu}) if cpu is not None else None
    turns = (os.SCHED_RR, os.sched_param(PRIORITY))
    no_priority = _refused("SCHED_RR", os.sched_setscheduler, *turns) if realtime else None
    try:
        why_not = "; ".join(filter(None, (no_cpu, no_priority)))
        yield Placement(None if no_cpu else cpu, _POLICIES.get(os.sched_getscheduler(0), "unknown"), why_not or None)
    finally:
        _refused("", os.sched_setscheduler, policy, priority)
        _refused("", os.sched_setaffinity, mask)


def _refused(what: str, ask: Callable[..., None], *arguments: object) -> str | None:
    """Ask the system something for the calling thread, and return why it refuses."""
    try:
        ask(0, *arguments)
    except (OSError, ValueError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"{what} is refused, {str(reason).lower()}"
    return None


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when the thread that started it ends; nothing where there is no such wish.

    Parameters
    ----------
    parent
        Process id of the starter, where it is known: if it has ended before this call, this process ends now.
    """
    if not _LINUX:
        return
    import ctypes

    expected = os.getppid() if parent is None else parent
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != expected:
        os.kill(os.getpid(), signal.SIGKILL)


def die_with_listener() -> None:
    """Have this process end without a word as soon as it writes to a pipe that nobody reads any more.

    Of a process that is killed, the kernel closes the pipes a moment before it tells those that die with it.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
