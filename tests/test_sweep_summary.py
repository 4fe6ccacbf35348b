"""What a report finds in the rows of a sweep: counts, fronts and regions, each against a slow and obvious way."""

from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pandas as pd
import pytest
from swept_frames import PLANNERS, made_frame, random_frame, real_frame, text_of

from edgesim import InputError
from edgesim.report.json import json_text
from edgesim.sweeps.findings import report
from edgesim.sweeps.fronts import nondominated
from edgesim.sweeps.regions import NOBODY, NOTHING, best_regions
from edgesim.sweeps.swept import swept

KEYS = ["device", "target_latency_ns", "preload_buffer_bytes"]
TARGETS, ROOMS = ("100 ms", "200 ms", "400 ms"), ("0 B", "1 MB", "8 MB")


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    """Return the quickstart over targets and preload buffers; no planner meets the first target."""
    return real_frame({"target_latency": TARGETS, "preload_buffer": ROOMS})


def slow_front(rows: list[tuple[float, ...]]) -> list[bool]:
    """Compare every point with every other: latency, memory, quality, group."""

    def beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
        as_good = one[0] <= other[0] and one[1] <= other[1] and one[2] >= other[2]
        return as_good and one != other and one[3] == other[3]

    return [not any(beats(other, one) for other in rows) for one in rows]


@pytest.mark.parametrize("levels", [2, 4, 30])
@pytest.mark.parametrize("seed", range(8))
def test_a_front_is_what_no_other_point_beats(seed: int, levels: int) -> None:
    """Sorting and one sweep find what comparing all pairs finds, with many ties and few, in groups of their own."""
    random = np.random.default_rng(seed)
    latency, memory, good, group = random.integers(0, levels, (4, int(random.integers(1, 120))))
    found = nondominated(latency, memory, good / levels, group % 2)
    expected = slow_front(list(zip(latency, memory, good / levels, group % 2, strict=True)))
    assert found.tolist() == expected
    assert any(expected)


def test_no_points_have_an_empty_front() -> None:
    """Nothing is compared with nothing."""
    none = np.zeros(0, np.int64)
    assert nondominated(none, none, np.zeros(0), none).tolist() == []


@pytest.mark.parametrize("memory", ["held", "peak"])
@pytest.mark.parametrize("seed", range(4))
def test_fronts_are_of_the_plans_that_can_be_compared(seed: int, memory: str) -> None:
    """Of each device its own; plans of unknown quality are left out, and equal plans share a step."""
    frame, column = random_frame(np.random.default_rng(seed), 150), f"{memory}_memory_bytes"
    found = report(frame, memory=memory).fronts
    known = frame[(frame["status"] == "done") & frame["fidelity"].notna()]
    rows = [tuple(row) for row in known[["latency_ns", column, "fidelity", "device"]].itertuples(index=False)]
    expected = {
        (*row, label) for row, best, label in zip(rows, slow_front(rows), known["planner"], strict=True) if best
    }
    got = [
        tuple(row)
        for row in found.frame[["latency_ns", column, "quality", "device", "planner"]].itertuples(index=False)
    ]
    assert len(got) == len(set(got))
    assert set(got) == expected
    assert sum(front.steps for front in found.fronts) == len({row[:4] for row in expected})
    for front in found.fronts:
        done = frame[(frame["status"] == "done") & (frame["device"] == front.setting["device"])]
        assert (front.plans, front.unknown) == (done["fidelity"].notna().sum(), done["fidelity"].isna().sum())


def test_who_holds_a_front_is_counted_in_steps() -> None:
    """Two planners that reach the same step both do, neither alone; a plan that is beaten counts for none."""
    plan = {"fidelity": 0.5, "latency_ns": 50}
    frame = made_frame([
        {**plan, "planner": "a"}, {**plan, "planner": "b"}, {**plan, "planner": "a", "target_latency_ns": 10**9},
        {**plan, "planner": "a", "fidelity": 0.7, "held_memory_bytes": 2 * 10**7},
        {**plan, "planner": "c", "latency_ns": 51},
    ])  # fmt: skip
    (front,) = report(frame).fronts.fronts
    assert [(one.planner, one.reaches, one.alone) for one in front.holders] == [("a", 2, 1), ("b", 1, 0)]
    assert front.steps == 2


