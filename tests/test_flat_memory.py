"""Sessions of any length take the same memory where spans are not kept."""

import gc
import tracemalloc

from sessions import READER, scenario

from edgesim.experiment import execute
from edgesim.preparation import prepare
from edgesim.recording import FIRST, Recorder
from edgesim.testing.toys import toy_device, toy_model

MODEL = toy_model(layers=1, shards=1)
DEVICE = toy_device(layer_ns={1: 100})
MOST_BYTES = 20_000


def live_bytes(inferences: int) -> int:
    """Return what is in use after so many inferences of a session that goes on, beside a background [B]."""
    background = READER | {"gap": "700 ns"}
    given = scenario(DEVICE, MODEL, workload={"inferences": 10**6}, conditions={"background_io": [background]})
    gc.collect()
    tracemalloc.start()
    try:
        prepared = prepare(given, given.planner[0])
        recorder = Recorder(prepared, FIRST)
        session = execute(prepared, "simulated")
        while inferences:
            recorder.add(part := next(session))
            inferences -= len(part.requests)
        gc.collect()  # what is in cycles waits long for a collection
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_ten_times_as_many_inferences_take_no_more_memory() -> None:
    """A list with one number of each inference would be found: 18,000 of them take 144 kB."""
    live_bytes(100)  # what is imported and cached once
    assert live_bytes(20_000) - live_bytes(2000) < MOST_BYTES
