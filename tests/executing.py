"""An execution that does not end by itself, for a test to kill: ``python executing.py STORE LOADER MOMENT [thread]``.

It writes the loader's process id when the inference has begun. Then, by MOMENT, either the executor waits for a read
that lasts (``reading``), or the loader waits for a layer that lasts (``computing``).
"""

import sys
import threading
import time
from pathlib import Path

from executed import Double, model_of, scenario_of
from strategies import toy_device, toy_plan

from edgesim.backends.real.engine import Engine, Settings
from edgesim.errors import EdgesimError
from edgesim.shards.store import Store, open_store

LONG_S = 300


def endless(store: Store, engine: Engine, moment: str) -> None:
    """Execute a plan whose second layer is not read, or whose first is not computed, before long."""
    model = model_of(store)
    plan = toy_plan(model, [[2, 6, 32]] * 2)
    scenario = scenario_of(model).model_copy(update={"load_buffer_bytes": plan.loads[0].bytes})
    slow = toy_device(read={"latency": f"{LONG_S} s", "bandwidth": "1 GB/s"}).storage
    list(engine.run(plan, model, scenario.session, slow if moment == "reading" else None))


class Endless(Double):
    """Says when an inference begins, and computes for long."""

    def begin(self) -> None:
        """Write who loads."""
        super().begin()
        sys.stdout.write(f"{' '.join(map(str, self.engine.link.threads()))}\n")
        sys.stdout.flush()

    engine: Engine


def main(folder: str, loader: str, moment: str, *where: str) -> int:
    """Execute, and return the exit code that the command line would give."""
    store, opened = open_store(Path(folder)), []
    double = Endless(store, lambda layer: time.sleep(LONG_S))

    def open_engine() -> None:
        opened.append(Engine(store, double, Settings(loader=loader)))

    if where:
        thread = threading.Thread(target=open_engine)
        thread.start()
        thread.join()
    else:
        open_engine()
    try:
        with opened[0] as double.engine:
            endless(store, double.engine, moment)
    except EdgesimError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted, closed: {double.engine.shared.closed}\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
