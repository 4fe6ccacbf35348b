"""The machine that edgesim runs on: what threads get, what disturbs them, and what can be told where little is told."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edgesim.host import disks, disturbance, facts, placement
from edgesim.host.disturbance import Disturbance, Snapshot, snapshot, threads, total, why_disturbed
from edgesim.host.placement import Placement, available_cpus, choose_cpus, placed

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and grants these")
MS = 10**6


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write some small files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@linux
def test_cpus_are_those_of_the_affinity_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a quota, all of them, in order."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 2, 5})
    monkeypatch.setattr(placement, "_quota", lambda: float("inf"))
    assert available_cpus() == (2, 5, 7)


@linux
@pytest.mark.parametrize(
    ("own", "files", "count"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "200000 100000\n"}, 2),
        ("0::/a/b\n", {"a/cpu.max": "150000 100000\n", "a/b/cpu.max": "max 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 4),
        ("3:cpu,cpuacct:/x\n0::/\n", {"cpu/x/cpu.cfs_quota_us": "300000\n", "cpu/x/cpu.cfs_period_us": "100000"}, 3),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ("5:memory:/x\n", {"x/cpu.max": "100000 100000"}, 4),
        ("0::/../gone\n", {"cpu.max": "nonsense\n"}, 4),
    ],
    ids=str,
)
def test_cpus_are_no_more_than_the_quota(
    own: str, files: dict[str, str], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the strictest cgroup above the process, in either version; two pinned threads on one CPU's time are none."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setattr(placement, "_CGROUPS", written(tmp_path / "groups", files))
    monkeypatch.setattr(placement, "_OWN_CGROUPS", written(tmp_path, {"own": own}) / "own")
    assert available_cpus() == tuple(range(count))


PAIRS = {f"cpu{n}/topology/thread_siblings_list": f"{n // 2 * 2}-{n // 2 * 2 + 1}" for n in range(4)}
CAPACITIES = {f"cpu{n}/cpu_capacity": "1024" if n < 2 else "400" for n in range(4)}
DISK_ON_1 = """           CPU0       CPU1       CPU2       CPU3
 24:         99          0          0          0  PCI-MSIX virtio0-config
 25:          3         17          0          0  PCI-MSIX virtio1-req.0
ERR:          0
"""


@linux
@pytest.mark.parametrize(
    ("count", "files", "interrupts", "chosen"),
    [
        (1, {}, "", None),
        (2, {}, "", (1, 0)),
        (2, {}, DISK_ON_1, (0, 1)),
        (4, PAIRS, "", (3, 0)),
        (4, PAIRS, DISK_ON_1, (3, 1)),
        (2, PAIRS, "", (1, 0)),
        (4, CAPACITIES, "", (1, 2)),
        (4, CAPACITIES, DISK_ON_1, (0, 1)),
    ],
    ids=["one", "two", "disk", "siblings", "siblings and disk", "only siblings", "big and little", "all of them"],
)
def test_executor_and_loader_get_cpus_of_their_own(
    count: int, files: dict[str, str], interrupts: str, chosen: object, patched: Path
) -> None:
    """The loader that of the disk's interrupts, else a slow one; the executor the fastest of the other cores."""
    written(patched, files | {"interrupts": interrupts, "count": str(count)})
    assert choose_cpus() == chosen


@pytest.fixture
def patched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder stand for the system's."""
    monkeypatch.setattr(placement, "available_cpus", lambda: tuple(range(int((tmp_path / "count").read_text()))))
    monkeypatch.setattr(placement, "_CPUS", tmp_path)
    monkeypatch.setattr(placement, "_INTERRUPTS", tmp_path / "interrupts")
    return tmp_path


