"""The table of a device's statistics: read as it is, and every mistake named by its own file and line."""

import hashlib
from pathlib import Path

import pytest
from strategies import GEOMETRY
from test_files import message

from edgesim.errors import InputError
from edgesim.files import read_device, read_scenario
from edgesim.files.made import throttled
from edgesim.files.shipped import shipped_folder
from edgesim.files.write import plain_profile, write_profile
from edgesim.quantile import at_quantile
from edgesim.spread import COLD, HOT, LAYER, PER_SHARD, READ, Point, Statistics

GEOMETRY_TEXT = "{hidden: 8, heads: 2, ffn: 32, seq_len: 4, dtype: fp32}"
PROFILE = f"""schema: edgesim.device/1
name: small
storage: {{read: {{table: [[4 KiB, 10 us], [8 KiB, 15 us]]}}}}
processors:
  cpu:
    layer_times:
      - geometry: {GEOMETRY_TEXT}
        time: {{1: 1 us, 2: 2 us}}
        after_wait: {{1: 1 us, 2: 3 us}}
        decompress: {{per_shard: {{2: 10 ns}}}}
statistics:
"""
KEYS = f"""  file: small.statistics.csv
  processor: cpu
  geometry: {GEOMETRY_TEXT}
"""
LINE = PROFILE.count("\n")
"""Of the key `statistics`; its own keys are below."""
HEADER = "quantity,size,depth,shards,bits,state,n,median_ns,p5_ns,p95_ns,p99_ns,cv"
ROWS = [
    "read,4096,1,,,hot,9,10000,9000,11000,12000,0.1",
    "read,8192,1,,,hot,9,15000,15000,16000,17000,0.1",
    "layer,,,1,,hot,9,1000,900,1100,1200,0.1",
    "layer,,,2,,hot,9,2000,1800,2200,2400,0.1",
    "layer,,,1,,cold,9,1000,900,1100,1200,0.1",
    "layer,,,2,,cold,9,3000,2900,3100,3200,0.1",
    "per_shard,,,,2,hot,9,10,9,11,12,0",
    "hand_off,,,,,cold,9,5,0,6,7,1.5",
]


def written(folder: Path, table: str | None, keys: str = KEYS, profile: str = PROFILE) -> Path:
    """Write a profile and its statistics."""
    path = folder / "small.yaml"
    path.write_text(profile + keys)
    if table is not None:
        (folder / "small.statistics.csv").write_text(table)
    return path


def table(*rows: str) -> str:
    """Return a table of some rows."""
    return "\n".join([HEADER, *rows]) + "\n"


def test_right_statistics_are_read(tmp_path: Path) -> None:
    """In any order, blank lines and Windows line ends included; the file's name goes."""
    device = read_device(written(tmp_path, table(*ROWS[::-1], "").replace("\n", "\r\n")))
    spread = device.statistics
    assert spread is not None
    assert (spread.file, spread.processor, spread.geometry and spread.geometry.model_dump()) == (None, "cpu", GEOMETRY)
    assert len(spread.rows) == len(ROWS)
    assert spread.rows[Point(READ, (4096, 1), HOT)] == Statistics(9, 10000, 9000, 11000, 12000, 0.1)
    assert spread.rows[Point("hand_off", (), COLD)] == Statistics(9, 5, 0, 6, 7, 1.5)
    assert at_quantile(device, 0.95).processors["cpu"].layer_times[0].after_wait == {1: 1100, 2: 3100}


def test_a_profile_may_have_none(tmp_path: Path) -> None:
    """As those that were not measured here."""
    assert read_device(written(tmp_path, None, "", PROFILE.removesuffix("statistics:\n"))).statistics is None


def test_they_are_an_input_of_the_scenario() -> None:
    """Their hash stands beside those of the scenario, the device and the model."""
    content = (shipped_folder("devices") / "cloud-epyc.statistics.csv").read_bytes()
    inputs = read_scenario("validate-minilm").inputs
    assert inputs["device_profiles/cloud-epyc.statistics.csv"] == hashlib.sha256(content).hexdigest()


WRONG = [
    ("", ":1: must be the header quantity,size,depth,shards,bits,state,n,median_ns,p5_ns,p95_ns,p99_ns,cv, got ''"),
    (table(*ROWS).replace("cv", "cv,mine"), ":1: must be the header quantity,size,depth,shards,bits,state,n,"),
    (table(*ROWS).replace("p99_ns", "p999_ns"), ":1: must be the header quantity,size,depth,shards,bits,state,n,"),
    (table(ROWS[0], "read,8192,1,,,hot,9,1,1,1,1"), ":3: must have 12 values, got 11"),
    (table(ROWS[0], ROWS[1] + ",7"), ":3: must have 12 values, got 13"),
    (table(ROWS[0].replace("9000", "-9000")), ":2: p5_ns must be a whole number of at most 15 digits, got '-9000'"),
    (table(ROWS[0].replace("11000", "1.1e4")), ":2: p95_ns must be a whole number of at most 15 digits, got '1.1e4'"),
    (table(ROWS[0].replace(",9,", ",,")), ":2: n must be a whole number of at most 15 digits, got ''"),
    (table(*ROWS[1:], ROWS[0].replace(",9,", ",0,")), ":9: n must be at least 1, got 0"),
    (table(*ROWS[1:], ROWS[0].replace("4096", "0")), ":9: size must be at least 1, got 0"),
    (table(ROWS[0].replace("0.1", "-0.1")), ":2: cv must not be negative, got -0.1"),
    (table(ROWS[0].replace("0.1", "nan")), ":2: must be finite numbers separated by commas, got 'nan'"),
    (table(ROWS[0].replace("hot", "warm")), ":2: unknown state, got 'warm'; known: cold, first, hot"),
    (table(ROWS[0].replace("read", "raed")), ":2: unknown quantity, got 'raed'; did you mean 'read'? known: copy,"),
    (table(ROWS[0].replace("4096", "")), ":2: size must be a whole number of at most 15 digits, got ''"),
    (table(ROWS[0].replace(",,,hot", ",3,,hot")), ":2: shards must be empty for read, got '3'"),
    (table(ROWS[2], "hand_off,,,,2,cold,9,5,0,6,7,1"), ":3: bits must be empty for hand_off, got '2'"),
    (table(*ROWS, ROWS[3]), ":10: gives layer, shards 2, hot again; keep one row"),
    (table(ROWS[0].replace("11000", "9500"), *ROWS[1:]), ":2: percentiles must rise from p5_ns over median_ns to p"),
    (table("", ROWS[0].replace("9000", "10001"), *ROWS[1:]), ":3: percentiles must rise from p5_ns over median_ns to"),
    ("\0", ": is a binary file, not text"),
    (None, ": no such file"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "says"), WRONG, ids=[says[:70] for _, says in WRONG])
