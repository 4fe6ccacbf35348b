"""What is said of what moves the answer: in words, about what is promised, and as wide as there is room."""

import re

import pytest

from edgesim.figures import Metrics
from edgesim.files import read_scenario
from edgesim.questions.moves import Sensitivity
from edgesim.questions.moves_text import sensitivity_text
from edgesim.questions.sensitivity import sensitivity
from edgesim.questions.words import word
from edgesim.report.text import render


@pytest.fixture(scope="module")
def quickstart() -> Sensitivity:
    """Return what moves the quickstart."""
    return sensitivity("quickstart")


@pytest.fixture(scope="module")
def session() -> Sensitivity:
    """Return what moves two apps on one device, 119 inferences."""
    return sensitivity("two-apps")


def rows(text: str) -> dict[str, str]:
    """Return the lines of a table by the number that they are about."""
    return {line.split()[0]: line for line in text.splitlines() if line}


def test_what_is_given_exactly_stands_below_what_may_be_wrong(quickstart: Sensitivity) -> None:
    """So that the first row is what the sentence says; both groups fall."""
    lines = render(sensitivity_text(quickstart)).splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("number (grade)")) + 1
    middle = lines.index(next(line for line in lines if line.startswith("given exactly:")))
    assert lines[first].startswith("processors.cpu.layer_times (B) ")
    assert [line.split()[0] for line in lines[middle + 1 : middle + 4]] == [
        "parameters_per_shard", "load_buffer", "target_latency",
    ]  # fmt: skip
    most = "Of the numbers that may be wrong, processors.cpu.layer_times moves latency most: by 7.8%."
    assert most in lines


def test_it_fits_a_narrow_terminal(quickstart: Sensitivity, session: Sensitivity) -> None:
    """With fewer columns, which are named; no line is broken, no digit lost."""
    for found, left_out in ((quickstart, "value, elasticity"), (session, "value, new plan")):
        narrow = render(sensitivity_text(found), 80)
        assert max(map(len, narrow.splitlines())) <= 80
        assert f"A wider window shows more columns: {left_out}." in narrow
        wide = rows(render(sensitivity_text(found)))
        for key, line in rows(narrow).items():
            if key in {move.key for move in found.moves}:
                assert set(line.split()) <= set(wide[key].split())
    assert "A wider window" not in render(sensitivity_text(quickstart), 120)


def test_late_is_what_misses_the_target() -> None:
    """Also where the plan as it is is late already; then what would bring it in time is told."""
    found = sensitivity(read_scenario("disturbed", {"workload": {"kind": "single_stream"}}))
    text = render(sensitivity_text(found))
    assert "As it is: latency 202.1 ms of 200.0 ms (late), fidelity" in text
    assert "target_latency" not in {move.key for move in found.moves[:5]}
    for move in found.moves[:5]:
        cells = re.findall(r"([\d.]+) ms( late)?", rows(text)[move.key].split("ms to")[-1])[-2:]
        assert len(cells) == 2
        assert [bool(late) for _, late in cells] == [float(latency) > 200 for latency, _ in cells]
    assert "Off by 10%, these bring it in time: processors.cpu.layer_times, processors.cpu.decompress." in text


def test_a_session_shows_the_share_in_time(session: Sensitivity) -> None:
    """Beside each latency, and which numbers lessen it; nothing is called late."""
    text = render(sensitivity_text(session))
    base = session.base
    assert f"latency 551.2 ms of 200.0 ms for the first of 119, {base.target_met_fraction:.1%} in time" in text
    assert "late " not in text
    move = next(move for move in session.moves if move.key == "processors.cpu.layer_times")
    shares = [f"{share:.1%}" for share in move.shares()]
    assert [cell for cell in rows(text)[move.key].split() if cell.endswith("%")] == shares
    fewer = [move.key for move in session.moves if not move.is_given and min(move.shares()) < base.target_met_fraction]
    assert f"Off by 10%, these let fewer be in time: {', '.join(fewer)}." in text


def test_of_a_reply_the_time_of_a_token_is_promised() -> None:
    """As `run` shows it."""
    text = render(sensitivity_text(sensitivity("reply")))
    assert "As it is: token 67.6 ms of 100.0 ms, latency 5,149.8 ms, fidelity unknown." in text
    assert "late" not in re.sub("latency", "", text.split("Off by")[0])


def test_metrics_have_words(quickstart: Sensitivity) -> None:
    """No name of a column is left, with the unit at the figure."""
    for name in Metrics.__dataclass_fields__:
        assert not re.search("_|ns$|pj$|bytes$", word(name)), name
    text = render(sensitivity_text(sensitivity("quickstart", of="energy_pj")))
    assert "fidelity 0.1038, energy 666.3 mJ." in text
    assert "moves energy most: by 9.8%" in text
    assert "energy_pj" not in text
    assert "latency_ns" not in render(sensitivity_text(quickstart))


def test_a_sensitivity_is_one_line_in_a_notebook(quickstart: Sensitivity) -> None:
    """The question and the answer."""
    assert repr(quickstart) == (
        "<quickstart: processors.cpu.layer_times (B) moves the latency of wrx most, by 7.8% if off by 10%>"
    )
    assert repr(sensitivity("quickstart", by="20 %")).endswith("if off by 20%>")