@linux
def test_a_thread_is_pinned_and_let_go() -> None:
    """Inside it runs on its CPU, afterwards wherever it ran before, also after an error."""
    before, policy, cpu = os.sched_getaffinity(0), os.sched_getscheduler(0), max(os.sched_getaffinity(0))

    def fails() -> None:
        with placed(cpu, realtime=False) as got:
            assert got == Placement(cpu, "other")
            assert os.sched_getaffinity(0) == {cpu}
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert (os.sched_getaffinity(0), os.sched_getscheduler(0)) == (before, policy)


@linux
def test_what_is_not_permitted_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is no error: the placement says what is missing, and why."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with placed(10**6, realtime=True) as got:
        assert got.cpu is None
        assert got.policy == "other"
        assert got.why_not
        assert got.why_not.startswith("CPU 1000000 is refused, ")
        assert got.why_not.endswith("; SCHED_RR is refused, operation not permitted")


@linux
def test_real_time_priority_is_given_back() -> None:
    """Where it is granted at all."""
    with placed(None, realtime=True) as got:
        assert os.sched_getscheduler(0) == (os.SCHED_RR if got.why_not is None else os.SCHED_OTHER)
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@linux
def test_a_process_dies_with_its_starter() -> None:
    """Even if that is killed: whoever waits for the end of its output does not wait for ever."""
    child = "from edgesim.host.placement import die_with_parent; import time; die_with_parent();" \
            " print('ready', flush=True); time.sleep(60)"  # fmt: skip
    starter = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
        assert process.communicate(timeout=20)[0] == ""


@linux
def test_a_process_whose_starter_has_gone_ends_at_once() -> None:
    """It may have ended before the wish was heard."""
    code = "from edgesim.host.placement import die_with_parent; die_with_parent(1 << 30); print('alive')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-9, "")


@linux
def test_counters_rise() -> None:
    """Of the running thread, between two looks."""
    mine = threading.get_native_id()
    before = snapshot([mine])
    sum(range(10**6))
    found = disturbance.disturbance(before, snapshot([mine]))
    assert found.wall_ns > 0
    assert mine in threads(os.getpid())
    told = [found.steal_ns, found.waited_ns, found.preempted, *(found.pressure_us or {}).values()]
    assert all(value is None or value >= 0 for value in told)


def test_what_the_system_does_not_tell_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No /proc, or a thread that has ended: no error, and no zero either."""
    monkeypatch.setattr(disturbance, "_PROC", tmp_path)
    found = disturbance.disturbance(snapshot([1]), snapshot([1]))
    assert (found.steal_ns, found.waited_ns, found.preempted, found.pressure_us) == (None, None, None, None)
    assert threads(1) == ()
    assert why_disturbed(found) == (
        "the system tells neither run-queue wait nor steal, so nothing is known of disturbance"
    )


def test_a_disturbance_is_the_worst_cpu_and_thread() -> None:
    """Of those asked about; preemptions are added up."""
    before = Snapshot(0, {0: 0, 1: 5}, {8: 10, 9: 20}, {8: 1, 9: 1}, {"cpu": 1})
    after = Snapshot(100, {0: 7, 1: 6}, {8: 11, 9: 25}, {8: 2, 9: 3}, {"cpu": 4})
    assert disturbance.disturbance(before, after) == Disturbance(100, 7, 5, 3, {"cpu": 3})
    assert disturbance.disturbance(before, after, cpus=[1]).steal_ns == 1


@pytest.mark.parametrize(
    ("waited_ns", "steal_ns", "says"),
    [
        (MS, MS, None),
        (2 * MS, 0, None),
        (2 * MS, None, None),
        (2 * MS, 1, "2.0% of 100.0 ms was lost to others (run-queue wait 2.0 ms, steal 0.0 ms; limit 2.0%)"),
        (None, 10 * MS, "10.0% of 100.0 ms was lost to others (run-queue wait unknown, steal 10.0 ms; limit 2.0%)"),
    ],
)
def test_two_percent_may_be_lost(waited_ns: int | None, steal_ns: int | None, says: str | None) -> None:
    """More is a disturbance, with the figures in the sentence."""
    assert why_disturbed(Disturbance(100 * MS, steal_ns, waited_ns, 0, None)) == says


def test_disturbances_add_up() -> None:
    """What one part does not tell is unknown of all."""
    parts = [Disturbance(5, 1, None, 2, {"cpu": 1, "io": 2}), Disturbance(6, 1, 4, 3, {"cpu": 2, "io": 2})]
    assert total(parts) == Disturbance(11, 2, None, 5, {"cpu": 3, "io": 4})
    assert total([]).pressure_us is None


def test_facts_are_plain_data_and_load_nothing_heavy(tmp_path: Path) -> None:
    """They can be written as JSON; PyTorch's version is told without PyTorch."""
    code = "import json, pathlib, sys; from edgesim.host.facts import machine_facts;"
    code += f" print(json.dumps(machine_facts(pathlib.Path({str(tmp_path)!r})))); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    found = json.loads(out[0])
    assert out[1] == "False"
    assert found["cpus_available"] >= 1
    assert found["python"]
    assert {"governor", "hypervisor", "disk", "file_system", "memory_bytes", "load", "torch"} <= found.keys()


