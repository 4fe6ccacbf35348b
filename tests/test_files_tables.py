"""The table of a model's records: read as it is, and every mistake named by its own file and line."""

import hashlib
from pathlib import Path

import pytest

from edgesim.errors import InputError
from edgesim.files import read_model, read_scenario
from edgesim.files.shipped import shipped_folder
from edgesim.provenance import grades

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
SMALL = (shipped_folder("models") / "dynabert-12x12.yaml").read_text()
for old, new in (
    ("\nlayers: 12", "\nlayers: 1"),
    ("shards_per_layer: 12", "shards_per_layer: 2"),
    ("parameters_per_shard: 589824", "parameters_per_shard: 40"),
    ("bitwidths: [2, 3, 4, 5, 6, 32]", "bitwidths: [2, 6]"),
    ("min_layers: 3", "min_layers: 1"),
):
    assert SMALL.count(old) == 1
    SMALL = SMALL.replace(old, new)
HEADER = "layer,shard,bits,offset,bytes,outliers,checksum"
ROWS = [
    "0,0,2,0,10,0,01234567",
    "0,1,2,4096,18,1,89ABCDEF",
    "0,0,6,8192,30,0,00000000",
    "0,1,6,12288,38,1,ffffffff",
]
RECORDS = "records:\n  file: records.csv\n  source: {grade: C, text: 'bytes = what the store holds'}\n"


def written(folder: Path, table: str | None, more: str = RECORDS) -> Path:
    """Write a model of one layer of two shards, and its table."""
    path = folder / "m.yaml"
    path.write_text(SMALL + more)
    if table is not None:
        (folder / "records.csv").write_text(table)
    return path


def table(*rows: str) -> str:
    """Return a table of some rows."""
    return "\n".join([HEADER, *rows]) + "\n"


def test_a_right_table_is_read(tmp_path: Path) -> None:
    """In any order, blank lines and Windows line ends included; the source stays, the file's name goes."""
    path = written(tmp_path, table(*ROWS[::-1], "").replace("\n", "\r\n"))
    records = read_model(path).records
    assert records is not None
    assert records.placed == {
        (0, 0, 2): (0, 10),
        (0, 1, 2): (4096, 18),
        (0, 0, 6): (8192, 30),
        (0, 1, 6): (12288, 38),
    }
    assert (records.file, records.source.grade if records.source else None) == (None, "C")


def test_the_table_is_an_input_of_the_scenario(tmp_path: Path) -> None:
    """Its hash stands beside those of the scenario, the device and the model, and its source counts."""
    third = ["0,2,2,16384,10,0,01234567", "0,2,6,20480,30,0,01234567"]
    path = written(tmp_path, table(*ROWS, *third))
    path.write_text(path.read_text().replace("shards_per_layer: 2", "shards_per_layer: 3"))
    (tmp_path / "s.yaml").write_text(SCENARIO.replace("model: dynabert-12x12", "model: m.yaml"))
    scenario = read_scenario(tmp_path / "s.yaml")
    assert scenario.inputs["records.csv"] == hashlib.sha256((tmp_path / "records.csv").read_bytes()).hexdigest()
    assert len(scenario.inputs) == 4
    assert grades(scenario)["records"] == "C"


