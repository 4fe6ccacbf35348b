"""Whatever happens to a sweep on the command line, its dataset is in the end that of an undisturbed one.

``python -m tests.campaigns.sweep_kills`` does the same many times with larger sweeps.
"""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import disturbances
import pytest
from called import Swept
from disturbed import Round
from small_disk import can_mount

pytest.importorskip("pyarrow")
SIZES = {"recurrence": 30, "sessions": 12}
TRIES = 5
"""On a busy machine a sweep may be over before the moment comes."""
HERE, DASK = pytest.mark.xdist_group("killed"), pytest.mark.xdist_group("cluster")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Swept]:
    """Return what does a sweep undisturbed, once."""
    return cache(lambda kind: Swept.of(tmp_path_factory.mktemp("undisturbed") / kind, kind, SIZES[kind]))


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        pytest.param("worker_killed", "recurrence", marks=HERE),
        pytest.param("parent_killed", "recurrence", marks=HERE),
        pytest.param("interrupted", "recurrence", marks=HERE),
        pytest.param("disk_full", "recurrence", marks=HERE),
        pytest.param("local_cluster_killed", "sessions", marks=DASK),
        pytest.param("dask_worker_killed", "sessions", marks=DASK),
        pytest.param("dask_scheduler_killed", "sessions", marks=DASK),
    ],
)
def test_no_row_is_lost_or_doubled(swept: Callable[[str], Swept], tmp_path: Path, case: str, kind: str) -> None:
    """By the death of any process, Ctrl-C or a full disk; each is told as it should be, and nothing else is left."""
    if case == "disk_full" and not can_mount():
        pytest.skip("needs to mount a tmpfs")
    for seed in range(TRIES):
        disturbed = Round(swept(kind), tmp_path / f"round-{seed}", Random(seed))
        getattr(disturbances, case)(disturbed)
        assert disturbed.is_right, disturbed
        if disturbed.kills:
            return
    pytest.fail(f"the sweep was over before anything happened to it, {TRIES} times")


@DASK
def test_two_dask_workers_do_what_one_process_does(swept: Callable[[str], Swept], tmp_path: Path) -> None:
    """Each a process of its own on loopback: the same datasets, row for row."""
    with disturbances.lent(tmp_path) as cluster:
        for kind in SIZES:
            undisturbed = Round(swept(kind), tmp_path / kind, Random(0))
            assert undisturbed.ended(undisturbed.call("--cluster", cluster.address))
            assert undisturbed.is_right, undisturbed


@HERE
def test_what_is_wrong_is_seen(swept: Callable[[str], Swept], tmp_path: Path) -> None:
    """Rows that are gone, there twice, or others than they should be."""

    def judged(name: str, spoil: Callable[[Path], object]) -> tuple[bool, bool, bool]:
        found = Round(swept("recurrence"), tmp_path / name, Random(0))
        shutil.copytree(found.swept.out, found.out)
        spoil(found.out / "planner=wrx")
        found.compare(well=True)
        return found.lost > 0, found.doubled > 0, found.changed > 0

    def exchanged(folder: Path) -> None:
        other = folder.with_name("planner=load_exec")
        other.rename(tmp_path / "other")
        folder.rename(other)
        (tmp_path / "other").rename(folder)

    assert judged("right", lambda folder: None) == (False, False, False)
    assert judged("lost", lambda folder: min(folder.iterdir()).unlink()) == (True, False, False)
    assert judged("doubled", lambda folder: shutil.copy(min(folder.iterdir()), folder / "part-0-9.parquet")) == (
        False, True, False,
    )  # fmt: skip
    assert judged("changed", exchanged) == (False, False, True)
