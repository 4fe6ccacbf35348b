"""A scenario and its campaign become points: each value with each, device by device, and all mistakes at once."""

from pathlib import Path

import pytest
import yaml

from edgesim import InputError, PluginError, check_file, read_scenario
from edgesim.files import read_points, shipped_names
from edgesim.validation.cases import planned_cases

FORM = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "minilm-signature",
    "planner": "wrx", "target_latency": "100 ms", "preload_buffer": "500 kB",
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the scenario of a test is written."""
    return tmp_path / "mine.yaml"


def written(path: Path, **campaign: object) -> Path:
    """Write a scenario with a campaign."""
    path.write_text(yaml.safe_dump(FORM | {"campaign": campaign}, sort_keys=False))
    return path


def tried(path: Path, **fixed: object) -> list[tuple[str, ...]]:
    """Return what each point changes, values only."""
    return [tuple(point.changes.values()) for point in read_points(path, fixed)]


def test_without_a_campaign_a_scenario_is_one_point() -> None:
    """It is what reading it gives."""
    ((changes, scenario),) = read_points("quickstart")
    assert (changes, scenario) == ({}, read_scenario("quickstart"))


def test_devices_are_tried_one_after_the_other(path: Path) -> None:
    """Each with all values of the other keys."""
    written(path, target_latency=["50 ms", "90 ms"], device=["pc-nvme", "odroid-n2plus"])
    assert tried(path) == [
        ("pc-nvme", "50 ms"), ("pc-nvme", "90 ms"), ("odroid-n2plus", "50 ms"), ("odroid-n2plus", "90 ms"),
    ]  # fmt: skip
    first = read_points(path)[0].scenario
    assert (first.device.name, first.target_latency_ns) == ("pc-nvme", 50_000_000)
    assert first.changes == {"device": "pc-nvme", "target_latency": "50 ms"}


def test_a_device_may_have_values_of_its_own(path: Path) -> None:
    """They stand in for those of the campaign, key by key."""
    own = {"pc-nvme": {"target_latency": ["6 ms"]}, "odroid-n2plus": {}}
    written(path, device=own, target_latency=["50 ms", "90 ms"], load_buffer=["4 MB", "unlimited"])
    assert tried(path) == [
        ("pc-nvme", "6 ms", "4 MB"), ("pc-nvme", "6 ms", "unlimited"),
        ("odroid-n2plus", "50 ms", "4 MB"), ("odroid-n2plus", "50 ms", "unlimited"),
        ("odroid-n2plus", "90 ms", "4 MB"), ("odroid-n2plus", "90 ms", "unlimited"),
    ]  # fmt: skip


def test_a_device_that_is_set_is_no_longer_tried(path: Path) -> None:
    """It keeps its own values if the campaign has some for it; any other key can be set as well."""
    written(path, device={"pc-nvme": {"target_latency": ["6 ms", "9 ms"]}, "odroid-n2plus": {}}, preload_buffer=["0 B"])
    assert tried(path, device="pc-nvme") == [("6 ms", "0 B"), ("9 ms", "0 B")]
    assert tried(path, device="raspberry-pi-4") == [("0 B",)]
    assert tried(path, target_latency="70 ms") == [("pc-nvme", "0 B"), ("odroid-n2plus", "0 B")]


def test_a_processor_can_be_tried(path: Path) -> None:
    """Where devices have different ones."""
    path.write_text(yaml.safe_dump(FORM | {
        "model": "dynabert-12x12",
        "campaign": {"device": {"odroid-n2plus": {}, "jetson-nano": {"processor": ["gpu"]}}},
    }, sort_keys=False))  # fmt: skip
    assert [point.scenario.processor for point in read_points(path)] == ["cpu", "gpu"]


def test_a_device_without_layer_times_is_a_clear_mistake(path: Path) -> None:
    """All mistakes of all points come at once, each once."""
    written(path, device=["jetson-nano", "rk3399-emmc", "nope", "pc-nvme"], target_latency=["50 ms", "90"])
    with pytest.raises(InputError) as failed:
        read_points(path)
    lines = str(failed.value).split("\n")
    assert len(lines) == len(set(lines))
    for says in ("jetson-nano has no 'cpu'; ", "rk3399-emmc has no layer times on cpu for ",
                 "device: nope: no such device", "target_latency: needs a unit, got 90"):  # fmt: skip
        assert sum(says in line for line in lines) == 1, says


def test_checking_a_scenario_checks_its_campaign(path: Path) -> None:
    """A value that is wrong is found before it is tried."""
    assert check_file(written(path, target_latency=["50 ms"])) == "edgesim.scenario/1"
    with pytest.raises(InputError, match="target_latency: needs a unit, got 90"):
        check_file(written(path, target_latency=["50 ms", "90"]))


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (["pc-nvme", "pc-nvme"], "campaign.device: gives pc-nvme twice; keep one"),
        ({"pc-nvme": {"target": ["6 ms"]}}, "campaign.device.pc-nvme.target: unknown key; did you mean"),
        ({"pc-nvme": {"target_latency": "6 ms"}}, "campaign.device.pc-nvme.target_latency: must be "),
        ("pc-nvme", "campaign.device: must be "),
        ([5], "campaign.device: must be "),
    ],
)
def test_a_wrong_list_of_devices_is_refused(path: Path, device: object, says: str) -> None:
    """By file, line and key."""
    with pytest.raises(InputError) as failed:
        read_points(written(path, device=device))
    assert f"{says}" in str(failed.value)
    assert str(failed.value).startswith(f"{path}:")


def test_a_planner_that_is_not_there_is_no_mistake_of_the_points(path: Path) -> None:
    """It is said once, as for a scenario without a campaign."""
    path.write_text(yaml.safe_dump(FORM | {"planner": "wrxx", "campaign": {"target_latency": ["1 s", "2 s"]}}))
    with pytest.raises(PluginError, match="wrxx: unknown planner"):
        read_points(path)


def test_plans_are_executed_on_one_device_only(path: Path) -> None:
    """`validate` refuses a campaign over devices, and takes it with this machine's profile."""
    written(path, device=["pc-nvme", "odroid-n2plus"])
    with pytest.raises(InputError, match=r"campaign\.device: plans are executed on this machine only; name its"):
        planned_cases(path)
    planned, _ = planned_cases(path, (), {"device": "pc-nvme"})
    assert [one.scenario.device.name for one in planned] == ["pc-nvme"]


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_every_point_of_shipped_scenarios_can_be_read(name: str) -> None:
    """No value of a campaign is wrong."""
    assert read_points(name)