def test_accuracy_and_fidelity_are_never_mixed() -> None:
    """Where only some plans of a setting have an accuracy, fidelity is compared; elsewhere accuracy is."""
    rows = [
        {"device": "x", "accuracy": 0.9, "fidelity": 0.1}, {"device": "x", "fidelity": 0.4},
        {"device": "y", "accuracy": 0.8, "fidelity": 0.9, "latency_ns": 5},
        {"device": "y", "accuracy": 0.9, "fidelity": 0.1, "latency_ns": 6},
        {"device": "z"},
    ]  # fmt: skip
    found = report(made_frame(rows))
    assert [front.measure for front in found.fronts.fronts] == ["fidelity", "accuracy", None]
    assert found.fronts.frame["quality"].tolist() == [0.4, 0.8, 0.9, pd.NA]
    assert found.summary.measure == "fidelity"
    assert "quality (unknown)" in text_of(found)


def slow_regions(frame: pd.DataFrame, keys: tuple[str, str]) -> tuple[dict[tuple[object, ...], str], Counter[str]]:
    """Find each cell's winner, and at how many places each planner is best, with loops."""
    best: dict[tuple[object, ...], list[set[str]]] = defaultdict(list)
    shares: Counter[str] = Counter()
    for place, own in frame.groupby(KEYS):
        meets = own[(own["status"] == "done") & own["meets_target"] & own["fidelity"].notna()]
        if len(meets):
            figures = [(-row.fidelity, row.held_memory_bytes, row.latency_ns) for row in meets.itertuples()]
            names = [name for figure, name in zip(figures, meets["planner"], strict=True) if figure == min(figures)]
            shares.update(names)
            best[tuple(place[KEYS.index(key)] for key in keys)].append(set(names))
    order = list(dict.fromkeys(frame["planner"]))
    winners = {}
    for cell, sets in best.items():
        wins = Counter(name for names in sets for name in names)
        lone = Counter(name for names in sets for name in names if len(names) == 1)
        winners[cell] = max(wins, key=lambda name: (wins[name], lone[name], -order.index(name)))
    return winners, shares


@pytest.mark.parametrize("seed", range(6))
def test_regions_are_what_loops_find(seed: int) -> None:
    """Winners of cells over both other keys and the places where a planner is best, ties and all."""
    frame = random_frame(np.random.default_rng(seed), 250, levels=3).drop_duplicates([*KEYS, "planner"])
    for x, y in (("target_latency", "preload_buffer"), ("device", "target_latency")):
        found = report(frame, x=x, y=y).regions
        keys = {"device": "device"} | {"target_latency": KEYS[1], "preload_buffer": KEYS[2]}
        winners, shares = slow_regions(frame, (keys[x], keys[y]))
        assert found.x is not None
        assert found.y is not None
        for (at_x, one), (at_y, other) in product(enumerate(found.x.values), enumerate(found.y.values)):
            winner = found.winners[at_y, at_x]
            assert (found.planners[winner] if winner >= 0 else None) == winners.get((one, other))
        assert {one.planner: one.best for one in found.regions} == shares
        assert sum(one.cells for one in found.regions) == len(winners)
        assert found.places == frame.groupby(KEYS).ngroups


def test_a_map_that_is_put_together_is_that_of_coarser_values() -> None:
    """Neighbouring values become one, as if they had been one value from the start."""
    frame = random_frame(np.random.default_rng(5), 300, levels=3).drop_duplicates([*KEYS, "planner"])
    sweep = swept(frame)
    x, y = sweep.axes[2], sweep.axes[1]
    assert (x.key, y.key) == ("target_latency", "preload_buffer")
    fine, coarse = best_regions(sweep, x, y), best_regions(sweep, x, y, (1, 2))
    assert (fine.winners.shape, coarse.winners.shape) == ((3, 4), (1, 2))
    assert {one.planner: one.best for one in coarse.regions} == {one.planner: one.best for one in fine.regions}
    assert best_regions(sweep, x, y, (99, 99)).winners.tolist() == fine.winners.tolist()


