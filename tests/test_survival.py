"""Who survives memory pressure: what the committed maps say, what does and does not follow, and what stands behind."""

import pytest
from campaigns.survival import BLOCKS, HEADER, LAUNCHES, PLANNERS, PROCESSES, Cell, cells, rows, scenario_of
from hypothesis import given
from hypothesis import strategies as st
from survival import HEADINGS, SURVIVAL, TABLES, atlas, of, read, values

from edgesim import read_scenario, run
from edgesim.conditions import Conditions
from edgesim.eviction import Process, victims
from edgesim.pressure import MemoryPressure
from edgesim.usage import Service
from edgesim.workload import Engagements


def used(inferences: int) -> Service:
    """Return how a session of four engagements was served, in so little memory that a cached app is killed at once."""
    section = {"for_apps": "300 MB", "watermarks": {950: "290 MB", 0: "1 MB"}, "app": {"idle_adj": 950}}
    conditions = Conditions(memory=MemoryPressure.model_validate(section))
    asked = {"kind": "engagements", "engagements": 4, "inferences": inferences, "think_time": "5 s", "gap": "5 min"}
    workload = Engagements.model_validate(asked)
    daily = read_scenario("paper-odroid-400ms")
    found = run(daily.model_copy(update={"workload": workload, "conditions": conditions})).service
    assert found
    return found


def test_an_app_is_in_front_while_its_user_thinks() -> None:
    """Who would be killed as soon as it is cached is killed between engagements only, not within one."""
    assert used(1).restarts == 4
    assert used(3).restarts == 4
    assert used(3).ready_fraction == 8 / 12


ROWS = read(SURVIVAL)
AGAIN = [
    Cell("odroid", 10, 1),
    Cell("odroid, shards only, large others", 50, 4),
    Cell("phone, shards only", 200, 0.25),
    Cell("minilm", 600, 1),
]


def test_the_committed_maps_are_full() -> None:
    """Every place of every map is there, with every planner once."""
    found = [(row["block"], int(row["process_mb"]), float(row["launches"]), row["planner"]) for row in ROWS]
    assert found == [(*cell, planner) for cell in cells() for planner in PLANNERS]
    assert list(ROWS[0]) == HEADER


@pytest.mark.parametrize("cell", AGAIN, ids=lambda cell: cell.block)
def test_the_committed_figures_are_those_of_today(cell: Cell) -> None:
    """Some places, simulated again, give the same digits."""
    committed = of(ROWS, block=cell.block, process_mb=str(cell.process_mb), launches=str(cell.launches))
    assert committed
    assert [{key: str(value) for key, value in row.items()} for row in rows([cell], 1)] == committed


def test_a_place_on_a_map_is_the_shipped_scenario() -> None:
    """`edgesim compare pressure` runs a cell of the campaign."""
    shipped, swept = read_scenario("pressure"), scenario_of(Cell("odroid", 10, 1))
    for part in ("model", "device", "target_latency_ns", "preload_bytes", "workload", "conditions", "seed"):
        assert getattr(shipped, part) == getattr(swept, part), part


def test_where_nothing_is_short_nothing_differs() -> None:
    """Without launches nobody dies, every planner is ready, and only what its answers are worth tells them apart."""
    for row in of(ROWS, launches="0"):
        assert (row["ready_and_met"], row["restarts"], row["less_full"]) == ("1.0000", "0.0000", "0.0000"), row


def test_the_score_decides_before_the_size() -> None:
    """Whose score is below that of the other cached apps outlives them, resident model or not."""
    last = of(ROWS, block="odroid, shards only, killed last")
    assert {row["ready_and_met"] for row in last} == {"1.0000"}
    assert {row["planner"] for row in last} == set(PLANNERS)


def test_half_is_the_worst() -> None:
    """Of an engagement only the first inference can find its app killed: of two on average, one is ready all the same.

    Where everything dies in each gap, all planners are there, and so they are where the process dwarfs the model.
    """
    assert min(float(row["ready"]) for row in ROWS) == pytest.approx(0.5, abs=0.02)
    for row in of(ROWS, block="odroid", process_mb="600", planner="wrx"):
        assert abs(float(row["less_full"])) < 0.025


