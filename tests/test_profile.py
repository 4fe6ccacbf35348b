"""`edgesim profile` measures this machine, says how quiet it was, and leaves either a whole profile or nothing."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from checkpoints import write_checkpoint
from executed import Double, make_store, model_of

import edgesim
from edgesim.cli import main
from edgesim.device import LayerTimes
from edgesim.errors import ExecutionError, InputError
from edgesim.files import read_device
from edgesim.host.disks import disk_facts
from edgesim.model import FULL
from edgesim.plans import Plan
from edgesim.profiling import flash, measure, task
from edgesim.profiling.flash import Effort
from edgesim.profiling.measured import Measured
from edgesim.profiling.samples import Sample
from edgesim.profiling.task import Task
from edgesim.sharding import shard
from edgesim.spread import COLD, COPY, DECOMPRESS, FIRST, HAND_OFF, HOT, LAYER, READ
from edgesim.timeline import Span, Timeline

TINY = Effort(1 << 20, (4096, 65536), (1, 2), 2, 5.0)
READS = Measured([Sample(READ, (4096, 1), HOT, 1000), Sample(READ, (8192, 1), HOT, 1500)], "made up", {})
QUIET = {"load": [0.1, 0.1, 0.1]}
BUSY = {"load": [7.5, 1.0, 1.0]}
linux = pytest.mark.skipif(sys.platform != "linux", reason="real execution is for Linux")
pytestmark = pytest.mark.xdist_group("execution")  # those that take CPUs for themselves, one after another
Facts = Callable[[dict[str, object]], None]


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Facts:
    """Make the machine say something else of itself."""
    real = measure.machine_facts
    return lambda changed: monkeypatch.setattr(
        measure, "machine_facts", lambda folder: real(folder) | {"cpus_available": 2} | changed
    )


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facts: Facts) -> Path:
    """Give a profile to write on a quiet machine whose storage is already measured."""
    facts(QUIET)
    monkeypatch.setattr(flash, "measure_flash", lambda *_: READS)
    return tmp_path / "here.yaml"


def shell(*words: object) -> int:
    """Run a command."""
    return main([*map(str, words)])


@linux
def test_storage_is_measured_into_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facts: Facts) -> None:
    """Without a store and without PyTorch; profile, samples and statistics agree."""
    if disk_facts(tmp_path)["file_system"] in ("tmpfs", "ramfs"):
        pytest.skip("temporary files lie in memory here")
    facts(QUIET)
    monkeypatch.setattr(flash, "QUICK", TINY)
    monkeypatch.setitem(sys.modules, "torch", None)
    path = tmp_path / "my-flash.yaml"
    assert shell("profile", "--out", path, "--storage-only", "--quick", "--json", tmp_path / "rows.json") == 0
    device = read_device(path)
    assert device.name == "my-flash"
    assert {depth: [size for size, _ in points] for depth, points in device.storage.points.items()} == {
        1: [4096, 65536],
        2: [4096, 65536],
    }
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {(row["quantity"], row["depth"], row["state"]) for row in rows} == {
        (READ, 1, HOT), (READ, 1, COLD), (READ, 2, HOT),
    }  # fmt: skip
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "my-flash.samples.csv.gz", "my-flash.statistics.csv", "my-flash.yaml", "rows.json",
    ]  # fmt: skip
    assert shell("check", path) == 0


def test_python_measures_as_the_command_does(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same arguments by the names of the options; what was written comes back, with what it was completed by."""
    asked = []
    monkeypatch.setattr(flash, "measure_flash", lambda *given: asked.append(given) or READS)
    device = edgesim.profile(out, device="odroid-n2plus", name="board", quick=True, seed=3, progress=print)
    assert asked == [(out.parent, flash.QUICK, 3, print)]
    assert device == read_device(out)
    assert (device.name, device.storage.points) == ("board", {1: ((4096, 1000), (8192, 1500))})
    assert device.processors == read_device("odroid-n2plus").processors


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"folder": "nowhere"}, "^folder: there is no folder nowhere$"),
        ({"storage": False}, "^storage=False: needs store, a shard store; "),
        ({"seed": -1}, "^seed: must not be negative, got -1$"),
    ],
)
def test_python_names_its_own_keywords(out: Path, keywords: dict[str, object], message: str) -> None:
    """Not the options of the command."""
    with pytest.raises(InputError, match=message):
        edgesim.profile(out, **keywords)  # type: ignore[arg-type]


def test_python_refuses_a_machine_that_is_not_quiet(out: Path, facts: Facts) -> None:
    """And says how not to."""
    facts(BUSY)
    with pytest.raises(ExecutionError, match=r"it is idle or without strict=True$"):
        edgesim.profile(out, strict=True)


