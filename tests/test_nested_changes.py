"""A caller sets any number of a scenario, its device or its model before they are checked, and told what is wrong."""

from pathlib import Path

import pytest
import yaml

from edgesim import EdgesimError, InputError, read_device, read_model, read_scenario, run
from edgesim.files.changes import place_of
from edgesim.files.shipped import shipped_folder
from edgesim.provenance import grades, provenance

LINE = {"storage.read.bandwidth": "20 MB/s", "storage.read.latency": "1 ms"}
TABULATED = {"device": "raspberry-pi-5-nvme"}


def refused(changes: dict[str, object], name: str = "quickstart") -> str:
    """Return why a scenario cannot be read with some changes."""
    with pytest.raises(InputError) as failed:
        read_scenario(name, changes)
    return str(failed.value)


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("seed", ("seed",)),
        ("storage.read.bandwidth", ("storage", "read", "bandwidth")),
        ("processors.cpu.layer_times[0].time[3]", ("processors", "cpu", "layer_times", 0, "time", 3)),
        ("processors.cpu.layer_times.0.time.3", ("processors", "cpu", "layer_times", 0, "time", 3)),
        ("a..b", ("a..b",)),
        ("a[b]", ("a[b]",)),
        ("", ("",)),
    ],
)
def test_keys_name_places(key: str, place: tuple[str | int, ...]) -> None:
    """Dots and brackets go down; what is no such key is looked up whole, and not found."""
    assert place_of(key) == place


def test_a_key_of_the_device_is_set_there() -> None:
    """With or without saying whose it is; everything else stays, and the scenario says what was set."""
    before = read_scenario("quickstart")
    for key in ("storage.read.bandwidth", "device.storage.read.bandwidth"):
        after = read_scenario("quickstart", {key: "20 MB/s"})
        assert after.device.storage.read.bandwidth == 20_000_000
        assert after.device.storage.read.latency == before.device.storage.read.latency
        assert (after.device.name, after.device.processors) == (before.device.name, before.device.processors)
        assert after.model == before.model
        assert after.inputs == before.inputs
        assert provenance(after)["changes"] == {key: "20 MB/s"}
    assert run(after).metrics.latency_ns > run(before).metrics.latency_ns


def test_a_changed_file_is_what_a_file_with_that_content_is(tmp_path: Path) -> None:
    """But for its source: setting numbers is the same as writing them."""
    device = yaml.safe_load((shipped_folder("devices") / "odroid-n2plus.yaml").read_text())
    device["storage"]["read"]["bandwidth"] = "20 MB/s"
    device["processors"]["cpu"]["layer_times"][0]["time"][3] = "36 ms"
    (tmp_path / "d.yaml").write_text(yaml.safe_dump(device))
    written = read_device(tmp_path / "d.yaml")
    changes = {"storage.read.bandwidth": "20 MB/s", "processors.cpu.layer_times[0].time[3]": "36 ms"}
    changed = read_scenario("quickstart", changes).device
    assert changed.storage.model_copy(update={"source": written.storage.source}) == written.storage
    assert changed.processors["cpu"].layer_times[0].time == written.processors["cpu"].layer_times[0].time
    assert changed.processors["cpu"].layer_times[1:] == written.processors["cpu"].layer_times[1:]


def test_keys_of_the_model_and_of_the_scenario_are_set_there() -> None:
    """Sections that the file does not have are made."""
    changes = {"outlier_fraction": 0.1, "model.bitwidths[0]": 1, "distortion.1": 0.5, "workload.inferences": 3}
    changes |= {"power.storage_read": "2 W", "conditions.io_jitter.quantiles": {0.5: 1, 1: 2.0}}
    found = read_scenario("quickstart", changes)
    assert (found.model.outlier_fraction, found.model.bitwidths) == (0.1, (1, 3, 4, 5, 6, 32))
    assert found.session.inferences == 3
    assert found.device.power is not None
    assert found.device.power.values["storage_read"] == 2000
    assert found.is_disturbed


