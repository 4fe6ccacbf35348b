"""What a report shows of a sweep: every part, and no more of it than is read at a glance."""

import numpy as np
import pandas as pd
import pytest
from swept_frames import made_frame, real_frame, text_of

from edgesim.sweeps.findings import Report, report
from edgesim.sweeps.steps import thinned

TARGETS, ROOMS = ("100 ms", "200 ms", "400 ms"), ("0 B", "1 MB", "8 MB")


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    """Return the quickstart over targets and preload buffers; no planner meets the first target."""
    return real_frame({"target_latency": TARGETS, "preload_buffer": ROOMS})


def test_the_text_has_every_part(real: pd.DataFrame) -> None:
    """Counts, reasons, fronts, the map with its legend, and what nobody meets."""
    said = text_of(report(real))
    assert said.startswith("quickstart: 36 points, 4 planners\n")
    assert "fixed device odroid-n2plus, processor cpu, model dynabert-12x12, load_buffer 4 MB" in said
    assert "\nwrx 9 66.7% 33.3% 66.7% " in said
    assert "infeasible: 12 points" in said
    assert "\nPareto fronts: latency, held memory and fidelity\n" in said
    lines = said.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("8 MB |"))
    assert [line.partition("|")[2].split()[0] for line in lines[start : start + 3]] == ["."] * 3
    assert lines[start + 3] == "100 200 400"
    assert lines[start + 4] == "target latency [ms] across, preload buffer [MB] up; a dot: nobody meets the target"
    assert lines[-2] == "At 3 of 9 places (combinations of values) nobody meets the target."
    assert lines[-1] == (
        "Memory does not limit who is best: at 6 places another that holds less, by up to 16.2 MB, meets the target, "
        "too. Limit it with --within SIZE."
    )
    assert "Incomplete" not in said


def test_what_is_missing_is_said_first(real: pd.DataFrame) -> None:
    """Before anything that would be different with it."""
    found = report(real)
    partial = Report(found.sweep, found.summary, found.fronts, found.regions, missing=14, left_out=2)
    second, third = text_of(partial).splitlines()[1:3]
    assert second.startswith("Incomplete: 14 of 50 points are missing")
    assert third.startswith("Only with --planner; 2 more planners were swept.")


def test_long_fronts_are_thinned_and_it_is_said() -> None:
    """Evenly, with both ends."""
    assert thinned(100, 4) == [0, 33, 66, 99]
    assert thinned(3, 4) == [0, 1, 2]
    rows = [{"latency_ns": 10**6 * (n + 1), "fidelity": n / 100} for n in range(50)]
    assert "all plans: 50 steps of 50 plans; 10 are shown, evenly spaced" in text_of(report(made_frame(rows)))


def test_several_fronts_have_a_row_each() -> None:
    """What each reaches and who reaches its steps; of many, some, and it is said."""
    rows = [
        {"device": f"d{n}", "planner": name, "fidelity": 0.1 * good, "latency_ns": (5 + n) * 10**6 * good}
        for n in range(11) for name, good in (("a", 1), ("b", 2), ("c", 3), ("a", 4))
    ]  # fmt: skip
    said = text_of(report(made_frame(rows)))
    assert "\ndevice plans steps latency, ms held, MB fidelity steps by planner\n" in said
    assert "\nd0 4 4 5.00 / 20.00 10.00 / 10.00 0.1000 / 0.4000 a 2, b 1, 1 more\n" in said
    assert "\nd10 4 4 15.00 / 60.00 10.00 / 10.00 0.1000 / 0.4000 a 2, b 1, 1 more\n" in said
    assert "Least / most of a front's steps; 6 of 11 fronts are shown, evenly spaced. --csv FILE has every step" in said
    assert sum(line.startswith("d") and line.endswith("more") for line in said.splitlines()) == 6


def test_the_text_of_many_planners_and_settings_is_short() -> None:
    """Twenty planners over four keys of many values: what leads is shown, and how much else there is."""
    random = np.random.default_rng(1)
    rows = [
        {"device": f"d{device}", "planner": f"p{planner}", "target_latency_ns": 10**6 * target, "model": f"m{model}",
         "preload_buffer_bytes": 10**6 * room, "fidelity": float(random.random()),
         "latency_ns": int(random.integers(1, 30) * 10**6), "held_memory_bytes": int(random.integers(1, 10**9)),
         "meets_target": bool(random.integers(2)) or planner == 19}
        for device in range(4) for model in range(3) for target in range(1, 31) for room in range(3)
        for planner in range(20) if random.random() < 0.3
    ]  # fmt: skip
    said = text_of(report(made_frame(rows)))
    assert len(said.splitlines()) <= 60
    assert "\n8 more; none meets targets more often\n" in said
    assert said.count("\n14 more\n") == 2
    assert "\np19 " in said


def test_one_of_something_is_said_so() -> None:
    """One point, one planner, one step, one place."""
    said = text_of(report(made_frame([{"fidelity": 0.5}])))
    assert said.startswith("made: 1 point, 1 planner\n")
    assert "\nall plans: 1 step of 1 plan\n" in said
    assert said.endswith("At every place (1 combination of values) some planner meets the target.")


def test_a_tall_map_is_put_together_evenly() -> None:
    """Twenty rows become ten of two values each, not sixteen of one or two."""
    rows = [
        {"preload_buffer_bytes": 10**6 * (n + 1), "target_latency_ns": 10**6 * (m + 1), "fidelity": 0.5}
        for n in range(20) for m in range(2)
    ]  # fmt: skip
    said = text_of(report(made_frame(rows), x="target_latency")).splitlines()
    maps = [line.split(" |")[0] for line in said if " MB |" in line]
    assert maps == [f"{n} MB" for n in range(19, 0, -2)]
    assert "20 x 2 values are put together to 10 x 2 letters, named by the first of them." in said


def test_where_nobody_meets_the_target_no_map_is_shown() -> None:
    """It would be dots; that is said instead."""
    rows = [{"target_latency_ns": n, "fidelity": 0.1, "meets_target": False} for n in range(1, 4)]
    said = text_of(report(made_frame(rows)))
    assert "across" not in said
    assert said.endswith("At 3 of 3 places (combinations of values) nobody meets the target.")
