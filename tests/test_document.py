"""Devices, models and scenarios refuse what does not agree with itself or with one another."""

import pytest
from pydantic import ValidationError
from strategies import GEOMETRY, LINE, ns, toy_device, toy_model, toy_scenario

from edgesim import InputError, read_scenario
from edgesim.document import Source, worst

ROWS = [["4 KiB", "10 us"], ["8 KiB", "20 us"]]


@pytest.mark.parametrize(
    ("read", "lanes", "message"),
    [
        ({}, 1, "exactly one of"),
        (LINE | {"table": ROWS}, 1, "exactly one of"),
        ({"latency": "1 us", "table": ROWS}, 1, "exactly one of"),
        ({"table": []}, 1, "at least 1"),
        ({"table": [["0 B", "10 us"]]}, 1, "greater than 0"),
        ({"table": [["4 KiB", "10 us", "1 us"]]}, 1, "2 items"),
        ({"table": ROWS[::-1]}, 1, "sizes must rise, got 4 KiB after 8 KiB"),
        ({"table": [*ROWS, ["8 KiB", "30 us"]]}, 1, "sizes must rise, got 8 KiB after 8 KiB"),
        ({"table": [["4 KiB", "10 us"], ["8 KiB", "9 us"]]}, 1, "reading 8 KiB takes 9 us, less than 4 KiB"),
        ({"table": [["4 kB", "1 MB/s"], ["8 kB", "9 MB/s"]]}, 1, "fit a monotone curve to noisy measurements"),
        (LINE, 2, "needs 'read.depths' with a table for depth 2"),
        ({"table": ROWS}, 4, "needs 'read.depths' with a table for depth 4"),
        ({"depths": {2: {"table": ROWS}}}, 2, "needs 'read.depths' with a table for depth 1"),
        ({"depths": {1: {"table": ROWS}, 4: {"table": ROWS}}}, 2, "is 2, but depth 4 is tabulated"),
        ({"depths": {1: {"table": ROWS[::-1]}}}, 1, "sizes must rise"),
    ],
)
def test_storage_is_measured_in_one_consistent_way(read: dict[str, object], lanes: int, message: str) -> None:
    """A line, a table or tables by depth; sizes rise, times never fall, every lane can be priced."""
    with pytest.raises(ValidationError, match=message):
        toy_device(read=read, lanes=lanes)


def test_power_belongs_to_parts() -> None:
    """Idle, reading, and each processor have a power, nothing else."""
    toy_device(power={"idle": "1 W", "storage_read": "1 W", "cpu": "1 W"})
    with pytest.raises(ValidationError, match=r"unknown part.* known: cpu, idle, storage_read"):
        toy_device(power={"gpu": "1 W"})


def test_an_unknown_key_is_a_mistake() -> None:
    """A misspelt key is refused, not ignored."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        toy_device(storrage={})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bitwidths": []}, "at least 1"),
        ({"bitwidths": [6, 2]}, r"must rise and not repeat, got \[6, 2\]"),
        ({"bitwidths": [2, 2]}, r"must rise and not repeat, got \[2, 2\]"),
        ({"bitwidths": [9]}, "bitwidths"),
        ({"min_layers": 3}, "min_layers"),
        ({"outlier_fraction": 1.5}, "less than or equal to 1"),
        ({"parameters_per_shard": 1.0}, "valid integer"),
        ({"distortion": {2: 0.5}}, r"has no value for bitwidths 6"),
        ({"distortion": {2: 0.5, 6: -1}}, "greater than or equal to 0"),
        ({"importance": {}}, "kind: uniform"),
        ({"importance": {"kind": "uniform", "values": [[1, 1], [1, 1]]}}, "kind: uniform"),
        ({"importance": {"values": [[1, 1]]}}, r"2 rows of 2 values \(layers x shards_per_layer\), got 1 rows"),
        ({"importance": {"values": [[1, 1], [1]]}}, "got 1 in row 2"),
        ({"importance": {"values": [[0, -1], [0, 0]]}}, "has no value above 0"),
        ({"importance": {"values": [[float("nan"), 1], [1, 1]]}}, "finite number"),
    ],
)
def test_a_model_agrees_with_itself(change: dict[str, object], message: str) -> None:
    """Bitwidths rise, shapes fit, and something matters."""
    with pytest.raises(ValidationError, match=message):
        toy_model(**change)


def test_a_scenario_needs_layer_times_of_its_model() -> None:
    """Nothing is computed for a geometry that was not measured."""
    with pytest.raises(ValidationError, match=r"toy has no layer times on cpu for hidden 9.*known: hidden 8"):
        toy_scenario(toy_model(geometry=GEOMETRY | {"hidden": 9}))
    with pytest.raises(InputError, match=r"phone-ufs4 has no layer times on cpu for .*; known: none$"):
        read_scenario("quickstart", {"device": "phone-ufs4"})


def test_a_scenario_needs_a_width_that_was_measured() -> None:
    """A device measured from 4 shards up says nothing about a model of 2."""
    with pytest.raises(ValidationError, match="4 to 4 shards"):
        toy_scenario(device=toy_device(layer_ns={4: 1}))


def test_a_scenario_needs_decompression_times_of_its_bitwidths() -> None:
    """Compressed bitwidths without a time are named; 32 bits need none."""
    with pytest.raises(ValidationError, match=r"no decompression time on cpu for bitwidths 6"):
        toy_scenario(device=toy_device(unpack_ns={2: 1}))
    toy_scenario(device=toy_device(unpack_ns={2: 1, 6: 1}))


def test_a_scenario_names_a_processor_of_its_device() -> None:
    """An unknown processor is refused."""
    gpu = {"gpu": {"layer_times": [{"geometry": GEOMETRY, "time": ns({1: 1})}]}}
    with pytest.raises(ValidationError, match="toy has no 'cpu'"):
        toy_scenario(device=toy_device(processors=gpu))


@pytest.mark.parametrize("change", [{"target_ns": 0}, {"inferences": 0}, {"start": "hot"}])
def test_a_scenario_asks_for_something(change: dict[str, object]) -> None:
    """No target of nothing, no session of nothing, no unknown start."""
    with pytest.raises(ValidationError, match=r"greater than|warm"):
        toy_scenario(**change)


def test_a_number_s_grade_is_one_of_four() -> None:
    """A to D; a number without a source is worse than any."""
    assert Source.model_validate({"grade": "A", "text": "measured"}).grade == "A"
    with pytest.raises(ValidationError, match="'A', 'B', 'C' or 'D'"):
        Source.model_validate({"grade": "E", "text": "guessed"})
    assert worst(["A", "C", "B"]) == "C"
    assert worst(["A", None]) is None
    assert worst([]) is None
