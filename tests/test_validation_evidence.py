"""A campaign's file holds all that its figures rest on, and whatever else is in it is refused in one sentence."""

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Case as Drawn
from strategies import legal_cases, toy_device, toy_model, toy_plan, toy_scenario
from tiny import flipped
from validated import campaign_of, run_of, simulated_case, stretched_run, toy_case, with_handoffs

from edgesim.cli import main
from edgesim.errors import InputError
from edgesim.validation import evidence
from edgesim.validation.evidence import read_campaign, write_campaign
from edgesim.validation.records import Campaign
from edgesim.validation.verdict import judge

Json = dict[str, Any]


def some_campaign() -> Campaign:
    """Return a campaign with everything that a file may have: sessions, hand-offs, losses, unknowns, circumstances."""
    kept = ((0, 0), (0, 1))
    model = toy_model()
    scenario = toy_scenario(model, load_buffer=500, preload=10**4, inferences=2, start="cold")
    session = simulated_case(scenario, toy_plan(model, [[6, 6], [32, 2]], preload=kept, retain=kept), "s", {"k": "v"})
    emulated = toy_case(throttle=toy_device(name="other"))
    runs = [
        stretched_run(emulated, 3, 2, turn=7, overruns=1),
        run_of(emulated, with_handoffs(emulated.simulated, 40), pressure_us={"io": 3}, arena_bytes=5, steal_ns=None),
        *[run_of(emulated)] * 3,
        run_of(emulated, disturbed="stolen by ü"),
    ]
    about = {"machine": {"cpu": "x", "load": [0.5]}, "engine": {"direct": True, "why_not": None}, "executed": "today"}
    return campaign_of((session, [run_of(session)]), (emulated, runs), circumstances=about)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a campaign."""
    write_campaign(tmp_path / "campaign.json.gz", some_campaign())
    return tmp_path / "campaign.json.gz"


def test_what_is_read_is_what_was_written(path: Path) -> None:
    """The same objects of the same types, so the same figures."""
    written, found = some_campaign(), read_campaign(path)
    assert found == written
    assert judge(found) == judge(written)
    assert judge(found).to_dict() == judge(written).to_dict()
    assert [type(found.cases[0].works[0]), type(found.runs[0][0].timeline.spans[0])] == [
        type(written.cases[0].works[0]), type(written.runs[0][0].timeline.spans[0]),
    ]  # fmt: skip


@settings(max_examples=60)
@given(legal_cases())
def test_any_campaign_comes_back(drawn: Drawn) -> None:
    """For any plan, device and session; what can be executed is never refused as damaged."""
    import tempfile

    case = simulated_case(*drawn)
    campaign = campaign_of((case, [run_of(case), stretched_run(case, 3, disturbed="stolen")]))
    with tempfile.TemporaryDirectory() as folder:
        write_campaign(Path(folder) / "c", campaign)
        assert read_campaign(Path(folder) / "c") == campaign


def test_the_same_campaign_gives_the_same_bytes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written again, also after it was read; the time of writing is not in it."""
    before = path.read_bytes()
    monkeypatch.setattr("time.time", lambda: 10**9)
    write_campaign(path.with_name("other-name"), read_campaign(path))
    assert path.with_name("other-name").read_bytes() == before
    assert json.loads(gzip.decompress(before))["schema"] == "edgesim.campaign/1"


def test_what_cannot_be_written_is_no_file(path: Path) -> None:
    """The folder is missing."""
    with pytest.raises(InputError, match="there is no folder"):
        write_campaign(path.parent / "none" / "x", some_campaign())


