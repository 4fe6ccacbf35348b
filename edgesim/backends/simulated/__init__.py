"""The simulated backend: loader and executor as SimPy processes, in exact integer nanoseconds."""

import math
from collections.abc import Iterator
from functools import partial

from edgesim.backends.simulated.inference import Clock, Inference
from edgesim.backends.simulated.processes import processes
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.scenario import Session
from edgesim.timeline import Request, Span, Timeline
from edgesim.work import first_and_later

_as_span = partial(tuple.__new__, Span)  # `Span._make` in C: a third of the time


def execute(plan: Plan, model: Model, device: Device, session: Session) -> Iterator[Timeline]:
    """Execute a legal plan in virtual time.

    Parameters
    ----------
    plan, model, device
        What to do, with what, on what.
    session
        Processor, load buffer, number of inferences and how the first one starts.

    Yields
    ------
    Timeline
        One for each inference, as soon as it has finished; nothing is kept, so memory does not grow.

    Raises
    ------
    ValueError
        If the device has no time for something the plan does.
    """
    first, later = first_and_later(plan, model, device, session)
    room = math.inf if session.load_buffer_bytes is None else session.load_buffer_bytes
    room = math.inf if plan.ignores_buffers else room
    env = Clock()
    for number in range(session.inferences):
        started = env.now
        inference = Inference(env, later if number else first, plan, room, number)
        executor = [env.process(process(inference)) for process in processes(inference.work)][-1]
        env.run(until=executor)
        request = Request(started, started, env.now)
        yield Timeline((request,), tuple(map(_as_span, inference.spans)))