def test_a_profile_is_made_again_from_its_samples(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the byte, with one command."""
    assert shell("profile", "--out", out, "--storage-only") == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    out.unlink()
    assert shell("profile", "--from", tmp_path / "here.samples.csv.gz", "--out", out) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert capsys.readouterr().err.count(f"edgesim: wrote {out}") == 2


def test_each_measurement_is_a_session_of_its_own(out: Path) -> None:
    """So that it can be told whether a comparison was made in the same one."""
    sessions = {measure.profile(out, Task()).header.session for _ in range(2)}
    assert len(sessions) == 2


def test_a_busy_machine_is_said(out: Path, facts: Facts, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error and in the profile."""
    facts(BUSY)
    assert shell("profile", "--out", out, "--storage-only") == 0
    sentence = "the machine was busy before it began, load 7.5 on 2 CPUs (limit 1)"
    assert f"edgesim: doubtful: {sentence}\n" in capsys.readouterr().err
    source = read_device(out).storage.source
    assert source
    assert f"Doubtful: {sentence}." in source.text


def test_a_busy_machine_is_refused_if_asked_for(
    out: Path, facts: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured; nothing is written."""
    facts(BUSY)
    assert shell("profile", "--out", out, "--storage-only", "--strict") == 5
    assert "the machine is not quiet, the machine was busy before" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_was_disturbed_is_refused_if_asked_for(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened while it was measured counts, too."""
    disturbed = Measured(READS.samples, "made up", {}, (), ("while reading, others came",))
    monkeypatch.setattr(flash, "measure_flash", lambda *_: disturbed)
    with pytest.raises(ExecutionError, match="is not quiet, while reading, others came; nothing was written"):
        measure.profile(out, Task(strict=True))
    assert list(tmp_path.iterdir()) == []
    assert measure.profile(out, Task()).header.doubts == {"storage": ("while reading, others came",)}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "x.yml", "--storage-only"], "--out: must be a file that ends in .yaml, got x.yml"),
        (["--out", "gone/x.yaml", "--storage-only"], "there is no folder gone; make it first"),
        (["--out", "x.yaml"], "--store: is missing, the shard store whose layers are timed;"),
        (
            ["--out", "x.yaml", "--store", "s", "--compute-only"],
            "--device: is missing, layer times alone are no device",
        ),
        (["--out", "x.yaml", "--storage-only", "--folder", "gone"], "--folder: there is no folder gone"),
        (["--out", "x.yaml", "--storage-only", "--name", "a b"], "--name: must have letters, digits"),
        (["--out", ".yaml", "--storage-only"], "--out: must be a file that ends in .yaml, got .yaml"),
        (["--out", "x.yaml", "--storage-only", "--device", "nowhere"], "nowhere"),
        (["--out", "x.yaml", "--from", "gone.csv.gz"], "gone.csv.gz: "),
        (["--out", "x.yaml", "--store", "gone"], "gone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_before_anything_is_measured(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit code 2, nothing written."""

    def never(*_: object) -> None:
        raise AssertionError("measured although something was wrong")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(flash, "measure_flash", never)
    monkeypatch.setattr(task.importlib.util, "find_spec", lambda _: "there")
    assert shell("profile", *words) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_pytorch_there_is_a_sentence(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a way that needs none."""
    monkeypatch.setattr(task.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"PyTorch is needed.*or measure with --storage-only"):
        measure.profile(out, Task(store=Path("s")))


def test_an_interrupt_leaves_nothing(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 130, one line."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flash, "measure_flash", interrupted)
    assert shell("profile", "--out", out, "--storage-only") == 130
    assert "edgesim: interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [None, b"older samples"])
def test_a_profile_that_cannot_be_written_takes_its_samples_along(
    before: bytes | None, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before is still there."""

    def fails(*_: object) -> None:
        raise InputError("no room")

    samples = tmp_path / "here.samples.csv.gz"
    if before is not None:
        samples.write_bytes(before)
    monkeypatch.setattr(measure, "write_profile", fails)
    with pytest.raises(InputError, match="no room"):
        measure.profile(out, Task())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_profile_that_cannot_be_written_leaves_all_as_it_was(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its samples, and its statistics, which are written before it."""
    before = {out.with_name("here.samples.csv.gz"): b"older samples", out.with_name("here.statistics.csv"): b"older"}
    for path, content in before.items():
        path.write_bytes(content)

    def fails(path: Path, content: bytes) -> None:
        if path.suffix == ".yaml":
            raise InputError("no room")
        path.write_bytes(content)

    monkeypatch.setattr("edgesim.files.write.write_atomically", fails)
    with pytest.raises(InputError, match="no room"):
        measure.profile(out, Task())
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_rest_comes_from_a_base(out: Path) -> None:
    """New storage in a shipped profile: its processors and power stay."""
    assert shell("profile", "--out", out, "--storage-only", "--device", "raspberry-pi-4", "--name", "pi-card") == 0
    device, base = read_device(out), read_device("raspberry-pi-4")
    assert device.name == "pi-card"
    assert device.storage.points == {1: ((4096, 1000), (8192, 1500))}
    assert (device.processors, device.memory, device.power) == (base.processors, base.memory, base.power)
    assert device.description.startswith(f"{base.description}; reads measured on ")
    assert device.statistics is not None
    assert device.statistics.processor is None


def test_a_base_keeps_its_statistics_to_itself(out: Path) -> None:
    """They would not be those of what was measured anew, and its file of them lies elsewhere."""
    assert shell("profile", "--out", out, "--storage-only", "--device", "cloud-epyc") == 0
    device = read_device(out)
    assert device.statistics is not None
    assert device.statistics.parts == {(READ, HOT)}


def test_layers_are_told_from_an_inference() -> None:
    """The first one apart, those that waited apart; what is copied is part of the computation."""
    from edgesim.profiling.compute import layer_samples

    plan = Plan((0, 2, 3), ((0, 1),) * 3, ((2, 2), (6, 6), (32, 32)))
    spans = [("decompress", 0, 10), ("compute", 0, 20), ("stall", 2, 7), ("handoff", 2, 3), ("decompress", 2, 11),
             ("copy", 2, 4), ("compute", 2, 21), ("compute", 3, 22)]  # fmt: skip
    timeline = Timeline((), tuple(Span(0, "app", "executor", kind, layer, 0, ns, 0) for kind, layer, ns in spans))
    assert list(layer_samples(timeline, plan)) == [
        Sample(DECOMPRESS, (2, 2), FIRST, 10), Sample(LAYER, (2,), FIRST, 20),
        Sample(DECOMPRESS, (2, 6), COLD, 11), Sample(LAYER, (2,), COLD, 25), Sample(HAND_OFF, (), COLD, 3),
        Sample(DECOMPRESS, (2, 32), HOT, 1), Sample(LAYER, (2,), HOT, 22),
    ]  # fmt: skip


def check_layers(samples: Sequence[Sample]) -> None:
    """Assert that every number of shards is there hot and after a wait, and every bitwidth, hand-off and memory."""
    layers = {(sample.key[0], sample.state) for sample in samples if sample.quantity == LAYER}
    most = max(m for m, _ in layers)
    assert layers == {(m, state) for m in range(1, most + 1) for state in (HOT, COLD, FIRST)}
    assert {sample.key[1] for sample in samples if sample.quantity == DECOMPRESS} == {2, 3, 4, 5, 6, FULL}
    assert {HAND_OFF, COPY} <= {sample.quantity for sample in samples}


@linux
def test_layers_are_timed_in_pipelines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hot ones and ones that wait, by the real backend; here with a processor that needs no PyTorch."""
    from edgesim.backends.real.engine import Engine
    from edgesim.profiling import compute

    store = make_store(tmp_path / "store", order=(1, 2, 0))
    monkeypatch.setattr(compute, "read_model", lambda _: model_of(store))
    monkeypatch.setattr(compute, "Engine", lambda store, _, *more: Engine(store, Double(store), *more))
    monkeypatch.setattr(compute, "_COPY_BYTES", 1 << 20)
    told: list[tuple[str, int, int]] = []
    found = compute.measure_compute(store, "cpu", compute.Effort(4, 20.0), 0, lambda *progress: told.append(progress))
    check_layers(found.samples)
    assert told[-1] == ("execute", 36, 36)
    assert {sample.state for sample in found.samples if sample.quantity == READ} == {FIRST}
    assert "plans of tiny, every layer of random shards at one random bitwidth" in found.method


@linux
@pytest.mark.real
def test_layers_are_measured_into_a_profile(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a real model, by PyTorch."""
    for library in ("torch", "safetensors"):
        pytest.importorskip(library)
    from edgesim.profiling import compute

    monkeypatch.setattr(compute, "QUICK", compute.Effort(4, 20.0))
    monkeypatch.setattr(compute, "_COPY_BYTES", 1 << 20)
    store = shard(write_checkpoint(tmp_path / "checkpoint", positions=160), tmp_path / "store")
    assert shell("profile", "--out", out, "--store", store.folder, "--quick") == 0
    samples = measure.recompute(out.with_name("here.samples.csv.gz"), out).samples
    check_layers(samples)
    times = read_device(out).processors["cpu"].layer_times[0]
    assert (times.geometry.hidden, times.geometry.seq_len, list(times.time)) == (32, 128, [1, 2, 3, 4])
    if "after_wait" in LayerTimes.model_fields:
        assert list(times.after_wait) == [1, 2, 3, 4]
