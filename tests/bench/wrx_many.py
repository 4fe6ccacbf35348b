"""Cases that WRX plans at once, and one by one."""

from collections.abc import Iterator
from random import Random

import numpy as np

from edgesim import InfeasibleError, Scenario, read_scenario
from edgesim.batch.cases import Cases
from edgesim.batch.jobs import UNLIMITED
from edgesim.planners.wrx import wrx

MB = 10**6
ROOMS = {"unlimited": [UNLIMITED], "4 MB": [4 * MB], "1 to 16 MB": [1 * MB, 2 * MB, 4 * MB, 8 * MB, 16 * MB]}
TABLES = ("raspberry-pi-4", "raspberry-pi-5-nvme", "rk3399-emmc")


def mixed_cases(count: int) -> Iterator[tuple[str, Cases]]:
    """Yield cases of the 12 x 12 model over targets, preload buffers and storages, from hopeless to ample."""
    first = read_scenario("paper-odroid-400ms")
    swept = [_with_bandwidth(first, int(each)) for each in np.geomspace(20 * MB, 2000 * MB, 20)]
    tables = [read_scenario("paper-odroid-400ms", {"device": name}) for name in TABLES]
    tables = [each.model_copy(update={"model": first.model}) for each in tables]
    for name, rooms in ROOMS.items():
        yield f"20 bandwidths, load buffer {name}", _drawn(swept, rooms, count)
    yield "3 boards with tables, load buffer unlimited", _drawn(tables, ROOMS["unlimited"], count)


def planned_alone(cases: Cases, count: int) -> None:
    """Plan the first of some cases one by one."""
    for place in range(count):
        base, room = cases.bases[cases.base[place]], int(cases.room_bytes[place])
        budget = base.budget._replace(
            target_latency_ns=int(cases.target_ns[place]),
            preload_bytes=int(cases.preload_bytes[place]),
            load_buffer_bytes=None if room == UNLIMITED else room,
        )
        try:
            wrx(base.model, base.device, budget)
        except InfeasibleError:
            continue


def _drawn(bases: list[Scenario], rooms: list[int], count: int) -> Cases:
    random = Random(0)
    rows = []
    for _ in range(count):
        target, preload = round(10 ** random.uniform(7.8, 9.6)), random.choice([0, random.randrange(20 * MB)])
        rows.append((random.randrange(len(bases)), target, preload, random.choice(rooms)))
    base, *budgets = np.array(rows, np.int64).T.copy()
    return Cases(tuple(bases), base.astype(np.intp), *budgets)


def _with_bandwidth(scenario: Scenario, bytes_per_second: int) -> Scenario:
    read = scenario.device.storage.read.model_copy(update={"bandwidth": bytes_per_second})
    storage = scenario.device.storage.model_copy(update={"read": read})
    return scenario.model_copy(update={"device": scenario.device.model_copy(update={"storage": storage})})