def sentence(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence with which a file is refused."""
    capsys.readouterr()
    assert main(["validate", "--from", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"edgesim: {path}: ")
    return err.removeprefix(f"edgesim: {path}: ").strip()


DAMAGED = "is no campaign of edgesim validate (edgesim.campaign/1), or damaged"
CONTENTS = {
    "empty": b"",
    "text": b"hello",
    "no gzip": json.dumps({"schema": "edgesim.campaign/1"}).encode(),
    "magic alone": b"\x1f\x8b",
    "no JSON": gzip.compress(b"hello"),
    "no object": gzip.compress(b"[1, 2]"),
    "a number": gzip.compress(b"1"),
    "nothing in it": gzip.compress(b"{}"),
    "schema alone": gzip.compress(b'{"schema": "edgesim.campaign/1"}'),
    "no text": gzip.compress(b'"\xff\xfe"'),
    "too deep": gzip.compress(b'{"schema": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "unpaired": gzip.compress(b'{"schema": "\\ud800"}'),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_what_is_no_campaign_is_refused(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it is instead."""
    (tmp_path / "x").write_bytes(content)
    assert sentence(tmp_path / "x", capsys) == DAMAGED


def test_what_is_no_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, a folder, a pipe that nobody writes to."""
    assert sentence(tmp_path / "none", capsys) == "no such file"
    assert sentence(tmp_path, capsys) == "is a directory, not a file"
    os.mkfifo(tmp_path / "pipe")
    assert sentence(tmp_path / "pipe", capsys) == "is not a regular file"


def test_a_file_of_another_kind_or_version_is_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names the one that is wanted."""
    for schema in ("edgesim.campaign/2", "edgesim.result/1", None, 5, ["edgesim.campaign/1"]):
        rewrite(path, lambda found, schema=schema: found | {"schema": schema})
        assert sentence(path, capsys) == DAMAGED


@settings(max_examples=40)
@given(st.data())
def test_a_truncated_or_damaged_file_is_refused(data: st.DataObject) -> None:
    """Cut anywhere, or with one bit changed: refused, or the bit was of no consequence."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        write_campaign(path, some_campaign())
        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        with pytest.raises(InputError, match="or damaged"):
            read_campaign(path)
        path.write_bytes(flipped(whole, data.draw(st.integers(0, 8 * len(whole) - 1))))
        try:
            assert read_campaign(path) == some_campaign()  # a flag, time or system in the head of gzip
        except InputError as error:
            assert "or damaged" in str(error)  # noqa: PT017  (it may also be read)


def test_a_file_that_unpacks_to_too_much_is_refused(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file may unpack to anything; packed, it may also be too large."""
    monkeypatch.setattr(evidence, "LARGEST", 10_000)
    path.write_bytes(gzip.compress(b" " * 10_001))
    assert sentence(path, capsys) == "is too large, unpacked it has more than 10000 B"
    path.write_bytes(b"x" * 10_001)
    assert sentence(path, capsys).startswith("is too large, got 10001 B")


def rewrite(path: Path, change: Callable[[Json], Json]) -> None:
    """Change what a file says."""
    write_campaign(path, some_campaign())
    found = change(json.loads(gzip.decompress(path.read_bytes())))
    path.write_bytes(gzip.compress(json.dumps(found).encode()))


def put(*place: str | int, value: object) -> Callable[[Json], Json]:
    """Return a change of one value."""

    def change(found: Json) -> Json:
        inner: Any = found
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        return found

    return change


CASE, RUN = ("cases", 0), ("runs", 1, 0)
WORK, SPAN = (*CASE, "works", 0), (*RUN, "timeline", "spans", 0)
HOSTILE = {
    "no cases": put("cases", value=[]),
    "a case too few": lambda found: found | {"cases": found["cases"][:1]},
    "runs of another case": lambda found: found | {"runs": found["runs"][::-1]},
    "a key too few": lambda found: {key: value for key, value in found.items() if key != "tolerance"},
    "NaN": put("tolerance", value=float("nan")),
    "infinity": put("tolerance", value=float("inf")),
    "negative tolerance": put("tolerance", value=-0.1),
    "no number": put("tolerance", value="many"),
    "too large a number": put(*CASE, "metrics", "peak_memory_bytes", value=2**70),
    "a number of 4000 digits": put(*CASE, "metrics", "peak_memory_bytes", value=10**4000),
    "latency zero": put(*RUN, "metrics", "latency_ns", value=0),
    "latency of another timeline": put(*RUN, "metrics", "latency_ns", value=5),
    "no requests": put(*RUN, "timeline", "requests", value=[]),
    "a request that ends before it starts": put(*RUN, "timeline", "requests", 0, value=[0, 9, 9]),
    "no spans": put(*RUN, "timeline", "spans", value=[]),
    "a span of a request that is not there": put(*SPAN, 0, value=7),
    "a span that ends before it starts": put(*SPAN, 6, value=-1),
    "a span too short": put(*SPAN, value=[0, "app", "loader"]),
    "a load too few": put(*SPAN, 3, value="sleep"),
    "another layer": put(*RUN, "timeline", "spans", -1, 4, value=17),
    "no layers": put(*WORK, "compute_ns", value=[]),
    "no lanes": put(*WORK, "load_ns", value=[]),
    "a load that serves no layer": put(*WORK, "load_layers", 0, value=[]),
    "a load for a layer that is not there": put(*WORK, "load_layers", 0, value=[5]),
    "a load held back for itself": put(*WORK, "after", 0, value=1),
    "a load held back for nothing": put(*WORK, "after", 0, value=-7),
    "a negative time": put(*WORK, "load_ns", 0, 0, value=-5),
    "a time too few": put(*WORK, "decompress_ns", value=[1]),
    "a load buffer without room": put(*CASE, "load_buffer_bytes", value=1),
    "circumstances without end": put("circumstances", "x", value=json.loads("[" * 50 + "]" * 50)),
    "no circumstances": put("circumstances", value=[]),
    "a scenario without name": put("scenario", value=None),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_contradicts_itself_is_refused(
    change: Callable[[Json], Json], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that the figures rest on may be missing, impossible, or of something else."""
    rewrite(path, change)
    assert sentence(path, capsys) == DAMAGED


def test_what_a_file_says_is_text(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names from a file are neither markup nor commands to the terminal, and odd circumstances are no mistake."""
    evil = "\x1b[2J[/red][bold]$x$\n\x07"
    case = replace(some_campaign().cases[1], label=evil, planner=evil, throttle=evil)
    odd = [case.simulated.spans[-1]._replace(kind=evil, lane=evil)]
    run = run_of(case, replace(case.simulated, spans=(*case.simulated.spans, *odd)))
    about = {"machine": evil, "engine": {"direct": 0, "why_not": evil, "executor": [evil]}, "executed": [evil]}
    campaign = campaign_of((case, [run]), (case, [run._replace(disturbed=evil)]), circumstances=about)
    write_campaign(path, replace(campaign, scenario=evil))
    outputs = [word for name in ("json", "trace", "plot") for word in (f"--{name}", str(path.with_suffix(f".{name}")))]
    outputs[-1] = str(path.with_suffix(".svg"))
    assert main(["validate", "--from", str(path), *outputs]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert r"\x1b[2J[/red][bold]$x$\n\x07" in out
    assert json.loads(path.with_suffix(".json").read_text())["agreements"][0]["label"] == evil