def test_wrx_is_never_behind_a_resident_model_by_more_than_chance() -> None:
    """In no place of any map, neither the full one nor that at 6 bits."""
    for row in of(ROWS, planner="wrx"):
        for key in ("less_full", "less_six"):
            assert float(row[key]) + float(row[f"{key}_half_width"]) >= 0, row


def test_what_wrx_gains_is_largest_where_the_model_is_most_of_the_app() -> None:
    """On the phone it survives where the resident model dies each time; beside a large process nobody does."""
    (slim,) = of(ROWS, block="phone, shards only", planner="wrx", process_mb="10", launches="16")
    assert (slim["ready_and_met"], slim["fidelity"]) == ("1.0000", "0.9990")
    assert float(slim["less_full"]) > 0.45
    (heavy,) = of(ROWS, block="phone, shards only", planner="wrx", process_mb="600", launches="16")
    assert float(heavy["less_full"]) < 0.05


def test_a_pipeline_at_six_bits_survives_as_wrx_does() -> None:
    """It holds no shards at all: within 5 points everywhere, and on MiniLM its predicted accuracy is the higher one."""
    for wrx, six in zip(of(ROWS, planner="wrx"), of(ROWS, planner="std_pipeline[bitwidth=6]"), strict=True):
        assert abs(float(wrx["ready_and_met"]) - float(six["ready_and_met"])) < 0.05, wrx
        if wrx["accuracy"]:
            assert wrx["accuracy"] < six["accuracy"]


def test_who_is_killed_may_still_meet_the_target() -> None:
    """A cold start without embeddings costs a pipeline nothing; WRX reads its preload buffer, 1 ms too long on one."""
    for block, planner, always in (
        ("odroid, shards only", "load_exec", True),
        ("odroid, shards only", "std_pipeline", True),
        ("odroid, shards only", "wrx", False),
        ("phone, shards only", "wrx", True),
        ("phone, shards only", "preload_model", False),
    ):
        met = {float(row["met"]) for row in of(ROWS, block=block, planner=planner)}
        assert (min(met) == 1) is always, (block, planner)


def test_more_pressure_never_raises_readiness_on_average() -> None:
    """Nor does a larger process, except where the app is killed before all others: then it clears room for itself."""
    for axis, others in (("launches", "process_mb"), ("process_mb", "launches")):
        for block in BLOCKS:
            lines = [
                [float(row["ready"]) for row in of(ROWS, block=block, planner=planner, **{others: value})]
                for planner in PLANNERS
                for value in values(of(ROWS, block=block), others)
            ]
            falls = all(line == sorted(line, reverse=True) for line in lines)
            assert falls is not (axis == "process_mb" and block.endswith("killed first")), (axis, block)


def test_every_table_is_full() -> None:
    """No cell of a table is empty, and all blocks are there."""
    for name, table in TABLES.items():
        head, lines = table()
        assert lines, name
        assert all(len(line) == len(head) and all(line) for line in lines), name
    assert set(BLOCKS) == {row["block"] for row in ROWS}
    assert set(HEADINGS) < set(BLOCKS)


def test_the_picture_shows_every_place() -> None:
    """Six maps a block, of all processes and launches."""
    drawn = atlas()
    assert [len(maps) for _, maps in drawn.rows] == [6] * len(HEADINGS)
    for _, maps in drawn.rows:
        for one in maps:
            assert [len(row) for row in one.values] == [len(PROCESSES)] * len(LAUNCHES)


@given(
    st.lists(st.integers(1, 400), max_size=8), st.integers(1, 400), st.integers(0, 200), st.integers(0, 200),
    st.integers(-100, 900),
)  # fmt: skip
def test_at_one_moment_who_dies_would_die_if_it_held_more(
    others: list[int], held: int, more: int, launched: int, free: int
) -> None:
    """Among the same others, neither a larger footprint nor a larger launch has ever saved an app from a kill."""

    def dies(held: int, free: int) -> bool:
        crowd = [Process(f"other {number}", n_bytes, 900) for number, n_bytes in enumerate(others)]
        return "app" in victims([Process("app", held, 900), *crowd], free, [(900, 226), (0, 75)])

    if dies(held, free):
        assert dies(held + more, free - more)
        assert dies(held, free - launched)
