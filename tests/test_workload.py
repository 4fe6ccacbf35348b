"""Who asks when, as files say it: every kind is read, and every mistake is named by file, line and key."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edgesim.errors import InputError
from edgesim.files import read_scenario
from edgesim.files.schemas import schema_texts
from edgesim.files.shipped import shipped_folder
from edgesim.workload import Engagements, MultiStream, Offline, Server, SingleStream, Workload

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
LINE = SCENARIO.count("\n") + 1
BURSTS = "kind: engagements, inferences: [1, 3], think_time: 10 s, gap: {exponential: 10 min}"
PARSER: TypeAdapter[Any] = TypeAdapter(Workload)


def scenario(folder: Path, workload: str) -> Path:
    """Write a scenario with a workload in its last line."""
    path = folder / "s.yaml"
    path.write_text(f"{SCENARIO}workload: {{{workload}}}\n")
    return path


@pytest.mark.parametrize(
    ("text", "kind", "inferences", "until_ns"),
    [
        ("", SingleStream, 1, None),
        ("inferences: 3, start: cold", SingleStream, 3, None),
        ("kind: multi_stream, queries: 5", MultiStream, 40, None),
        ("kind: multi_stream, queries: 5, samples: 2", MultiStream, 10, None),
        ("kind: server, rate: 2 /s, inferences: 7", Server, 7, None),
        ("kind: server, rate: 2 /s, duration: 1 h", Server, None, 3600 * 10**9),
        ("kind: server, rate: 2 /s, duration: 1 s, inferences: 9", Server, 9, 10**9),
        ("kind: offline, inferences: 6", Offline, 6, None),
        (f"{BURSTS}, engagements: 4", Engagements, None, None),
        (f"{BURSTS}, engagements: 4".replace("[1, 3]", "3"), Engagements, 12, None),
        (f"{BURSTS}, engagements: 4, duration: 24 h".replace("[1, 3]", "3"), Engagements, None, 24 * 3600 * 10**9),
    ],
)
def test_every_kind_is_read(
    tmp_path: Path, text: str, kind: type, inferences: int | None, until_ns: int | None
) -> None:
    """Without a kind it is a single stream; the number of inferences is known where nothing is left to chance."""
    workload = read_scenario(scenario(tmp_path, text)).workload
    assert type(workload) is kind
    assert (workload.inferences, workload.until_ns) == (inferences, until_ns)
    assert workload.start == ("cold" if "cold" in text else "warm")


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2 /s", Fraction(2)), ("0.1 /h", Fraction(1, 36000)), ("7/min", Fraction(7, 60)), ("1e9 /s", Fraction(10**9))],
)
def test_a_rate_is_exact(text: str, rate: Fraction) -> None:
    """No rate is rounded, a third of a second no more than a half."""
    assert PARSER.validate_python({"kind": "server", "rate": text, "inferences": 1}).rate_per_s == rate


@pytest.mark.parametrize(
    ("form", "key"),
    [("10 s", "constant"), ({"constant": "10 s"}, "constant"), ({"exponential": "10 s"}, "exponential")],
)
def test_a_duration_is_constant_or_drawn(form: object, key: str) -> None:
    """A plain time is a constant; anything else says what it is."""
    given = {"kind": "engagements", "engagements": 1, "inferences": 1, "think_time": form, "gap": "0 s"}
    assert getattr(PARSER.validate_python(given).think_time, key) == 10**10


MISTAKES = [
    ("kind: servr", ".kind: unknown kind, got servr; did you mean 'server'? known: engagements, multi_stream, off"),
    ("kind: [server]", ".kind: unknown kind, got ['server']; did you mean 'server'? known: engagements, multi"),
    ("kind: null", ".kind: unknown kind, got nothing; known: engagements, multi_stream"),
    ("rate: 2 /s", ".rate: unknown key; known: inferences, kind, start"),
    ("queries: 2", ".queries: unknown key; known: inferences, kind, start"),
    ("kind: server, inferences: 2", ".rate: missing; add it"),
    ("kind: server, rate: 2 /s", ": would never end; give 'inferences' or 'duration'"),
    ("kind: server, rate: 2 /s, duration: null", ": would never end; give 'inferences' or 'duration'"),
    ("kind: server, rate: 2, inferences: 2", ".rate: needs a unit, got 2; write for example '2 /s'"),
    ("kind: server, rate: 2 s, inferences: 2", ".rate: unknown unit 's' in '2 s'; did you mean '/s'? known: /h, /min"),
    ("kind: server, rate: 0 /s, inferences: 2", ".rate: must be above 0 and at most 1e9 /s, got 0 /s"),
    ("kind: server, rate: 1e10 /s, inferences: 2", ".rate: must be above 0 and at most 1e9 /s, got 1e10 /s"),
    ("kind: server, rate: .nan, inferences: 2", ".rate: must be a quantity such as '2 /s', got 'nan'"),
    ("kind: server, rate: 2 /s, inferences: 0", ".inferences: must be greater than or equal to 1, got 0"),
    ("kind: server, rate: 2 /s, inferences: 1e9", ".inferences: must be an integer, got 1000000000.0"),
    ("kind: server, rate: 2 /s, inferences: 1000000001", ".inferences: must be less than or equal to 1000000000, got"),
    ("kind: server, rate: 2 /s, duration: 0 s", ".duration: must be greater than 0, got '0 s'"),
    ("kind: server, rate: 2 /s, duration: 5000 h", ".duration: is too large, got 5000 h; the limit is 2**53 of"),
    ("kind: server, rate: 2 /s, inference: 5", ".inference: unknown key; did you mean 'inferences'? known: duration, "
                                               "inferences, kind, rate, start"),
    ("kind: server, rate: 2 /s, server: 5, inferences: 5", ".server: unknown key; known: duration, inferences, kind"),
    ("kind: server, rate: 2 /s, inferences: 5, start: hot", ".start: unknown value, got 'hot'; known: 'warm' or 'co"),
    ("kind: multi_stream, queries: 2, samples: 0", ".samples: must be greater than or equal to 1, got 0"),
    ("kind: multi_stream, queries: 2, inferences: 3", ".inferences: unknown key; known: kind, queries, samples, start"),
    ("kind: offline", ".inferences: missing; add it"),
    (BURSTS, ": would never end; give 'engagements' or 'duration'"),
    (f"{BURSTS}, engagements: true", ".engagements: must be an integer, got true"),
    (f"{BURSTS}, engagements: 2, burst: 3", ".burst: unknown key; known: day, duration, engagements, gap, inferences"),
    (BURSTS.replace("[1, 3]", "[3, 1]") + ", duration: 1 h", ".inferences: must be from the least to the most, got [3"),
    (BURSTS.replace("[1, 3]", "[0, 1]") + ", duration: 1 h", ".inferences[0]: must be greater than or equal to 1, got"),
    (BURSTS.replace("[1, 3]", "[1]") + ", duration: 1 h", ".inferences[1]: missing; add it"),
    (BURSTS.replace("[1, 3]", "0") + ", duration: 1 h", ".inferences: must be a whole number from 1 to 10000, or a ra"),
    (BURSTS.replace("[1, 3]", "true") + ", duration: 1 h", ".inferences: must be a whole number from 1 to 10000, or "),
    (BURSTS.replace("10 s", "10") + ", duration: 1 h", ".think_time: needs a unit, got 10; write for example '200 ms'"),
    (BURSTS.replace("10 s", "{}") + ", duration: 1 h", ".think_time: must be a duration such as '10 s', {exponential:"),
    (BURSTS.replace("10 s", "") + ", duration: 1 h", ".think_time: must be a duration such as '10 s', {exponential:"),
    (BURSTS.replace("10 s", "{uniform: }") + ", duration: 1 h", ".think_time: must be a duration such as '10 s', {exp"),
    (BURSTS.replace("10 s", "{uniform: [2 s, 1 s]}") + ", duration: 1 h",
     ".think_time.uniform: must be from the least to the most, got 2,000.0 ms and 1,000.0 ms"),
    (BURSTS.replace("10 s", "{uniform: [-2 s, 1 s]}") + ", duration: 1 h", ".think_time.uniform[0]: must not be negat"),
    (BURSTS.replace("10 s", "{uniform: 1 s, constant: 1 s}") + ", duration: 1 h", ".think_time: must be a duration su"),
    (BURSTS.replace("exponential", "exponentail") + ", duration: 1 h",
     ".gap.exponentail: unknown key; did you mean 'exponential'? known: constant, exponential, lognormal, uniform"),
    (BURSTS.replace("10 min", "0 s") + ", duration: 1 h", ".gap.exponential: must be greater than 0, got '0 s'"),
    (BURSTS.replace("10 s", "{lognormal: {median: 1 s}}") + ", duration: 1 h", ".think_time.lognormal.sigma: missing;"),
    (BURSTS.replace("10 s", "{lognormal: {median: 1 s, sigma: 0}}") + ", duration: 1 h",
     ".think_time.lognormal.sigma: must be greater than 0, got 0"),
    (f"{BURSTS}, duration: 1 h, day: {{from: 23 h, to: 7 h}}", ".day.to: must be later than 'from', on the same day"),
    (f"{BURSTS}, duration: 1 h, day: {{from: 7 h, to: 25 h}}", ".day.to: must be less than or equal to 86400000000000"),
    (f"{BURSTS}, duration: 1 h, day: {{to: 25 h}}", ".day.from: missing; add it"),
    ("kind: trace", ": needs 'file', a CSV of arrivals"),
    ("kind: trace, file: 5", ".file: must be text, got 5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), MISTAKES, ids=[f"{text[-40:]} {says[:30]}" for text, says in MISTAKES])
def test_a_mistake_is_named_by_file_line_and_key(tmp_path: Path, text: str, says: str) -> None:
    """Each gives one sentence, and known keys are those of the workload's kind."""
    path = scenario(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    found = str(caught.value).split("\n")
    assert any(sentence.startswith(f"{path}:{LINE}: workload{says}") for sentence in found), found
    assert all(sentence.startswith(f"{path}:{LINE}: workload") for sentence in found)


@settings(max_examples=200)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                    max_leaves=5), st.data())  # fmt: skip
def test_whatever_stands_there_is_refused_in_a_sentence(value: object, data: st.DataObject) -> None:
    """Any value for any key of any kind either is right or gives an InputError, never anything else."""
    kind = data.draw(st.sampled_from(["single_stream", "multi_stream", "server", "offline", "engagements", "trace"]))
    key = data.draw(st.sampled_from(["kind", "rate", "inferences", "think_time", "day", "queries", "duration", "file"]))
    workload = data.draw(st.sampled_from([value, {"kind": kind, key: value}]))
    try:
        read_scenario("quickstart", {"workload": workload})
    except InputError as error:
        assert "workload" in str(error)  # noqa: PT017  (it may be right, too)


