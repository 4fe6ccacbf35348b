"""Tables of many points: one row a planner, grouped, and one row a planner over all of them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edgesim import Comparison, Result, compare, read_scenario, run
from edgesim.report.comparison import comparison_text, shown_results
from edgesim.report.families import best_rows, family
from edgesim.report.points import left_out_lines, points_text
from edgesim.report.text import render
from edgesim.result import LeftOut
from edgesim.scenario import Scenario

BASE = run("quickstart", "wrx")
SCENARIO = read_scenario("quickstart")
SHORT = LeftOut("pipeswitch[bitwidth=2]", "pipeswitch[bitwidth=2]: short by 1 ms", 4)


def outcome(planner: str, fidelity: float = 0.5, *, ms: int = 100, met: bool = True, **asked: object) -> Result:
    """Return a result as far as rows need it."""
    metrics = replace(BASE.metrics, fidelity=fidelity, latency_ns=ms * 10**6, meets_target=met)
    return replace(BASE, planner=planner, metrics=metrics, asked=asked)


def labels(*results: Result, left_out: Sequence[LeftOut] = (), named: Sequence[str] = ()) -> list[str]:
    """Return the labels of a comparison's rows."""
    return [row.label for row in best_rows(Comparison(results, tuple(left_out)), named).values()]


def points(*found: tuple[str, Comparison]) -> list[tuple[Scenario, Comparison]]:
    """Return comparisons, each for a target of its own."""
    return [(read_scenario("quickstart", {"target_latency": target}), one) for target, one in found]


def lines(compared: Sequence[tuple[Scenario, Comparison]], **options: bool) -> list[str]:
    """Return the lines of the table, with single spaces."""
    return [" ".join(line.split()) for line in render(points_text(compared, **options), 250).splitlines()]


@pytest.mark.parametrize(
    ("label", "expected"),
    [("wrx", "wrx"), ("a[bitwidth=6]", "a"), ("a[bitwidth=2,loaders=2]", "a[loaders=2]"), ("./x.py:f", "./x.py:f")],
)
def test_a_family_is_a_label_without_its_bitwidth(label: str, expected: str) -> None:
    """Other options tell planners apart."""
    assert family(label) == expected


def test_the_best_bitwidth_stands_for_a_planner() -> None:
    """A plan that meets its target before one that does not, then the more faithful, then the faster."""
    late = outcome("a[bitwidth=32]", 0.9, met=False)
    assert labels(outcome("a[bitwidth=2]", 0.4), outcome("a[bitwidth=6]", 0.5), late) == ["a[bitwidth=6]"]
    assert labels(outcome("a[bitwidth=2]", ms=9), outcome("a[bitwidth=6]", ms=8)) == ["a[bitwidth=6]"]
    assert labels(outcome("a[bitwidth=2]"), outcome("b[bitwidth=2]")) == ["a[bitwidth=2]", "b[bitwidth=2]"]


def test_what_is_named_has_a_row_of_its_own() -> None:
    """Whatever is better; the others of its name have one together."""
    results = [outcome(f"a[bitwidth={bits}]", bits / 100) for bits in (2, 6, 32)]
    assert labels(*results, named=["a[bitwidth=2]"]) == ["a[bitwidth=2]", "a[bitwidth=32]"]


def test_a_planner_without_a_plan_has_one_row() -> None:
    """All its bitwidths together; one that fails is not hidden by one that does not."""
    none = [LeftOut(f"a[bitwidth={bits}]", f"a[bitwidth={bits}]: short", 4) for bits in (2, 3, 6, 32)]
    assert labels(left_out=none) == ["a"]
    (row,) = best_rows(Comparison((), tuple(none)), ()).values()
    assert row.reason == "a[bitwidth=2]: short; at 3, 6 and 32 bits no plan fits either"
    assert labels(outcome("a[bitwidth=6]"), left_out=none[:1]) == ["a[bitwidth=6]"]
    failing = none[0]._replace(exit_code=3)
    assert labels(outcome("a[bitwidth=6]"), left_out=[failing]) == ["a[bitwidth=6]", "a[bitwidth=2]"]


