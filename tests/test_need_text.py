"""What is said of what is needed: which figures, in how many digits, in what order."""

import re
from dataclasses import replace
from typing import Any

import pytest

from edgesim.questions.answers import Answer
from edgesim.questions.goals import Digits, Goal
from edgesim.questions.need import need
from edgesim.questions.probes import DONE, Probe
from edgesim.questions.search import edge_of
from edgesim.questions.sentences import limits, unasked, verdict
from edgesim.questions.text import need_text
from edgesim.report.text import render


def probe(**figures: Any) -> Probe:  # noqa: ANN401
    """Return what came of one inference that reaches anything, but for some figures."""
    usual = {"latency_ns": 10**8, "target_latency_ns": 2 * 10**8, "target_met_fraction": 1.0, "inferences": 1}
    return Probe(5, "5 B", DONE, reached=False, **(usual | figures))


SHORT = [
    (Goal(fidelity=0.1), {"fidelity": 0.09996}, "fidelity 0.09996"),
    (Goal(fidelity=0.1), {"fidelity": 0.05}, "fidelity 0.0500"),
    (Goal(accuracy=0.9), {"accuracy": 0.8999999}, "accuracy 0.8999999"),
    (Goal(fidelity=0.1), {}, "fidelity is unknown"),
    (Goal(), {"latency_ns": 200_000_400, "target_met_fraction": 0.0}, "takes 200.0004 ms"),
    (Goal(), {"latency_ns": 300_000_400, "target_met_fraction": 0.0}, "takes 300.0 ms"),
    (Goal(), {"latency_ns": 9 * 10**9, "token_ns": 201 * 10**6, "target_met_fraction": 0.0}, "takes 201.0 ms a token"),
    (Goal(), {"target_met_fraction": 0.99996, "inferences": 50_000}, "99.996% in time"),
    (Goal(met=0.9), {"target_met_fraction": 0.5, "inferences": 2}, "50.0% in time"),
    (Goal(), {"target_met_fraction": 0.0, "inferences": 2}, "0.0% in time"),
    (Goal(memory_bytes=125_000_000), {"peak_memory_bytes": 125_043_968}, "peak 125.04 MB"),
    (Goal(memory_bytes=125_000_000), {"peak_memory_bytes": 134_000_000}, "peak 134 MB"),
]


@pytest.mark.parametrize(("goal", "figures", "says"), SHORT, ids=[says for *_, says in SHORT])
def test_a_shortfall_is_written_with_the_digits_that_show_it(goal: Goal, figures: dict[str, Any], says: str) -> None:
    """0.09996 is not 0.1000 where 0.1 was asked for; a session is about the share in time, a reply about tokens."""
    assert list(goal.shortfalls(probe(**figures))) == [says]


def test_what_reaches_the_goal_needs_no_further_digits() -> None:
    """Only what falls short is told from the goal."""
    goal = Goal(fidelity=0.1, memory_bytes=125_000_000)
    assert goal.digits([probe(fidelity=0.1000001, peak_memory_bytes=124_999_999)]) == Digits()
    assert goal.digits([probe(fidelity=0.1), probe(fidelity=0.09996)]) == Digits(fidelity=5)


def test_a_table_has_one_number_of_digits_that_tells_what_falls_short() -> None:
    """The column, the goal, and the sentence say the same."""
    text = render(need_text(need("quickstart", "bandwidth", fidelity=0.1)))
    assert re.search(r"will not do: fidelity 0.09996\.", text)
    rows = [line for line in text.splitlines() if " ms " in line and "GB/s" not in line and "MB  " in line]
    assert len(rows) > 5
    for row in rows:
        assert len(digits := set(re.findall(r" 0\.\d+", row))) == 1, row
        assert all(len(one) == len(" 0.09996") for one in digits)


def test_a_session_out_of_reach_says_how_many_are_in_time() -> None:
    """Not how long one inference takes."""
    found = need("two-apps", "bandwidth", between=("50 MB/s", "100 MB/s"))
    best = max(found.answers[0].probes, key=lambda one: one.target_met_fraction or 0.0)
    assert not found.reached
    assert 0.5 < (best.target_met_fraction or 0.0) < 1
    text = render(need_text(found))
    assert f"The share in time stops at {best.target_met_fraction:.1%}, with {best.text}." in " ".join(text.split())
    assert "fastest" not in text


