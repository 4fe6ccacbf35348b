"""A session is told at a glance, in 80 columns; one inference as it always was."""

from dataclasses import replace

import pytest
from days import day

from edgesim import compare, read_scenario, run
from edgesim.cli import main
from edgesim.report.amounts import energy_text, time_text
from edgesim.report.comparison import comparison_text
from edgesim.report.points import points_text
from edgesim.report.sessions import run_text, session_parts
from edgesim.report.text import render, result_text
from edgesim.result import Comparison, Result
from edgesim.scenario import Scenario


def told(result: Result, scenario: Scenario, width: int = 80) -> str:
    """Return what is said of a whole session."""
    return "\n".join(render(part, width) for part in session_parts(result, scenario))


def row(text: str, name: str, number: int = 0) -> list[str]:
    """Return the words of one of the lines that begin with a name."""
    return [line.split() for line in text.splitlines() if line.startswith(name)][number]


@pytest.mark.parametrize(
    ("ns", "text"),
    [(None, "-"), (0, "0 ms"), (12_300, "0.0123 ms"), (9_996_000, "10.0 ms"), (209_400_000, "209 ms"),
     (1_640_000_000, "1.64 s"), (119 * 10**9, "119 s"), (180 * 10**9, "3.00 min"), (86_400 * 10**9, "24.0 h")],
)  # fmt: skip
def test_times_have_three_digits_and_the_unit_that_suits(ns: int | None, text: str) -> None:
    """From milliseconds to hours; none is a dash."""
    assert time_text(ns) == text


@pytest.mark.parametrize(
    ("pj", "text"),
    [(None, "unknown"), (0, "0 pJ"), (719 * 10**9, "719 mJ"), (7_770 * 10**12, "7.77 kJ"), (284 * 10**15, "284 kJ")],
)
def test_energies_have_three_digits_and_the_unit_that_suits(pj: int | None, text: str) -> None:
    """Picojoules become what people say; unknown is said."""
    assert energy_text(pj) == text


def test_one_inference_is_told_as_before() -> None:
    """Nothing is added to the answer of one undisturbed inference, met or missed."""
    scenario = read_scenario("quickstart")
    met = run(scenario, "wrx")
    missed = replace(met, metrics=replace(met.metrics, meets_target=False, target_met_fraction=0.0))
    for result in (met, missed):
        assert session_parts(result, scenario) == []
        assert render(run_text(result, scenario)) == render(result_text(result, scenario))
    assert "of 200.0 ms:  missed" in render(run_text(missed, scenario))


def test_each_app_has_a_row_of_its_figures() -> None:
    """The scenario's own app first: asked, within the target, ready, restarts, percentiles, engagements and energy."""
    result, scenario = day()
    text = told(result, scenario)
    for name, each in (("keyboard", result), ("assistant", *result.beside)):
        service, metrics = each.service, each.metrics
        assert service
        _, asked, within, ready, restarts, *times = row(text, name)
        assert (int(asked), int(restarts)) == (service.inferences, service.restarts)
        assert within == f"{metrics.target_met_fraction:.1%}"
        assert ready == f"{service.ready_fraction:.1%}"
        assert times[:2] == time_text(metrics.latency_p50_ns).split()
        assert times[-2:] == time_text(metrics.latency_p99_ns).split()
        _, engagements, *_, energy, unit = row(text, name, 1)
        assert int(engagements) == service.engagements
        assert f"{energy} {unit}" == energy_text(service.per_engagement_pj)
    assert text.index("keyboard  ") < text.index("assistant  ")


def test_the_table_fits_80_columns() -> None:
    """Of a disturbed session of two apps no line of a table is cut or wrapped."""
    result, scenario = day()
    lines = told(result, scenario).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(("keyboard", "assistant")) for line in lines) == 4


def test_columns_that_say_nothing_are_left_out() -> None:
    """Without kills there are no restarts, without bursts no engagements, without tokens none of those."""
    text = told(*day(apps=1, disturbed=False))
    assert "restarts" not in text
    assert not any(word in text for word in ("token", "waiting"))
    assert "engagements" in text
    scenario = read_scenario("quickstart", {"workload": {"inferences": 3}})
    assert "engagement" not in told(run(scenario, "wrx"), scenario)


def test_the_device_has_its_facts() -> None:
    """How busy it was and for whom, background, pauses, launches, kills, and energy by component, unknown ones too."""
    result, scenario = day()
    text, use = told(result, scenario, 140), result.device_use
    assert use
    assert row(text, "session")[1:3] == time_text(use.window_ns).split()
    assert row(text, "background")[1] == f"{use.background_ios:,}"
    assert row(text, "flash pauses")[2] == f"{use.pauses:,}"
    assert f"{use.launches:,} launches" in text
    assert f"{use.refused:,} refused, {use.evicted_others:,} killed" in text
    assert f"{use.evicted_apps:,} times" in text
    busy = sum(each.service.storage_busy_ns for each in (result, *result.beside) if each.service)
    assert row(text, "storage")[1] == f"{(busy + use.background_busy_ns) / use.window_ns:.1%}"
    assert "background " in " ".join(row(text, "storage"))
    assert row(text, "energy, idle")[2] == "unknown"
    known = replace(result, device_use=replace(use, idle_pj=10**15, storage_pj=None, processor_pj=2 * 10**15))
    text = told(known, scenario)
    assert row(text, "energy, idle")[2:] == ["1.00", "kJ"]
    assert row(text, "energy, storage")[2] == "unknown"
    assert row(text, "energy, processor")[2:6] == ["2.00", "kJ", "above", "idle"]
    none = replace(result, device_use=replace(use, idle_pj=None, storage_pj=None, processor_pj=None))
    assert row(told(none, scenario), "energy ")[1] == "unknown"


