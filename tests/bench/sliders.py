"""Print how fast `edgesim.explore` follows its sliders: ``python -m tests.bench.sliders``.

A minimal SimPy program, run beside it, tells how fast the machine is; matplotlib, what the pictures would cost.
"""

import time
from collections.abc import Iterator
from functools import partial
from statistics import median

from edgesim import Scenario, read_scenario
from edgesim.files import shipped_names
from edgesim.notebook import figures
from edgesim.notebook.drawn import planned_html
from edgesim.notebook.settings import Desk, Planned, Setting, is_more
from edgesim.plot.stacked import stacked

from .__main__ import best_seconds
from .subjects import minimal, pipeline


def positions(desk: Desk) -> Iterator[Setting]:
    """Yield every position of each slider, the others where the scenario has them, for WRX."""
    own = desk.own._replace(planner="wrx")
    for name, values in (
        ("target_ns", desk.targets()),
        ("preload_bytes", desk.preloads()),
        ("flash", desk.speeds()),
    ):
        yield from (own._replace(**{name: value}) for _, value in values)


def single_inferences() -> list[Scenario]:
    """Return the shipped scenarios of one inference that nothing disturbs."""
    return [scenario for name in shipped_names("scenarios") if not is_more(scenario := read_scenario(name))]


def moved(desk: Desk, setting: Setting) -> tuple[float, float]:
    """Return how long planning anew takes and how long drawing [s], each the least of three."""
    planned = min((desk.plan(setting) for _ in range(3)), key=lambda one: one.seconds)
    return planned.seconds, min(_seconds(planned) for _ in range(3))


def _seconds(planned: Planned) -> float:
    began = time.perf_counter()
    planned_html(planned)
    return time.perf_counter() - began


def lines() -> Iterator[str]:
    """Move every slider of every scenario through all of its positions."""
    every: list[tuple[float, float]] = []
    for scenario in single_inferences():
        desk = Desk(scenario)
        own = [moved(desk, setting) for setting in positions(desk)]
        yield f"{scenario.name}: {_told(own)}"
        every += own
    yield f"all of them: {_told(every)}"
    yield _pictures()


def _told(times: list[tuple[float, float]]) -> str:
    (theirs,) = best_seconds(partial(minimal, *pipeline(100)))
    planning, drawing = (sorted(column) for column in zip(*times, strict=True))
    middle = median(planning)
    return (
        f"{len(times)} positions, planned anew in {middle * 1e3:.1f} ms (worst {planning[-1] * 1e3:.1f}), as long as"
        f" {middle / theirs * 100:.1f} inferences of the minimal program; drawn in {median(drawing) * 1e3:.1f} ms"
        f" (worst {drawing[-1] * 1e3:.1f})"
    )


def _pictures() -> str:
    planned = Desk(read_scenario("quickstart"))
    result = planned.plan(planned.own)
    ours, theirs = best_seconds(partial(planned_html, result), lambda: stacked(list(figures.result(result.result))))
    return f"quickstart: matplotlib takes {theirs / ours:.0f} x as long to draw it, {theirs * 1e3:.0f} ms"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