def test_a_reply_is_about_the_time_of_a_token() -> None:
    """In the table, and in what is said of the fastest."""
    text = render(need_text(need("reply", "flash_speed", between=("50 %", "100 %"))))
    assert re.search(r"^flash_speed +token ", text, re.MULTILINE)
    assert re.search(r"^ +100 % +67\.6 ms ", text, re.MULTILINE)
    late = probe(latency_ns=9 * 10**9, token_ns=201 * 10**6, target_met_fraction=0.0)
    answer = Answer("wrx", edge_of({late.value: False}), (late,))
    assert list(limits(answer, Goal(), Digits())) == ["The fastest takes 201.0 ms a token, with 5 B."]


def test_who_did_not_ask_for_quality_is_told_how_where_anything_will_do() -> None:
    """With what the scenario itself reaches; as the reader asks; not where something falls short, or quality counts."""
    found = need("quickstart", "preload_buffer", between=("0 B", "1 MB"))
    hint = "for instance {}0.103, which the scenario's own 1 MB reaches."
    assert hint.format("--fidelity ") in render(need_text(found), 200)
    assert hint.format("fidelity=") in render(need_text(found, rest=".to_frame()"), 200)
    assert unasked(replace(found, goal=Goal(fidelity=0.01)), "") == ""
    assert "which the best that was tried reaches" in unasked(replace(found, own=None), "")
    (answer,) = found.answers
    for name, value in (("reached", False), ("fidelity", None)):
        probes = tuple(replace(each, **{name: value}) for each in answer.probes)
        assert unasked(replace(found, answers=(replace(answer, probes=probes),)), "") == ""


def test_of_several_planners_the_answers_come_first() -> None:
    """One line each; the proofs only if asked."""
    labels = ["wrx", "std_pipeline[bitwidth=6]", "std_pipeline[bitwidth=2]"]
    found = need("paper-odroid-200ms", "preload", fidelity=0.09, planners=labels, between=(0, 10**6))
    _, _, *answers, last = render(need_text(found), 200).splitlines()
    assert [re.split(" reaches| cannot", line)[0] for line in answers] == labels
    assert "reaches it with 0 B, as with every value that was tried." in answers[0]
    assert "from 0 B to 1 MB. In time, fidelity is 0.0832 with all of them." in answers[1]
    assert last == "--all shows what was tried."
    every = render(need_text(found, every=True), 200).splitlines()
    assert every[2:5] == answers
    assert [line for line in every if line in labels] == labels
    assert sum("goal" in line for line in every) == 3


def test_what_contradicts_to_the_end_is_said_in_english() -> None:
    """More layers than shards suit have less fidelity: the largest fails, too."""
    text = " ".join(render(need_text(need("quickstart", "layers", fidelity=0.1))).split())
    assert "200, though larger, will not do." in text
    assert "no bound; even the largest that was tried, 200, will not do." in text
    assert "1 more value was tried; --all shows it." in text


def test_a_need_is_one_line_in_a_notebook() -> None:
    """The question and the answers."""
    found = need("quickstart", "load_buffer", fidelity=0.1, planners=["wrx", "std_pipeline[bitwidth=2]"])
    least = found.answers[0].probe(found.answers[0].edge.answer or 0).text
    assert repr(found) == (
        "<quickstart: load_buffer for target 200 ms, fidelity at least 0.1: "
        f"wrx needs at least {least}; std_pipeline[bitwidth=2] cannot reach it with any value that was tried>"
    )


def test_where_it_gets_no_better_is_said() -> None:
    """From some value on, up to one, with all of them, or nowhere: what falls short keeps its digits."""

    def said(*fidelities: float) -> str:
        tried = tuple(replace(probe(fidelity=one), value=at, text=f"{at} B") for at, one in enumerate(fidelities))
        answer = Answer("wrx", edge_of(dict.fromkeys(range(len(tried)), False)), tried)
        return verdict(answer, "preload_buffer", Goal(fidelity=0.9), Digits())

    cannot = "wrx cannot reach it with any preload_buffer that was tried, from 0 B to 3 B. In time, fidelity"
    assert said(0.1, 0.2, 0.3, 0.3) == f"{cannot} stays at 0.3000 from 2 B on."
    assert said(0.3, 0.3, 0.2, 0.1) == f"{cannot} stays at 0.3000 up to 1 B."
    assert said(0.3, 0.3, 0.3, 0.3) == f"{cannot} is 0.3000 with all of them."
    assert said(0.1, 0.4, 0.2, 0.3) == f"{cannot} is at most 0.4000, with 1 B."