def test_cells_without_rows_and_without_a_winner_are_told_apart() -> None:
    """A filter may leave out a corner; elsewhere nobody may meet the target."""
    rows = [
        {"target_latency_ns": 1, "preload_buffer_bytes": 1, "fidelity": 0.1},
        {"target_latency_ns": 2, "preload_buffer_bytes": 1, "fidelity": 0.1, "meets_target": False},
        {"target_latency_ns": 1, "preload_buffer_bytes": 2, "status": "infeasible", "reason": "none"},
    ]
    found = report(made_frame(rows)).regions
    assert found.winners.tolist() == [[0, NOBODY], [NOBODY, NOTHING]]
    assert (found.places, found.met, found.cells) == (3, 1, 3)
    assert found.to_dict()["winners"] == [["wrx", ""], ["", None]]


def test_a_capital_is_best_everywhere() -> None:
    """One planner is best at both of a cell's places; another at one of them, and nobody at the second."""
    rows = [
        {"planner": name, "target_latency_ns": target, "fidelity": good, "thermal.seed": seed}
        for target, seed, figures in ((10**6, 1, (0.5, 0.4)), (10**6, 2, (0.5, 0.4)), (2 * 10**6, 1, (0.5, 0.6)))
        for name, good in zip(("a", "b"), figures, strict=True)
    ] + [{"planner": "a", "target_latency_ns": 2 * 10**6, "thermal.seed": 2, "status": "infeasible", "reason": "none"}]
    found = report(made_frame(rows, {"thermal.seed": int}))
    assert found.regions.everywhere.tolist() == [[True, False]]
    said = text_of(found)
    assert "\n| A b\n1 2\ntarget latency [ms] across\n" in said
    assert (
        "A letter is the planner that is best at more of its places than others (over 2 values of thermal.seed); "
        "a capital: at every one of them.\n" in said
    )
    assert "\nA a 50.0% 50.0% 50.0%\nB b 50.0% 25.0% 25.0%\nAt 1 of 4 places (combinations of values) nobody" in said


def test_axes_are_the_keys_with_most_values() -> None:
    """The seed is none unless asked for, nor is a key that another one decides."""
    rows = [
        {"device": f"d{device}", "processor": f"p{device}", "model": f"m{model}", "seed": seed, "fidelity": 0.5}
        for device in range(3) for model in range(2) for seed in range(9)
    ]  # fmt: skip
    frame = made_frame(rows, {"seed": int})
    chosen = report(frame).regions
    assert [chosen.x and chosen.x.key, chosen.y and chosen.y.key] == ["device", "model"]
    assert chosen.over == {"processor": 3}
    asked = report(frame, y="seed").regions
    assert [asked.x and asked.x.key, asked.y and asked.y.key] == ["device", "seed"]
    assert asked.over == {"processor": 3, "model": 2}
    for wrong, says in (
        (("sed", None), "--x: 'sed' was not swept; did you mean 'seed'"),
        (("seed", "seed"), "--y: is"),
    ):
        with pytest.raises(InputError, match=says):
            report(frame, x=wrong[0], y=wrong[1])


def test_counts_and_spreads_are_those_of_the_rows(real: pd.DataFrame) -> None:
    """By planner and status, and the least, the median and the most of its plans."""
    found = report(real).summary
    assert found.statuses == real["status"].value_counts().to_dict()
    assert [one.planner for one in found.planners] == list(PLANNERS)
    for one in found.planners:
        own = real[real["planner"] == one.planner]
        assert (one.points, one.met, one.statuses) == (
            len(own), own["meets_target"].sum(), own["status"].value_counts().to_dict()
        )  # fmt: skip
        for spread, column in (
            (one.latency_ns, "latency_ns"), (one.memory_bytes, "held_memory_bytes"), (one.quality, "fidelity")
        ):  # fmt: skip
            assert spread is not None
            values = own[column].dropna()
            assert (spread.least, spread.median, spread.most) == (values.min(), values.median(), values.max())
    assert found.axes == {"preload_buffer": "3: 0, 1, 8 MB", "target_latency": "3: 100, 200, 400 ms"}