def test_whole_sections_can_be_set_and_changed_further() -> None:
    """The outer key first, whatever the order."""
    found = read_scenario("quickstart", {"workload.start": "cold", "workload": {"inferences": 2}})
    assert (found.session.inferences, found.session.start) == (2, "cold")


def test_what_is_set_is_nobody_s_measurement() -> None:
    """Numbers with the same source are then assumed, and no others; the source keeps what was said."""
    before, after = (grades(read_scenario("quickstart", changes)) for changes in ({}, LINE))
    assert after == before | {"storage": "D"}
    key = "processors.cpu.layer_times[0].time[3]"
    assert grades(read_scenario("quickstart", {key: "36 ms"})) == before | {"layer_times": "D"}
    source = read_scenario("quickstart", LINE).device.storage.source
    assert source is not None
    assert "read.bandwidth = '20 MB/s' is assumed; the rest: Constant in the planner source" in source.text


def test_a_source_that_is_not_there_is_no_better_for_a_change(tmp_path: Path) -> None:
    """An unknown grade stays unknown: it is worse than assumed."""
    device = yaml.safe_load((shipped_folder("devices") / "odroid-n2plus.yaml").read_text())
    del device["storage"]["source"]
    (tmp_path / "d.yaml").write_text(yaml.safe_dump(device))
    assert grades(read_scenario("quickstart", {"device": str(tmp_path / "d.yaml")} | LINE))["storage"] is None


def test_a_line_takes_the_place_of_a_table() -> None:
    """If it is whole; then there is one read at a time."""
    changed = read_scenario("quickstart", TABULATED | LINE).device.storage
    assert (changed.read.bandwidth, changed.read.latency, changed.points, changed.lanes) == (20_000_000, 10**6, {}, 1)
    for key, other in (("bandwidth", "latency"), ("latency", "bandwidth")):
        name = f"storage.read.{key}"
        assert refused(TABULATED | {name: LINE[name]}).endswith(
            f"raspberry-pi-5-nvme.yaml as changed: {name}: reads were measured as a table;"
            f" for a line in its place set storage.read.{other}, too"
        )


def test_a_table_takes_the_place_of_a_line() -> None:
    """And a number of a table is set in the table."""
    rows = [["4 KiB", "10 MB/s"], ["1 MB", "20 MB/s"]]
    assert set(read_scenario("quickstart", {"storage.read.table": rows}).device.storage.points) == {1}
    name = "raspberry-pi-5-sd"
    row = read_scenario("quickstart", {"device": name, "storage.read.table[0][1]": "1 us"}).device.storage.points[1][0]
    assert row == (4096, 1000)


def test_statistics_are_of_what_was_measured() -> None:
    """Those of a part that is changed are left out, and who needs them is told."""
    given = {"device": "cloud-epyc", "model": "minilm-6x12"}
    name = "validate-minilm"
    spread = read_scenario(name, given).device.statistics
    assert spread is not None
    quantities = {point.quantity for point in spread.rows}
    other = read_scenario(name, given | {"memory.capacity": "3 GB"}).device.statistics
    assert other == spread
    without_reads = read_scenario(name, given | LINE).device.statistics
    assert without_reads is not None
    assert {point.quantity for point in without_reads.rows} == quantities - {"read", "wake"}
    slower = {"processors.cpu.hand_off.time": "1 ms"}
    without_layers = read_scenario(name, given | slower).device.statistics
    assert without_layers is not None
    assert {point.quantity for point in without_layers.rows} == quantities & {"read", "wake"}
    assert read_scenario(name, given | slower | LINE).device.statistics is None
    jitter = {"conditions.io_jitter.quantiles": "measured"}
    assert "has no measured distribution of reads" in refused(given | LINE | jitter, name)