def test_one_point_hides_bitwidths_but_nothing_that_is_mentioned() -> None:
    """Every planner is there, and every result that the verdict is about; the rest is counted."""
    done = compare("quickstart")
    shown = {result.planner for result in shown_results(done, ["wrx"])}
    assert {family(label) for label in shown} == {family(result.planner) for result in done.results}
    text = render(comparison_text(done, SCENARIO), 200)
    hidden = len(done.results) - len(shown)
    assert f"\nBitwidths are the best by accuracy, or else fidelity; {hidden} more rows with --all.\n" in text
    for result in done.results:
        assert (f"\n{result.planner} " in text) == (result.planner in shown)
        assert result.planner in shown or f" {result.planner}" not in text


def test_points_have_one_table() -> None:
    """Device and target once for each point, the planners in one order, a dash where there is no plan."""
    first = Comparison((outcome("wrx", 0.5, ms=1), outcome("b", 0.25, ms=2)), (SHORT,))
    second = Comparison((outcome("b", 0.75, ms=3, met=False), outcome("pipeswitch[bitwidth=2]", ms=4)), ())
    found = lines(points(("100 ms", first), ("150 ms", second)))
    assert found[:8] == [
        "quickstart: 2 points, 5 rows",
        "device target planner latency met shards kept peak fidelity",
        "odroid-n2plus 100.0 ms wrx 1.0 ms met 751 kB 115 MB 0.5000",
        "b 2.0 ms met 751 kB 115 MB 0.2500",
        "pipeswitch[bitwidth=2] - no plan - - -",
        "",
        "odroid-n2plus 150.0 ms b 3.0 ms missed 751 kB 115 MB 0.7500",
        "pipeswitch[bitwidth=2] 4.0 ms met 751 kB 115 MB 0.5000",
    ]


def test_less_room_puts_the_points_above_their_planners() -> None:
    """No line is longer than 80 columns then, whatever the names; values say what they are of."""
    long = "demand_layering[bitwidth=2]"
    one = Comparison((outcome("wrx"), outcome(long)), ())
    changes = ({"load_buffer": "unlimited"}, {"preload_buffer": "0 B"})
    found = render(points_text([(read_scenario("quickstart", change), one) for change in changes]), 80).splitlines()
    assert max(map(len, found)) <= 80
    assert found[1].split() == ["planner", "latency", "met", "shards", "kept", "peak", "fidelity"]
    assert found[2:5] == [
        "odroid-n2plus, 200.0 ms,", "preload buffer 1.00 MB,", "load buffer unlimited",
    ]  # fmt: skip
    assert [line.split()[0] for line in found[5:7]] == ["wrx", long]


def test_a_row_a_planner_sums_all_points_up() -> None:
    """At how many points it was tried, has a plan, and meets the target; medians of those that do."""
    every = [Comparison((outcome("a", value, met=value < 0.8), outcome("b")), ()) for value in (0.2, 0.3, 0.7, 0.9)]
    every.append(Comparison((), (LeftOut("a", "a: short", 4),)))
    found = lines(points(*((f"{100 + number} ms", one) for number, one in enumerate(every))))
    start = next(number for number, line in enumerate(found) if line.startswith("Over all points, "))
    assert found[start + 1] == "planner points plans met shards kept peak fidelity"
    assert found[start + 2] == "a 5 4 3 751 kB 115 MB 0.3000"
    assert found[start + 3].startswith("b 4 4 4 ")


def test_hidden_bitwidths_are_counted() -> None:
    """And shown when all are asked for."""
    both = Comparison((outcome("a[bitwidth=2]", 0.2), outcome("a[bitwidth=6]", 0.3)), (SHORT,))
    found = points(("100 ms", both), ("150 ms", both))
    assert (
        lines(found)[0]
        == "quickstart: 2 points, 4 rows; the best bitwidths by accuracy or else fidelity, 2 more rows with --all"
    )
    assert lines(found, every=True)[0] == "quickstart: 2 points, 6 rows"


def test_what_else_differs_between_points_has_a_column() -> None:
    """Buffers and names are shown where they are not the same everywhere; a device's name has its throttle."""
    one = Comparison((outcome("a"),), ())
    changes = ({"load_buffer": "unlimited"}, {"preload_buffer": "0 B"}, {"throttle": "rk3399-emmc"}, {"name": "other"})
    found = lines([(read_scenario("quickstart", change), one) for change in changes])
    assert found[0] == "quickstart, other: 4 points, 4 rows"
    assert found[1].startswith("scenario device target preload buffer load buffer planner")
    assert found[2].startswith("quickstart odroid-n2plus 200.0 ms 1.00 MB unlimited a ")