def test_a_mistake_in_the_table_is_named_by_file_and_line(tmp_path: Path, content: str | None, says: str) -> None:
    """One sentence with the profile's file and line, and the table's."""
    path = written(tmp_path, content)
    found = message(path, read_device)
    assert found.startswith(f"{path}:{LINE + 1}: statistics.file: {tmp_path / 'small.statistics.csv'}{says}")
    assert "\n" not in found


@pytest.mark.parametrize(
    "gone",
    ["read,8192,1,,,hot", "layer,,,2,,hot", "layer,,,1,,cold", "layer,,,2,,cold"],
)
def test_a_row_that_the_profile_needs_is_missed(tmp_path: Path, gone: str) -> None:
    """Every tabulated number needs its row, where there are any of its kind."""
    path = written(tmp_path, table(*(each for each in ROWS if not each.startswith(gone))))
    quantity, *keys, state = (part for part in gone.split(",") if part)
    names = {"read": ("size", "depth"), "layer": ("shards",)}[quantity]
    point = ", ".join([quantity, *(f"{name} {key}" for name, key in zip(names, keys, strict=True)), state])
    says = f"statistics: lacks a row for {point}, which the profile tabulates; make both with edgesim profile"
    assert message(path, read_device) == f"{path}:{LINE}: {says}"


@pytest.mark.parametrize(
    ("keys", "line", "says"),
    [
        (KEYS.replace("file:", "fiel:"), 1, "statistics.fiel: unknown key; did you mean 'file'? known: file, geo"),
        ("  processor: cpu\n", 0, "statistics: needs 'file', the table of statistics; edgesim.read_device reads it"),
        (KEYS.replace("small.statistics.csv", "5"), 1, "statistics.file: must be text, got 5"),
        (KEYS.replace("cpu", "gpu"), 2, "statistics.processor: unknown processor; did you mean 'cpu'? known: cpu"),
        (KEYS.replace("seq_len: 4", "seq_len: 5"), 3, "statistics.geometry: cpu has no layer times for hidden 8, h"),
        (KEYS.replace("  processor: cpu\n", ""), 0, "statistics: give both 'processor' and 'geometry', those of the"),
        (KEYS + "  values: []\n", 1, "statistics.file: give either 'file' or 'values', not both"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_profile_is_named_there(tmp_path: Path, keys: str, line: int, says: str) -> None:
    """With the line of the key."""
    path = written(tmp_path, table(*ROWS), keys)
    assert f"{path}:{LINE + line}: {says}" in message(path, read_device)


def test_other_storage_brings_its_own_statistics(tmp_path: Path) -> None:
    """A throttle's reads count, and nothing that was measured of the storage it replaces."""
    cloud, other = read_device("cloud-epyc"), read_device("odroid-n2plus")
    with pytest.raises(InputError, match="cloud-epyc-with-odroid-n2plus gives no measured distribution of reads"):
        at_quantile(throttled(cloud, other), 0.95)
    assert throttled(other, other).statistics is None
    spread = throttled(other, cloud).statistics
    assert spread is not None
    assert {quantity for quantity, _ in spread.parts} == {"read", "wake"}
    small = read_device(written(tmp_path, table(*ROWS)))
    found = at_quantile(throttled(small, cloud), 0.95)
    assert found.storage == at_quantile(cloud, 0.95).storage
    assert found.processors == at_quantile(small, 0.95).processors


def test_a_changed_profile_leaves_them_behind(tmp_path: Path) -> None:
    """They would be those of what was replaced; a profile written with its own table has them."""
    path = written(tmp_path, table(*ROWS))
    data = plain_profile(path)
    assert "statistics" not in data
    named = data | {"statistics": {"file": "mine.csv"}}
    with pytest.raises(
        InputError, match=r"other\.yaml is not written, its line :\d+: statistics\.file: .*no such file"
    ):
        write_profile(tmp_path / "other.yaml", named)
    write_profile(tmp_path / "other.yaml", named, {"mine.csv": table(*ROWS)})
    spread = read_device(tmp_path / "other.yaml").statistics
    assert spread is not None
    assert {Point(LAYER, (1,), HOT), Point(PER_SHARD, (2,), HOT)} <= set(spread.rows)