def test_a_throttle_lends_its_storage() -> None:
    """So that is what a key of the storage is about; what would have no effect is refused."""
    throttle = {"throttle": "rk3399-emmc"}
    for key in ("storage.read.bandwidth", "throttle.storage.read.bandwidth"):
        found = read_scenario("quickstart", throttle | LINE | {key: "30 MB/s"})
        assert found.device.storage.read.bandwidth == 30_000_000
    assert "device.storage.lanes: has no effect: the storage is that of" in refused(
        throttle | {"device.storage.lanes": 1}
    )
    assert "throttle.power.idle: has no effect: a throttle lends" in refused(throttle | {"throttle.power.idle": "1 W"})
    for none in ({}, {"throttle": "native"}):
        assert "has no effect: there is no throttle" in refused(none | {"throttle.storage.lanes": 1})


WRONG: list[tuple[dict[str, object], str]] = [
    ({"storage.read.bandwidth": "20 MB"}, "odroid-n2plus.yaml as changed: storage.read.bandwidth: unknown unit 'MB'"),
    ({"storage.read.bandwith": "1 B/s"}, "storage.read.bandwith: unknown key; did you mean 'bandwidth'? known: "),
    ({"storage.reed.latency": "1 ms"}, "storage.reed: unknown key; did you mean 'read'? known: lanes, read, source"),
    ({"storag.read": "1 ms"}, "quickstart.yaml as changed: storag.read: unknown key; did you mean 'storage'? known: "),
    ({"processors.gpu.hand_off.time": "1 ms"}, "processors.gpu: unknown key; did you mean 'cpu'? known: cpu"),
    ({"processors.decompress.per_shard": "1 ms"}, "as changed: processors.decompress: unknown key; known: cpu"),
    ({"processors.cpu.layer_times[9].time.3": "1 ms"}, "processors.cpu.layer_times[9]: there is no such item"),
    ({"processors.cpu.layer_times.x.time": "1 ms"}, "processors.cpu.layer_times.x: there is no such item; known: 0"),
    ({"model.bitwidths[0]": 3}, "dynabert-12x12.yaml as changed: bitwidths: must rise and not repeat, got [3, 3, 4"),
    ({"planner.name": "wrx"}, "quickstart.yaml as changed: planner: is 'wrx', and has no keys of its own"),
    ({"apps.chat.priority": 1}, "quickstart.yaml as changed: apps.chat: unknown key; "),
    ({"workload.inferences": 0}, "quickstart.yaml as changed: workload.inferences: must be greater than or equal to 1"),
    ({"folder": "x"}, "quickstart.yaml as changed: folder: unknown key; "),
    ({"model.x": 1}, "dynabert-12x12.yaml as changed: x: unknown key; known: activation_bytes, bitwidths"),
    ({"device": read_device("pc-nvme"), "power.idle": "1 W"}, "device: was made in Python, not read from a file"),
    ({"model": read_model("dynabert-12x12"), "layers": 3}, "model: was made in Python, not read from a file"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), WRONG, ids=[", ".join(changes) for changes, _ in WRONG])
def test_a_wrong_change_is_named(changes: dict[str, object], says: str) -> None:
    """One sentence: which file as changed, which key, what is wrong and what is known."""
    found = refused(changes)
    assert says in found
    assert all(": " in line and "Traceback" not in line for line in found.split("\n"))


def test_mistakes_of_the_file_keep_their_lines(tmp_path: Path) -> None:
    """Only what was set has none."""
    text = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
    (tmp_path / "s.yaml").write_text(text.replace("4 MB", "4"))
    with pytest.raises(EdgesimError) as failed:
        read_scenario(tmp_path / "s.yaml", {"storage.read.bandwidth": "0 B/s"})
    lines = str(failed.value).split("\n")
    assert "odroid-n2plus.yaml as changed: storage.read.bandwidth: must be greater than 0" in lines[0]
    assert lines[1].startswith(f"{tmp_path}/s.yaml:10: load_buffer: needs a unit")