def test_facts_of_a_silent_system_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of /proc or /sys is needed."""
    for module in (facts, disks):
        monkeypatch.setattr(module, "_PROC", tmp_path)
        monkeypatch.setattr(module, "_SYS", tmp_path)
    found = facts.machine_facts(tmp_path)
    silent = ("governor", "hypervisor", "memory_bytes", "file_system", "disk", "disk_virtual", "disk_rotational")
    assert [found[key] for key in silent] == [None] * len(silent)


@linux
@pytest.mark.parametrize(
    ("disk", "told"),
    [
        (("vda", ""), ("virtio", True)),
        (("mmcblk0", ""), ("mmc", False)),
        (("nvme0n1", "Samsung SSD 980 PRO 1TB"), ("nvme", False)),
        (("nvme0n1", "Amazon Elastic Block Store"), ("nvme", True)),
        (("sda", "QEMU HARDDISK"), ("scsi", True)),
        (("strange0", ""), (None, False)),
    ],
    ids=str,
)
def test_a_partition_is_told_by_its_disk(
    disk: tuple[str, str], told: tuple[str | None, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name and model say whether a disk is one."""
    name, model = disk
    device = os.stat(tmp_path).st_dev  # noqa: PTH116  (the device number)
    number = f"{os.major(device)}:{os.minor(device)}"
    sysfs = written(
        tmp_path / "sys",
        {
            f"block/{name}/device/model": model,
            f"block/{name}/queue/rotational": "0\n",
            f"block/{name}/dev": "8:0\n",
            f"block/{name}/{name}p1/partition": "1\n",
            "dev/block/readme": "",
        },
    )
    (sysfs / "dev/block" / number).symlink_to(sysfs / "block" / name / f"{name}p1")
    proc = written(
        tmp_path / "proc",
        {"self/mountinfo": f"25 1 {number} / / rw - ext4 /dev/x rw\n26 1 0:5 / /proc rw - proc - rw\n"},
    )
    monkeypatch.setattr(disks, "_SYS", sysfs)
    monkeypatch.setattr(disks, "_PROC", proc)
    found = disks.disk_facts(tmp_path)
    assert (found["disk"], found["disk_kind"], found["disk_virtual"]) == (name, *told)
    assert (found["file_system"], found["disk_rotational"], found["disk_model"]) == ("ext4", False, model or None)


def test_what_a_disk_moved_is_counted_in_sectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 512 bytes, whatever the disk's own are."""
    row = "254 0 vda 10 0 80 5 6 0 48 7 0 0 0 0 0 0 0 0 0\n"
    monkeypatch.setattr(disks, "_PROC", written(tmp_path, {"diskstats": row}))
    assert (disks.read_bytes("vda"), disks.written_bytes("vda")) == (80 * 512, 48 * 512)
    assert disks.read_bytes("vdb") is None