WRONG = [
    ("", "records.csv:1: must be the header layer,shard,bits,offset,bytes,outliers,checksum, got ''"),
    ("\n".join(ROWS), "records.csv:1: must be the header layer,shard,bits,offset,bytes,outliers,checksum, got '0,0,2"),
    (table("0,0,2,0,10,0"), "records.csv:2: must have 7 values, got 6"),
    (table(ROWS[0], ROWS[1] + ",x"), "records.csv:3: must have 7 values, got 8"),
    (table("-1,0,2,0,10,0,01234567"), "records.csv:2: layer must be a whole number of at most 15 digits, got"),
    (table("0,x,2,0,10,0,01234567"), "records.csv:2: shard must be a whole number of at most 15 digits, got"),
    (table("0,0,2.0,0,10,0,01234567"), "records.csv:2: bits must be a whole number of at most 15 digits, got"),
    (table("0,0,2,-1,10,0,01234567"), "records.csv:2: offset must be a whole number of at most 15 digits, got"),
    (table("0,0,2,0,1e3,0,01234567"), "records.csv:2: bytes must be a whole number of at most 15 digits, got"),
    (table("0,0,2,0,10,,01234567"), "records.csv:2: outliers must be a whole number of at most 15 digits, got"),
    (table("0,0,2,0," + "9" * 5000 + ",0,01234567"), "records.csv:2: bytes must be a whole number of at most"),
    (table("0,0,2,0,10,0,1234567"), "records.csv:2: checksum must be 8 hexadecimal digits, got '1234567'"),
    (table("0,0,2,0,10,0,0123456g"), "records.csv:2: checksum must be 8 hexadecimal digits, got '0123456g'"),
    (table(*ROWS[:3]), "records: lacks a row for layer 0, shard 1 at 6 bits; every version of every shard needs one"),
    (table(*ROWS, ROWS[1]), "records.csv:6: names layer 0, shard 1 at 2 bits again; keep one row"),
    (table(*ROWS, "1,0,2,0,10,0,01234567"), "records.csv:6: names layer 1, shard 0 at 2 bits, but the model"),
    (table(*ROWS, "0,2,2,0,10,0,01234567"), "records.csv:6: names layer 0, shard 2 at 2 bits, but the model"),
    (table(*ROWS, "0,0,3,0,10,0,01234567"), "records.csv:6: names layer 0, shard 0 at 3 bits, but the model"),
    (table("0,0,2,0,9,0,01234567", *ROWS[1:]), "records.csv:2: gives layer 0, shard 0 at 2 bits 9 B, but its"),
    (table("", *ROWS[:3], "", "0,1,6,8200,38,1,ffffffff"),
     "records.csv:7: puts layer 0, shard 1 at 6 bits at 8200 B, but layer 0, shard 0 at 6 bits ends at 8222 B"),
    ("\0", "records.csv: is a binary file, not text"),
    (None, "records.csv: no such file"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "says"), WRONG, ids=[says[:70] for _, says in WRONG])
def test_a_mistake_in_a_table_is_named_by_file_and_line(tmp_path: Path, content: str | None, says: str) -> None:
    """Each mistake is one sentence with the model's file and line, and where it can be, the table's."""
    path = written(tmp_path, content)
    line = SMALL.count("\n") + 1
    with pytest.raises(InputError) as caught:
        read_model(path)
    found = str(caught.value).split("\n")
    assert any(says in sentence for sentence in found), found
    places = (f"{path}:{line}: records: ", f"{path}:{line + 1}: records.file: ")
    assert all(sentence.startswith(places) for sentence in found)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("records: {}\n", "records: give 'values' or, where edgesim.read_model reads it, 'file'"),
        ("records: {file: 5}\n", "records.file: must be text, got 5"),
        ("records: {file: records.csv, values: []}\n", "records.file: give either 'file' or 'values', not both"),
        ("records: {values: [[0, 0, 2, 0, 9]]}\n", "records.values[0]: gives layer 0, shard 0 at 2 bits 9 B, but its"),
        ("records: {values: [[0, 0, 2, 0, 9, 1]]}\n", "records.values[0]: must have at most 5 items, got [0, 0,"),
        ("records: {values: [[0, 0, 2, 0]]}\n", "records.values[0][4]: missing; add it"),
        ("records: {values: [[0, 0, 2, 0, -1]]}\n", "records.values[0][4]: must be greater than or equal to 0, got -1"),
    ],
)  # fmt: skip
def test_records_in_the_model_file_itself_are_named_there(tmp_path: Path, more: str, says: str) -> None:
    """Without a table, a mistake has the model's line and key."""
    path = written(tmp_path, table(*ROWS), more)
    with pytest.raises(InputError) as caught:
        read_model(path)
    assert f"{path}:{SMALL.count(chr(10)) + 1}: {says}" in str(caught.value)


def test_very_many_mistakes_are_counted(tmp_path: Path) -> None:
    """Of a table for another model the first mistakes are shown."""
    path = written(tmp_path, table(*(f"{layer},0,2,0,10,0,01234567" for layer in range(1000))))
    with pytest.raises(InputError, match=r"950 more mistakes are not shown"):
        read_model(path)
