"""The commands `need` and `sensitivity`: what they print and write, and their exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim.cli import main

Call = Callable[..., tuple[int, str, str]]
BANDWIDTH = ("need", "quickstart", "--find", "storage.read.bandwidth", "--fidelity", "0.1")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs a command and gives exit code, standard output and standard error."""

    def called(*arguments: object) -> tuple[int, str, str]:
        return main([*map(str, arguments)]), *capsys.readouterr()

    return called


def test_need_prints_the_answer_and_the_proof(call: Call, tmp_path: Path) -> None:
    """The least value, the next one that fails, and the table; JSON has everything that was tried."""
    written = tmp_path / "need.json"
    code, out, _ = call(*BANDWIDTH, "--json", written)
    assert code == 0
    heading, place, answer, *table = out.splitlines()
    assert heading == "quickstart: storage.read.bandwidth for target 200 ms, fidelity at least 0.1"
    assert place == "dynabert-12x12 on odroid-n2plus (cpu); the scenario has 83.44 MB/s"
    found = json.loads(written.read_text())
    (one,) = found["answers"]
    texts = {probe["value"]: probe["text"] for probe in one["probes"]}
    least, fails = texts[one["answer"]], texts[one["fails"]]
    assert answer.startswith(f"wrx needs at least {least}; {fails} will not do: fidelity 0.")
    assert sum(line.rstrip().endswith("reached") for line in table) >= 3
    assert any(line.lstrip().startswith("83.44 MB/s") for line in table)
    assert table[-1] == f"{len(one['probes']) - len(table) + 2} more values were tried; --all shows them."
    assert found["schema"] == "edgesim.need/1"
    assert call(*BANDWIDTH, "--all")[1].count("MB/s ") >= len(one["probes"]) - 2


def test_json_may_be_all_that_is_printed(call: Call) -> None:
    """On standard output, alone."""
    code, out, _ = call(*BANDWIDTH, "--between", "10 MB/s", "40 MB/s", "--json", "-")
    assert (code, json.loads(out)["answers"][0]["planner"]) == (0, "wrx")


def test_need_out_of_reach_exits_with_1(call: Call) -> None:
    """And says how far it gets."""
    code, out, _ = call("need", "quickstart", "--find", "preload", "--fidelity", "0.9", "--between", "0 B", "50 MB")
    assert code == 1
    assert "wrx cannot reach it with any preload_buffer that was tried, from 0 B to 50 MB." in out
    assert "In time, fidelity is at most 0.1042, with 50 MB." in " ".join(out.split())


def test_need_to_the_unit(call: Call) -> None:
    """Neighbours: one byte more reaches the goal."""
    arguments = ("--fidelity", "0.103", "--between", "0 B", "1 MB", "--precision", "exact", "--json", "-")
    _, out, _ = call("need", "paper-odroid-200ms", "--find", "preload_buffer", *arguments)
    (one,) = json.loads(out)["answers"]
    assert one["answer"] - one["fails"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("need", "quickstart", "--find", "storge"), "storge: unknown key; did you mean 'storage.read.bandwidth' or"),
        (("need", "quickstart", "--find", "preload", "--fidelity", "90"), "--fidelity: must be from 0 to 1, got 90"),
        (("need", "quickstart", "--find", "preload", "--fidelity", "x"), "--fidelity: must be a number from 0 to 1"),
        (("need", "quickstart", "--find", "preload", "--accuracy", "1"), "--accuracy: dynabert-12x12 has no measured"),
        (("need", "quickstart", "--find", "preload", "--between", "2 MB", "1 MB"), "--between: must be a smaller and"),
        (("need", "quickstart", "--find", "preload", "--between", "2", "1 MB"), "--between: needs a unit, got 2"),
        (("need", "quickstart", "--find", "preload", "--target", "1 MB"), "--target: unknown unit 'MB'"),
        (("need", "quickstart", "--find", "memory", "--memory", "1 MB"), "--memory: is what is searched"),
        (("need", "replan", "--find", "memory"), "edgesim: memory: replan has a preload buffer that changes"),
        (("need", "quickstart", "--find", "preload", "--precision", "1"), "--precision: must be a share such as '5 %'"),
        (("need", "quickstart", "--find", "preload", "--met", "0.9"), "--met: must be a share such as '5 %'"),
        (("need", "quickstrat", "--find", "preload"), "did you mean 'quickstart'"),
        (("sensitivity", "quickstart", "--by", "10"), "--by: must be a share such as '5 %'"),
        (("sensitivity", "quickstart", "--by", "100 %"), "--by: must be between 0 % and 100 %, got 100 %"),
        (("sensitivity", "quickstart", "--of", "speed"), "--of: unknown metric 'speed'"),
        (("sensitivity", "quickstart", "--plot", "x.gif"), "the suffix is the format of a plot, got '.gif'"),
    ],
    ids=str,
)
def test_a_mistake_is_one_line_and_exits_with_2(call: Call, arguments: tuple[str, ...], says: str) -> None:
    """Before anything runs."""
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_sensitivity_prints_and_draws(call: Call, tmp_path: Path) -> None:
    """The most influential number with its grade; numbers that change nothing only if asked."""
    picture, written = tmp_path / "moves.png", tmp_path / "moves.json"
    code, out, err = call("sensitivity", "phone-ufs4", "--plot", picture, "--json", written)
    assert code == 0
    assert "processors.npu.decompress moves latency most" in out
    assert "latency_ns" not in out
    assert "distortion.2" not in out
    assert "more numbers change nothing of this; --all shows them." in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"drew {picture}" in err
    assert json.loads(written.read_text())["schema"] == "edgesim.sensitivity/1"
    assert "distortion.2" in call("sensitivity", "phone-ufs4", "--all")[1]


def test_sensitivity_of_what_has_no_plan_exits_with_4(call: Call, tmp_path: Path) -> None:
    """As a run does."""
    text = (Path(__file__).parents[1] / "scenarios" / "quickstart.yaml").read_text().replace("200 ms", "1 ms")
    path = tmp_path / "hopeless.yaml"
    path.write_text(text)
    code, _, err = call("sensitivity", path)
    assert code == 4
    assert "takes 123.0 ms" in err