SCHEMA = json.loads(schema_texts()["scenario.schema.json"])


def fits_schema(workload: object) -> bool:
    """Tell whether an editor would accept a workload."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not needed for anything else")
    schema = {**SCHEMA["properties"]["workload"], "$defs": SCHEMA["$defs"]}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(workload))


RIGHT: list[dict[str, object]] = [
    {},
    {"inferences": 3},
    {"kind": "offline", "inferences": 3},
    {"kind": "server", "rate": "2 /s", "inferences": 3},
    {"kind": "multi_stream", "queries": 3},
    {"kind": "engagements", "inferences": [1, 3], "think_time": "1 s", "gap": {"uniform": ["1 s", "2 s"]}},
    {"kind": "engagements", "inferences": 2, "think_time": "1 s", "gap": "1 h", "day": {"from": "7 h", "to": "23 h"}},
    {"kind": "trace", "file": "a.csv"},
]


def test_editors_accept_what_is_right() -> None:
    """The schema has one form for each kind, and one of them fits."""
    assert [workload for workload in RIGHT if not fits_schema(workload)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "servr"},
        {"kind": "server", "rate": "2 s", "inferences": 3},
        {"kind": "server", "inferences": 3},
        {"rate": "2 /s"},
        {"kind": "engagements", "inferences": [1, 2, 3], "think_time": "1 s", "gap": "1 h"},
        {"kind": "engagements", "inferences": 1, "think_time": {}, "gap": "1 h"},
        {"kind": "engagements", "inferences": 1, "think_time": "1 s", "gap": {"exponential": 5}},
        {"kind": "trace", "values": []},
    ],
)
def test_editors_refuse_what_is_wrong(wrong: dict[str, object]) -> None:
    """Unknown kinds, missing keys, wrong units and wrong shapes are seen while typing."""
    assert not fits_schema(wrong)
