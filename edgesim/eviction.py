"""Which processes a phone kills when memory runs low."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Watermarks = Sequence[tuple[int, int]]
"""Pairs of an oom_score_adj and a size [B]: while less is free, processes from that score on may be killed."""


class Process(NamedTuple):
    """What holds memory, and how dispensable it is: the higher its oom_score_adj, the earlier it is killed."""

    name: str
    n_bytes: int
    adj: int
    killable: bool = True


def killable_from(free_bytes: int, watermarks: Watermarks) -> int | None:
    """Return the least oom_score_adj that may be killed while so much is free; None where none may."""
    return min((adj for adj, size in watermarks if free_bytes < size), default=None)


def victims(processes: Iterable[Process], free_bytes: int, watermarks: Watermarks) -> list[str]:
    """Say who is killed, after the rules of Android's low memory killer daemon with minfree levels.

    One is killed at a time: of those with the highest oom_score_adj the one that holds most, and of equals the first by
    name. Each kill frees all that the process held; then free memory is compared with the watermarks anew. It ends when
    nobody is left who may be killed at the watermarks that are still undercut: at once, where none is. A class is one
    score, as in lmkd. Who holds nothing, or is not `killable`, is never a victim.

    Parameters
    ----------
    processes
        All processes, each with a name of its own.
    free_bytes
        What is free before the first kill [B]; negative, where more is held than there is.
    watermarks
        Pairs of score and size [B], in any order.

    Returns
    -------
    list of str
        Names in the order of the kills.

    Notes
    -----
    lmkd with ``ro.lmk.use_minfree_levels`` and ``ro.lmk.kill_heaviest_task``, both of which are options there:
    https://android.googlesource.com/platform/system/memory/lmkd. It "works the same way" as the driver before it:
    https://android.googlesource.com/kernel/msm/+/7ec9487de45c9faa7050ef0a2035951ec35974ac/drivers/staging/android/lowmemorykiller.c.
    What is left out: stall times (PSI), swap, the file cache as a second condition, and pages that processes share.
    """
    killed = []
    candidates = (process for process in processes if process.killable and process.n_bytes > 0)
    # what a kill frees can only raise the least score, so none that was passed over becomes due later
    for process in sorted(candidates, key=lambda process: (-process.adj, -process.n_bytes, process.name)):
        least = killable_from(free_bytes, watermarks)
        if least is None or process.adj < least:
            break
        killed.append(process.name)
        free_bytes += process.n_bytes
    return killed