def test_reasons_that_differ_in_amounts_are_one() -> None:
    """Whichever planner gives them; the first is shown with its point, and names with digits are no amounts."""
    rows = (
        [
            {
                "planner": f"p{n % 2}",
                "status": "infeasible",
                "reason": f"p{n % 2}: short by {n}.5 {'ms' if n else 'us'}",
            }
            for n in range(3)
        ]
        + [{"status": "invalid", "reason": f"odroid-n{n}: no such device"} for n in range(2)]
        + [{"fidelity": 0.5}]
    )
    found = report(made_frame(rows)).summary.reasons
    assert [(one.status, one.points, one.first, one.point, one.alike) for one in found] == [
        ("infeasible", 3, "short by 0.5 us", 0, False), ("invalid", 1, "odroid-n0: no such device", 3, True),
        ("invalid", 1, "odroid-n1: no such device", 4, True),
    ]  # fmt: skip
    assert found[0].planners == ("p0", "p1")
    said = text_of(report(made_frame(rows)))
    assert "infeasible: 3 points" in said
    assert "3 short by 0.5 us (2 planners, first at point 0; amounts differ)" in said


def test_models_that_are_not_known_are_no_values() -> None:
    """A scenario that cannot be has no model; a key that is not swept is fixed all the same."""
    rows = [
        {"device": "x", "fidelity": 0.5},
        {"device": "y", "model": None, "status": "invalid", "reason": "y: no such device"},
    ]
    found = report(made_frame(rows))
    assert ([axis.key for axis in found.sweep.axes], found.summary.fixed["model"]) == (["device"], "m")
    rows.append({"device": "x", "model": "n", "fidelity": 0.6})
    assert [axis.key for axis in report(made_frame(rows)).sweep.axes] == ["device", "model"]


@pytest.mark.parametrize("rows", [[], [{"status": "lost", "reason": "ended its process"}]])
def test_a_sweep_without_plans_is_told_all_the_same(rows: list[dict[str, object]]) -> None:
    """Nothing is best, and nothing fails."""
    found = report(made_frame(rows))
    assert "There is no plan." in text_of(found)
    assert found.fronts.fronts == ()
    assert found.regions.met == 0


def test_everything_can_be_written_as_json(real: pd.DataFrame) -> None:
    """All steps of all fronts, the map, and the counts; no NaN."""
    found = report(pd.concat([real, made_frame([{"device": "other", "point": 99}])], ignore_index=True))
    data = found.to_dict()
    assert json_text(data)
    assert data["schema"] == "edgesim.report/1"
    assert [len(front["steps"]) for front in data["fronts"]] == [
        front.stop - front.start for front in found.fronts.fronts
    ]
    assert data["fronts"][1]["steps"][0]["quality"] is None
    assert {axis["key"] for axis in data["axes"]} >= {"target_latency", "preload_buffer"}


@pytest.mark.parametrize("memory", ["held", "peak"])
@pytest.mark.parametrize("seed", range(3))
def test_within_a_limit_others_do_not_exist(seed: int, memory: str) -> None:
    """Fronts and the map are those of the plans within; all plans are counted all the same."""
    frame, column = random_frame(np.random.default_rng(seed), 200), f"{memory}_memory_bytes"
    most = int(frame[column].median())
    over = (frame[column] > most).fillna(False).to_numpy(bool)
    assert 0 < over.sum() < len(frame)
    without = frame.copy()
    without.loc[over, "status"] = "infeasible"
    found, alone = report(frame, memory=memory, within_bytes=most), report(without, memory=memory)
    data, expected = found.to_dict(), alone.to_dict()
    assert (data["fronts"], data["regions"]) == (expected["fronts"], expected["regions"])
    assert data["regions"] != report(frame, memory=memory).to_dict()["regions"]
    assert (data["within_bytes"], data["beyond"]) == (most, over.sum())
    assert found.summary == report(frame, memory=memory).summary
    assert (found.fronts.frame[column] <= most).all()


def test_nothing_within_a_limit_is_refused() -> None:
    """With the least that is needed; where there is no plan at all, that is told instead."""
    frame = made_frame([{"fidelity": 0.5, "held_memory_bytes": 5_000_001}])
    with pytest.raises(InputError, match=r"--within: no plan has so little memory, got 5 MB; the least is 5.000001 MB"):
        report(frame, within_bytes=5_000_000)
    assert report(frame, within_bytes=5_000_001).regions.met == 1
    lost = made_frame([{"status": "lost", "reason": "ended its process"}])
    assert report(lost, within_bytes=1).sweep.beyond == 0