def test_a_battery_has_its_share() -> None:
    """Each known component says how much of the battery it is, and all together do."""
    scenario = read_scenario("quickstart", {"device": "phone-ufs4", "processor": "npu", "workload": {"inferences": 3}})
    result = run(scenario, "wrx")
    assert result.device_use
    use = replace(result.device_use, idle_pj=20_790 * 36 * 10**11, processor_pj=0, battery_share=0.1234)
    text = told(replace(result, device_use=use), scenario, 140)
    assert "100.00% of the battery" in " ".join(row(text, "energy, idle"))
    assert row(text, "battery")[1] == "12.34%"


def test_replies_have_their_tokens() -> None:
    """First token, each later one and tokens a second; the target is that of a token, and is compared with it."""
    changes = {
        "device": "phone-ufs4", "processor": "cpu", "model": "qwen2.5-0.5b", "target_latency": "100 ms",
        "preload_buffer": "1 GB", "load_buffer": "unlimited", "generation": {"prompt": 10, "tokens": 3},
        "planner": {"name": "std_pipeline", "options": {"bitwidth": 4}}, "workload": {"inferences": 2},
    }  # fmt: skip
    scenario = read_scenario("quickstart", changes)
    result = run(scenario)
    text, service = render(run_text(result, scenario)), result.service
    assert service
    assert service.per_token_p50_ns
    cells = row(text, "app", 1)
    assert cells[0:2] == ["app", "6"]
    assert time_text(service.first_token_p50_ns) in text
    assert float(cells[-1]) == pytest.approx(1e9 / service.per_token_p50_ns, rel=0.01)
    assert "of 100.0 ms:  met" in next(line for line in text.splitlines() if line.startswith("token "))
    assert "3 tokens, the first after " in next(line for line in text.splitlines() if line.startswith("latency "))


def test_times_of_layers_count_from_the_question() -> None:
    """The first question of a day comes late; its first layer starts after it, not after midnight."""
    result, scenario = day(apps=1, disturbed=False)
    asked = result.requests[0].arrival_ns
    assert asked > 10**9
    layer = next(line for line in render(run_text(result, scenario)).splitlines() if line.startswith("2 "))
    assert f"{(result.requests[0].finish_ns - asked) / 1e6:,.1f} ms" in layer


def test_what_is_not_kept_is_said() -> None:
    """The note says of how many inferences timelines are there; figures are the same as with all of them."""
    (first, scenario), (every, _) = day(keep_spans=False), day()
    assert "Timelines are kept of the first inferences, 1 of keyboard, 1 of assistant;" in told(first, scenario)
    assert "Timelines" not in told(every, scenario)
    assert (first.service, first.device_use) == (every.service, every.device_use)


def test_the_command_prints_the_session(capsys: pytest.CaptureFixture[str]) -> None:
    """`edgesim run` shows what all inferences are before the first one's answer."""
    assert main(["run", "bounded-load-buffer", "--planner", "wrx"]) == 0
    out = capsys.readouterr().out
    parts = ("\nAll 3 inferences:\n", "\nsession ", "\nThe first of 3 inferences:\nlatency ", "\nlayer ", "Not all")
    places = [out.index(part) for part in parts]
    assert places == sorted(places)


def test_a_comparison_of_sessions_has_their_shares() -> None:
    """Within the target, ready and p90 stand in the table, and the best over the session below; not for one answer."""
    result, scenario = day()
    other = replace(result, planner="other", metrics=replace(result.metrics, target_met_fraction=0.75))
    both = Comparison((result, other))
    text = render(comparison_text(both, scenario), 200)
    assert all(name in text for name in (" within ", " ready ", " p90 "))
    assert "Over the session other answers most within the target: 75.0% of" in text
    assert "with the first inference" in text
    assert "75.0%" in render(points_text([(scenario, both), (scenario, both)]), 200)
    plain = read_scenario("quickstart")
    text = render(comparison_text(compare(plain, ["wrx"]), plain), 200)
    assert not any(word in text for word in ("within", "ready", "Over the session", "first inference"))


def test_rows_have_the_figures_of_the_session() -> None:
    """Frames have them flat, with a prefix each; a result without them has none."""
    result, _ = day()
    assert result.service
    assert result.device_use
    frame = Comparison((result,)).to_frame()
    assert frame.loc["wrx", "service_ready_fraction"] == result.service.ready_fraction
    assert frame.loc["wrx", "device_pauses"] == result.device_use.pauses
    bare = replace(result, service=None, device_use=None).to_row()
    assert not any(name.startswith(("service_", "device_")) for name in bare)
