"""What a profile says about waits: every mistake is named by file, line and key."""

from pathlib import Path

import pytest
from strategies import toy_device, toy_model, toy_scenario
from test_files import DEVICE, message, wrong

from edgesim.files import read_device
from edgesim.processor import Delay
from edgesim.provenance import grades

CPU, TIMES, SHARD = "  cpu:\n", "        time:\n          3: 35 ms\n", "      per_shard: 2 ms\n"
"""Lines of a shipped profile, measured for 3 to 12 shards: 35 ms for 3, 44 ms for 4, 95 ms for 12."""

HAND_OFFS = [
    ("12 us", "processors.cpu.hand_off: must be a mapping of keys such as {time: 60 us}, got '12 us'"),
    ("{tme: 1 us}", "processors.cpu.hand_off.tme: unknown key; did you mean 'time'? known: source, time"),
    ("{source: {grade: A, text: a}}", "processors.cpu.hand_off.time: missing; add it"),
    ("{time: 12}", "processors.cpu.hand_off.time: needs a unit, got 12; write for example"),
    ("{time: -1 us}", "processors.cpu.hand_off.time: must not be negative, got -1 us"),
    ("{time: 1 us, source: {grade: E, text: a}}", "processors.cpu.hand_off.source.grade: unknown value, got 'E'"),
]
LAYERS = [
    ("{4: 50 ms, 12: 99 ms}", "needs a time for 3 shards: 'time' is measured for 3 to 12"),
    ("{3: 50 ms}", "needs a time for 12 shards: 'time' is measured for 3 to 12"),
    ("{3: 35 ms, 12: 1 s, 13: 2 s}", "'time' is measured for 3 to 12 shards, got 13"),
    (
        "{3: 34 ms, 12: 1 s}",
        "for 3 shards takes 34 ms, less than 'time' with 35 ms; a wait makes nothing f",
    ),
    ("{3: 35 ms, 12: 95 ms}", "for 4 shards takes 41.666667 ms, less than 'time' with 44 ms; a wait makes nothin"),
    ("{3: 35 ms, 12: 95}", "needs a unit, got 95; write for example"),
    ("{3: 35 ms, x: 95 ms}", "the key must be an integer, got 'x'"),
    ("{}", "must have at least one item, got {}"),
    ("35 ms", "must be a mapping of keys such as {12: 95 ms}, a time for a number of shards, got '35 ms'"),
]
SHARDS = [
    ("2 ms", "1 ms", "takes 1 ms, less than 'per_shard' with 2 ms; a wait makes nothing faster"),
    ("2 ms", "{2: 3 ms}", "must have the form of 'per_shard': one time, or one for each of its bitwidths"),
    ("{2: 2 ms}", "3 ms", "must have the form of 'per_shard': one time, or one for each of its bitwidths"),
    ("2 ms", "3", "needs a unit, got 3; write for example"),
    ("{2: 2 ms, 6: 2 ms}", "{2: 3 ms}", "needs a time for 6 bits, as 'per_shard' has"),
    ("{6: 2 ms}", "{6: 2 ms, 32: 3 ms}", "'per_shard' has no time for 32 bits"),
    ("{2: 1 ms, 6: 2 ms}", "{2: 1 ms, 6: 1 ms}", "takes 1 ms, less than 'per_shard' with 2 ms; a wait"),
    ("{2: 2 ms}", "{}", "needs a time for 2 bits, as 'per_shard' has"),
]


def said(path: Path, old: str, new: str, key: str) -> str:
    """Return what is wrong in a profile that was changed, without file and line: all of it where `key` is."""
    broken, line = wrong(DEVICE, old, new)
    line += new[: new.index(key)].count("\n")
    path.write_text(broken)
    found = message(path, read_device).split("\n")
    assert all(sentence.startswith(f"{path}:{line}: ") for sentence in found)
    return "\n".join(sentence.removeprefix(f"{path}:{line}: ") for sentence in found)


@pytest.mark.parametrize(("hand_off", "says"), HAND_OFFS, ids=[row[0] for row in HAND_OFFS])
def test_a_wrong_hand_off_is_named(tmp_path: Path, hand_off: str, says: str) -> None:
    """It is a time with a source, and not negative."""
    assert says in said(tmp_path / "d.yaml", CPU, f"{CPU}    hand_off: {hand_off}\n", "hand_off")


@pytest.mark.parametrize(("late", "says"), LAYERS, ids=[row[0] for row in LAYERS])
def test_wrong_layer_times_after_a_wait_are_named(tmp_path: Path, late: str, says: str) -> None:
    """They are for the same range of shards, and nowhere less than the usual ones, not even between those given."""
    found = said(tmp_path / "d.yaml", TIMES, f"        after_wait: {late}\n{TIMES}", "after_wait")
    assert found.startswith("processors.cpu.layer_times[0].after_wait")
    assert says in found


@pytest.mark.parametrize(("usual", "late", "says"), SHARDS, ids=[" ".join(row[:2]) for row in SHARDS])
def test_wrong_decompression_times_after_a_wait_are_named(tmp_path: Path, usual: str, late: str, says: str) -> None:
    """They have the form and the bitwidths of the usual ones, and none is less."""
    new = f"      per_shard: {usual}\n      after_wait: {late}\n"
    found = said(tmp_path / "d.yaml", SHARD, new, "after_wait")
    assert found.startswith("processors.cpu.decompress.after_wait")
    assert says in found


def test_right_ones_are_read(tmp_path: Path) -> None:
    """Each is as the file says; one for every other number of shards is not needed, equal ones are no mistake."""
    path = tmp_path / "d.yaml"
    text = wrong(DEVICE, CPU, f"{CPU}    hand_off: {{time: 12 us, source: {{grade: D, text: a guess}}}}\n")[0]
    text = wrong(text, TIMES, f"        after_wait: {{3: 45 ms, 12: 95 ms}}\n{TIMES}")[0]
    path.write_text(wrong(text, SHARD, f"{SHARD}      after_wait: 2 ms\n")[0])
    cpu = read_device(path).processors["cpu"]
    assert cpu.hand_off is not None
    assert (cpu.hand_off.time, cpu.hand_off.source.grade) == (12_000, "D")  # type: ignore[union-attr]
    assert cpu.layer_times[0].after_wait == {3: 45_000_000, 12: 95_000_000}
    assert cpu.decompress.after_wait == 2_000_000  # type: ignore[union-attr]


@pytest.mark.parametrize(("source", "grade"), [({"grade": "D", "text": "a guess"}, "D"), (None, None)])
def test_a_hand_off_is_graded_like_others(source: dict[str, str] | None, grade: str | None) -> None:
    """An answer rests on it where the profile has it, and on nothing where it does not."""
    device = toy_device()
    cpu = device.processors["cpu"].model_copy(
        update={"hand_off": Delay.model_validate({"time": "1 us", "source": source})}
    )
    scenario = toy_scenario(toy_model(), device.model_copy(update={"processors": {"cpu": cpu}}))
    assert grades(scenario)["hand_off"] == grade
    assert "hand_off" not in grades(toy_scenario(toy_model(), device))