def test_places_without_a_scenario_count_for_nothing() -> None:
    """Where every planner is invalid; where only some are, others may meet the target, or nobody does."""
    invalid = {"status": "invalid", "reason": "y has no gpu"}
    rows: list[dict[str, object]] = [
        {"device": device, "target_latency_ns": target, "planner": planner} | (invalid if wrong else {"fidelity": 0.5})
        for device, target, planner, wrong in (
            ("x", 1, "a", False), ("x", 1, "b", False), ("x", 2, "a", True), ("x", 2, "b", False),
            ("y", 1, "a", True), ("y", 1, "b", True), ("y", 2, "a", True), ("y", 2, "b", True),
        )
    ]  # fmt: skip
    found = report(made_frame(rows), x="target_latency", y="device")
    assert found.regions.planners == ("b", "a")
    assert found.regions.winners.tolist() == [[1, 0], [NOTHING, NOTHING]]
    assert (found.regions.places, found.regions.met, found.regions.nowhere, found.regions.cells) == (2, 2, 2, 2)
    said = text_of(found)
    assert "; blank: left out, or no such scenario\n" in said
    assert said.endswith(
        "At every place (2 combinations of values) some planner meets the target.\n"
        "At 2 more places there is no such scenario (invalid); they count for nothing."
    )
    assert "\nplanner points plans invalid met " in said
    assert "\na 4 100% 3 100% " in said
    assert "\nb 4 100% 2 100% " in said
    assert "Shares are of a planner's points that have a scenario." in said
    only = report(made_frame([row for row in rows if row["device"] == "y"]))
    assert (only.regions.places, only.regions.nowhere) == (0, 2)
    assert "\na 2 - 2 - " in text_of(only)


def test_a_device_is_named_without_its_throttle() -> None:
    """Which has a column of its own, so that none is named twice; a device that is called so is another."""
    rows = [
        {"device": f"{device}-with-{throttle}" if throttle else device, "throttle": throttle, "fidelity": 0.5}
        for device in ("board", "board-with-x") for throttle in ("x", "y", None)
    ]  # fmt: skip
    found = report(made_frame(rows))
    assert {axis.key: axis.values for axis in found.sweep.axes} == {
        "device": ("board", "board-with-x"), "throttle": ("x", "y", None),
    }  # fmt: skip
    assert len({tuple(front.setting.values()) for front in found.fronts.fronts}) == 6
    alone = report(made_frame(rows[:2]))
    assert [axis.key for axis in alone.sweep.axes] == ["throttle"]
    assert alone.summary.fixed["device"] == "board"
    assert alone.fronts.frame["device"].tolist() == ["board", "board"]


def test_texts_may_be_categories(real: pd.DataFrame) -> None:
    """A report of rows that are kept in less memory is the same."""
    texts = [name for name, kind in real.dtypes.items() if kind == "string"]
    rows = pd.concat([real, made_frame([{"device": "other", "point": 99, "status": "invalid"}])], ignore_index=True)
    one, other = report(rows), report(rows.astype(dict.fromkeys(texts, "category")))
    assert one.to_dict() == other.to_dict()
    pd.testing.assert_frame_equal(one.fronts.frame, other.fronts.frame)
    assert text_of(one) == text_of(other)


def test_what_the_best_could_save_is_counted() -> None:
    """Where one with less quality meets the target with less memory; one that misses it saves nothing."""
    rows = [
        {"target_latency_ns": target, "planner": name, "fidelity": good, "held_memory_bytes": held, "meets_target": met}
        for target, name, good, held, met in (
            (1, "whole", 0.9, 50, True), (1, "part", 0.5, 20, True), (1, "other", 0.4, 30, True),
            (2, "whole", 0.9, 50, True), (2, "part", 0.5, 20, False), (3, "whole", 0.9, 50, False),
        )
    ]  # fmt: skip
    found = report(made_frame(rows)).regions
    assert (found.met, found.leaner, found.saved_bytes) == (2, 1, 30)
