"""How long this machine's flash takes for one read, by request size and queue depth."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from edgesim.atomic import reason
from edgesim.errors import ExecutionError, InputError
from edgesim.host.disks import IN_MEMORY, disk_facts, read_bytes, written_bytes
from edgesim.host.disturbance import Disturbance, why_disturbed
from edgesim.host.placement import choose_cpus
from edgesim.profiling.measured import Measured, Say, silent
from edgesim.profiling.reads import Order, reads_of
from edgesim.profiling.samples import Sample
from edgesim.profiling.unnamed import filled
from edgesim.spread import READ
from edgesim.units import show_bytes

_OTHERS = 0.02
"""Share of what was read that others may read and write meanwhile."""
_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph"}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is read: size of the file, request sizes [B], queue depths, and rounds for at most some time."""

    file_bytes: int
    sizes: tuple[int, ...]
    depths: tuple[int, ...]
    rounds: int
    seconds: float


_POWERS = tuple(4096 << step for step in range(12))
_BETWEEN = tuple(3 * size // 2 for size in _POWERS[1:-1])
FULL = Effort(256 << 20, tuple(sorted(_POWERS + _BETWEEN)), (1, 2, 4, 8), 40, 90.0)
QUICK = Effort(128 << 20, _POWERS, (1, 2, 4, 8), 8, 12.0)
"""Less of everything: the points between are interpolated."""


def measure_flash(folder: Path, effort: Effort, seed: int, say: Say = silent) -> Measured:
    """Time reads of a file of random bytes that has no name and ends with this call, however it ends.

    Parameters
    ----------
    folder
        Where the file is made: a folder on the flash to measure.
    effort
        How much is read.
    seed
        Chooses the bytes, their places and the order of the points.
    say
        Told how far it is.

    Raises
    ------
    InputError
        If the folder is not on flash, or cannot be written.
    ExecutionError
        If the disk is full, or reading fails.
    """
    disk = disk_facts(folder)
    kind = disk["file_system"]
    if kind in IN_MEMORY:
        raise InputError(f"{folder}: lies in memory ({kind}), not on flash; name another with --folder")
    with filled(folder, effort.file_bytes, seed, say) as fd:
        before = _moved(disk)
        samples, details = _timed(fd, effort, seed, say)
        moved = [None if a is None or b is None else b - a for a, b in zip(before, _moved(disk), strict=True)]
    details |= {"file_bytes": effort.file_bytes, "file_system": kind}
    details |= {"device_bytes": moved[0], "written_bytes": moved[1]}
    return Measured(
        samples, _method(details), details, tuple(_doubts(details)), tuple(_disturbances(details))
    )  # fmt: skip


def _moved(disk: Mapping[str, object]) -> tuple[int | None, int | None]:
    name = str(disk["disk"])
    return (read_bytes(name), written_bytes(name)) if disk["disk"] else (None, None)


def _timed(fd: int, effort: Effort, seed: int, say: Say) -> tuple[list[Sample], dict[str, Any]]:
    """Run the program that reads, and gather what it says."""
    cpus = choose_cpus()
    order = Order(fd, effort.file_bytes, effort.sizes, effort.depths, effort.rounds, effort.seconds,
                  Random(seed).getrandbits(32), cpus[1] if cpus else None, os.getpid())  # fmt: skip
    samples: list[Sample] = []
    asked = 0
    facts: dict[str, Any] = {}
    for said in _answers(order):
        if isinstance(said, dict):
            facts |= said
            continue
        size, depth, times = said
        samples += [Sample(READ, (size, depth), state, ns) for state, ns in times]
        asked += size * depth * (reads_of(size, depth) + 1 + (depth > 1))
        points = len(facts["sizes"]) * len(effort.depths)
        visited = facts["visits"] = facts.get("visits", 0) + 1
        say("read", min(visited, points * effort.rounds), points * effort.rounds)
    if "disturbance" not in facts:
        raise ExecutionError(f"reads failed, {facts.get('error') or 'their process ended without a word'}")
    say("read", 1, 1)
    return samples, facts | {"asked_bytes": asked, "effort": asdict(effort)}


def _answers(order: Order) -> Iterator[Any]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "edgesim.profiling.reads"]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, pass_fds=[order.fd], env=environment, text=True)
    except OSError as error:
        raise ExecutionError(f"the process that reads cannot be started, {reason(error)}") from error
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError):  # it has ended already, and says why
                process.stdin.write(json.dumps(asdict(order)) + "\n")
                process.stdin.close()
            yield from map(json.loads, process.stdout)
        finally:
            process.kill()


def _method(details: Mapping[str, Any]) -> str:
    placement, device = details["placement"], details["device_bytes"]
    how = "O_DIRECT" if details["direct"] else "buffered, pages dropped before each read"
    on = "any CPU" if placement["cpu"] is None else f"CPU {placement['cpu']}"
    verified = "" if device is None else f", for which the disk read {show_bytes(device)}"
    return (f"{how}, from an unnamed file of {show_bytes(details['file_bytes'])} of random bytes into shared memory on"
            f" pages of {show_bytes(details['page_bytes'])}, all sizes and depths in random order; at depth 1 back to"
            f" back by a process of its own on {on} with policy {placement['policy']}, at depth d by d threads of it;"
            f" {show_bytes(details['asked_bytes'])} were asked for{verified}")  # fmt: skip


def _disturbances(details: Mapping[str, Any]) -> Iterator[str]:
    """Say what others did meanwhile."""
    if why := why_disturbed(Disturbance(**details["disturbance"])):
        yield f"while reading, {why}"
    others = max(0, (details["device_bytes"] or 0) - details["asked_bytes"]) + (details["written_bytes"] or 0)
    if others > _OTHERS * details["asked_bytes"]:
        yield f"others read or wrote {show_bytes(others)} on the same disk meanwhile (limit {_OTHERS:.0%} of the reads)"


def _doubts(details: Mapping[str, Any]) -> Iterator[str]:
    """Say what should make one doubt the reads."""
    if details["file_system"] in _REMOTE:
        yield f"the file lay on another machine ({details['file_system']})"
    if details["file_system"] == "overlay":
        yield "the file lay on an overlay: what is beneath it was measured, whatever that is"
    if not details["direct"]:
        yield f"no O_DIRECT ({details['why_not']}), so that the page cache had a part in each read"
    if details["device_bytes"] is None:
        yield "the system does not tell what the disk reads, so that a cache may have answered"
    elif details["device_bytes"] < details["asked_bytes"]:
        yield (f"the disk read {show_bytes(details['device_bytes'])} of {show_bytes(details['asked_bytes'])} asked for:"
               " a cache answered the rest")  # fmt: skip
    if len(details["sizes"]) < len(details["effort"]["sizes"]):
        yield f"slow storage: nothing above {show_bytes(max(details['sizes']))} was read, for lack of time"
    if details["placement"]["why_not"]:
        yield f"for the reading process {details['placement']['why_not']}"