def test_asked_figures_have_columns_and_footnotes() -> None:
    """Gap, planning time and measured accuracy, at one point and at many; what is unknown is a dash."""
    asked = {
        "optimum_bound": 0.8, "optimum_found": 0.6, "optimum_gap": 0.375, "planning_ns": 2_500_000,
        "measured_accuracy": 0.7125, "measured_task": "package", "measured_examples": 1000,
    }  # fmt: skip
    none = asked | {"optimum_gap": None, "planning_ns": None}
    one = Comparison((outcome("a", **asked), outcome("b", **none)), ())
    many = lines(points(("100 ms", one), ("150 ms", one)))
    assert many[1].endswith(" fidelity accuracy gap planning")
    assert many[2].endswith(" 0.5000 0.7125 37.5% 2.5 ms")
    assert many[3].endswith(" 0.5000 0.7125 - -")
    assert next(line for line in many if line.startswith("a 2 2 2 ")).endswith(" 0.7125 37.5% 2.5 ms 37.5%")
    single = [" ".join(line.split()) for line in render(comparison_text(one, SCENARIO), 250).splitlines()]
    assert single[1].endswith(" peak gap planning")
    assert single[2].endswith(" 37.5% 2.5 ms")
    for text in ("\n".join(many), "\n".join(single)):
        assert "Accuracy is measured on the real model: 1,000 examples of package." in text
        assert "the best plans known are within 25.0% of it. The bound" in text
        assert "Planning is the planner's wall time" in text
    long = Comparison((outcome("wrx[importance=bottom_first]", **asked),), ())
    narrow = render(points_text(points(("100 ms", long), ("150 ms", long))), 80).splitlines()
    assert max(map(len, narrow)) <= 80
    heads = [" ".join(line.split()[1:]) for line in narrow if line.startswith("planner")]
    assert heads == ["latency met fidelity accuracy gap planning", "met accuracy gap planning worst gap"]
    said = [line.partition("columns: ")[2] for line in narrow if line.startswith("A wider window")]
    assert said == ["shards kept, peak.", "shards kept, points, plans, peak, fidelity."]


def test_nothing_that_was_not_asked_for_is_shown() -> None:
    """Neither columns nor footnotes."""
    one = Comparison((outcome("a"),), ())
    text = render(points_text(points(("100 ms", one), ("150 ms", one))), 250)
    assert not any(word in text for word in ("gap", "planning", "accuracy", "Planning"))


def test_weak_numbers_are_named_for_each_device() -> None:
    """Once for all devices of which it is true."""
    good = replace(outcome("a"), device="good", grades={"storage": "A"})
    weak = [replace(outcome("a"), device=name, grades={"storage": "D"}) for name in ("x", "y")]
    found = lines(points(*((f"{100 + number} ms", Comparison((one,), ())) for number, one in enumerate([good, *weak]))))
    assert found[-2:] == [
        "good: all numbers behind this are measured.", "x, y: not all measured: storage estimated (D).",
    ]  # fmt: skip


def test_reasons_are_told_once() -> None:
    """Each with where it was first, and at how many points; at one point it is the reason alone."""
    left = Comparison((), (SHORT, LeftOut("b", "b: fails", 3)))
    many = points(("100 ms", Comparison((outcome("wrx"),), ())), ("150 ms", left), ("175 ms", left))
    assert left_out_lines(many) == [
        "pipeswitch[bitwidth=2]: short by 1 ms (at 2 of 3 points, first odroid-n2plus, 150.0 ms)",
        "b: fails (at 2 of 3 points, first odroid-n2plus, 150.0 ms)",
    ]
    assert left_out_lines(many[1:2]) == ["pipeswitch[bitwidth=2]: short by 1 ms", "b: fails"]
    missing = Comparison((outcome("wrx"),), (LeftOut("oracle", "oracle: SciPy is needed", 2, "SciPy (pip ...)"),))
    told = points(("100 ms", missing), ("150 ms", missing))
    assert "1 was not run, oracle: it needs SciPy (pip ...)." in lines(told)
    assert left_out_lines(told) == left_out_lines(told[:1]) == []
    assert left_out_lines(told[:1], every=True) == ["oracle: SciPy is needed"]
    short = Comparison((), (SHORT._replace(fastest_ns=200_000_000), LeftOut("b", "b: does not fit", 4)))
    assert left_out_lines(points(("100 ms", short))) == []
    assert len(left_out_lines(points(("100 ms", short)), every=True)) == 2
    nobody = render(points_text(many[1:]))
    assert "No planner has a plan that fits at any of 2 points." in nobody
