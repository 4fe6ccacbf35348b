"""Traces of arrivals: read exactly, and every mistake named by the trace's own file and line."""

import hashlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.files.arrivals import UNITS, fill_workload, read_arrivals
from edgesim.files.references import Reading
from edgesim.files.text import Text, read_text
from edgesim.units import LARGEST
from edgesim.workload import Trace


def filled(folder: Path, table: str | None, workload: str = "{kind: trace, file: a.csv, start: cold}"
           ) -> tuple[dict[Any, Any], set[Any], Reading, Text]:  # fmt: skip
    """Fill the workload of a second app from a table beside the file."""
    path = folder / "s.yaml"
    path.write_text(f"apps:\n  keyboard:\n    workload: {workload}\n")
    if table is not None:
        (folder / "a.csv").write_text(table)
    text, reading = read_text(path, "s.yaml"), Reading(folder)
    given: dict[Any, Any] = text.data["apps"]["keyboard"]  # type: ignore[index]
    return given, fill_workload(reading, text, folder, given, ("apps", "keyboard")), reading, text


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("arrival_ns\n5\n", [(5, 0)]),
        ("arrival_us\n0.001\n", [(1, 0)]),
        ("arrival_ms\n0\n0.1\n\n0.3\n12\n", [(0, 0), (100_000, 1), (300_000, 2), (12_000_000, 3)]),
        ("\ufeffarrival_s,engagement\r\n0.3,2\r\n0.3, 2\r\n 9007199.254740992,9\r\n",
         [(300_000_000, 2), (300_000_000, 2), (LARGEST, 9)]),
        ("arrival_ns\n0.2\n1.0\n", [(1, 0), (1, 1)]),
    ],
)  # fmt: skip
def test_a_trace_is_read_exactly(tmp_path: Path, table: str, values: list[tuple[int, int]]) -> None:
    """In any unit, with decimals, with engagements or each a new one; its hash is among the inputs."""
    given, failed, reading, text = filled(tmp_path, table)
    trace = Trace.model_validate(given["workload"])
    assert (list(map(tuple, trace.values or ())), failed, text.mistakes) == (values, set(), [])
    assert (type(trace), trace.start, trace.inferences) == (Trace, "cold", len(values))
    assert reading.inputs == {"a.csv": hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()}


@given(st.lists(st.decimals(0, 9_000, places=9), min_size=1, max_size=9), st.sampled_from(sorted(UNITS)))
def test_decimals_of_a_trace_do_not_pass_through_floats(times: list[Decimal], column: str) -> None:
    """Every time is what exact arithmetic says, a fraction of a nanosecond rounded up."""
    times.sort()
    found = read_arrivals("\n".join([column, *(f"{time:f}" for time in times)]), "a.csv")
    assert [row.arrival_ns for row in found] == [-int(-Fraction(time) * UNITS[column] // 1) for time in times]


WRONG = [
    ("arrival_ms\n5\n4\n", "a.csv:3: runs backwards, got 4, which is before the arrival above it; sort the rows"),
    ("arrival_ms,engagement\n5,1\n6,0\n", "a.csv:3: engagement runs backwards, got 0 after 1"),
    ("arrival_ms\n-1\n", "a.csv:2: arrival_ms must not be negative, got '-1'"),
    ("arrival_ms\n1\n\nx\n", "a.csv:4: arrival_ms must be a decimal number such as 12.5, got 'x'"),
    ("arrival_ms\n1e3\n", "a.csv:2: arrival_ms must be a decimal number such as 12.5, got '1e3'"),
    ("arrival_ms\nnan\n", "a.csv:2: arrival_ms must be a decimal number such as 12.5, got 'nan'"),
    ("arrival_ms\n\u0661\n", "a.csv:2: arrival_ms must be a decimal number such as 12.5, got '\u0661'"),
    ('arrival_ms\n""\n', "a.csv:2: arrival_ms must be a decimal number such as 12.5, got ''"),
    ("arrival_s\n9007199.254740993\n", "a.csv:2: arrival_s is too large, got 9007199.254740993; the limit is 2**53 n"),
    ("arrival_s,engagement\n1\n", "a.csv:2: must have 2 values, got 1"),
    ("arrival_s\n1,2\n", "a.csv:2: must have 1 values, got 2"),
    ("arrival_s,engagement\n1,1.5\n", "a.csv:2: engagement must be a whole number of at most 15 digits, got '1.5'"),
    (
        "arrival\n1\n",
        "a.csv:1: must be the header arrival_ns, arrival_us, arrival_ms, arrival_s, or one of them and en",
    ),
    ("arrival_ms,app\n1,a\n", "a.csv:1: must be the header arrival_ns, arrival_us, arrival_ms, arrival_s, or one of t"),
    ("5\n6\n", "a.csv:1: must be the header arrival_ns"),
    ("", "a.csv:1: must be the header arrival_ns"),
    ("arrival_ms\n", "a.csv: has no arrivals; give at least one row below the header"),
    ("arrival_ms\n" + '"' + "x" * 200_000, "a.csv: is not CSV, field larger than field limit"),
    ("\0", "a.csv: is a binary file, not text"),
    (None, "a.csv: no such file"),
]


@pytest.mark.parametrize(("table", "says"), WRONG, ids=[says[:60] for _, says in WRONG])
def test_a_mistake_in_a_trace_is_named_by_its_own_line(tmp_path: Path, table: str | None, says: str) -> None:
    """The sentence has file, line and key of the scenario, and file and line of the trace; nothing else is said."""
    _, failed, reading, text = filled(tmp_path, table)
    (sentence,) = text.sentences()
    assert sentence.startswith("s.yaml:3: apps.keyboard.workload.file: ")
    assert says in sentence
    assert (failed, reading.inputs) == ({("apps", "keyboard", "workload")}, {})


def test_arrivals_stand_in_a_table_only(tmp_path: Path) -> None:
    """In a scenario's file there is no key for them."""
    *_, failed, _, text = filled(tmp_path, None, "{kind: trace, values: [[1, 0]]}")
    assert text.sentences() == [
        "s.yaml:3: apps.keyboard.workload.values: unknown key; known: file, kind, start"
    ]  # fmt: skip
    assert failed == {("apps", "keyboard", "workload")}


@pytest.mark.parametrize("workload", ["[]", "5", "{kind: trace}", "{kind: trace, file: 5}", "{file: a.csv}"])
def test_what_names_no_trace_is_left_alone(tmp_path: Path, workload: str) -> None:
    """The workload's own validation says what is wrong with it, if anything is."""
    given, failed, reading, text = filled(tmp_path, None, workload)
    assert (failed, reading.inputs, text.mistakes) == (set(), {}, [])
    assert given == text.data["apps"]["keyboard"]  # type: ignore[index]


@pytest.mark.parametrize("values", [[(5, 0), (4, 0)], [(5, 1), (6, 0)], [(-1, 0)], [], [(LARGEST + 1, 0)]])
def test_a_trace_in_python_must_be_in_order_too(values: list[tuple[int, int]]) -> None:
    """Whoever makes one without a file is told as well."""
    with pytest.raises(ValueError, match=r"backwards|greater|less|needs 'file'"):
        Trace(kind="trace", values=values)
