"""Devices, models and scenarios as tables for people."""

from pathlib import Path

import pytest

import edgesim
from edgesim.report.devices import device_text, rate
from edgesim.report.inputs import model_text, scenario_text
from edgesim.report.text import render

HOSTILE = "red \x1b[31m,\n  then \u202e back"


def test_a_description_is_one_line_and_no_command_to_a_terminal() -> None:
    """Escape codes and overrides of the direction of writing are told, not sent."""
    scenario, changes = edgesim.read_scenario("fig6"), {"description": HOSTILE}
    device, model = scenario.device.model_copy(update=changes), scenario.model.model_copy(update=changes)
    for shown in (device_text(device), model_text(model), scenario_text(scenario.model_copy(update=changes))):
        lines = render(shown).splitlines()
        assert lines[1] == "red \\x1b[31m, then \\u202e back"


def test_without_a_description_there_is_no_line_for_it(tmp_path: Path) -> None:
    """The table follows the name."""
    path = tmp_path / "slow.yaml"
    path.write_text("schema: edgesim.device/1\nname: slow\nstorage: {read: {bandwidth: 1 B/s}}\n")
    lines = [line.split() for line in render(device_text(edgesim.read_device(path))).splitlines()]
    assert lines == [
        ["slow"],
        ["part", "as", "measured", "grade"],
        ["reads", "1", "B/s", "no", "source"],
        ["reads", "at", "once", "1", "no", "source"],
    ]


@pytest.mark.parametrize(
    ("bytes_per_s", "said"),
    [(1, "1 B/s"), (480_000, "480 kB/s"), (83_440_000, "83.4 MB/s"), (17_100_000_000, "17.1 GB/s")],
)
def test_bandwidths_have_three_digits(bytes_per_s: int, said: str) -> None:
    """However slow it is, it is not nothing."""
    assert rate(bytes_per_s) == said


def test_the_power_of_an_idle_device_is_not_above_idle() -> None:
    """It is of the whole device; the parts are told beside."""
    text = render(device_text(edgesim.read_device("raspberry-pi-4")))
    powers = [" ".join(line.split()) for line in text.splitlines() if line.startswith("power")]
    assert powers == ["power, idle 1.6 W C, derived", "power, above idle cpu 3.4 W C, derived"]
