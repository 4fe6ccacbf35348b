"""The simulated backend: loader and executor as SimPy processes, in exact integer nanoseconds."""

from collections.abc import Iterator

from simpy import AllOf
from simpy.core import EmptySchedule

from edgesim.backends.simulated.apps import App
from edgesim.backends.simulated.board import Board
from edgesim.backends.simulated.clock import Clock
from edgesim.device import Device
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.session import Beside, Session
from edgesim.timeline import Timeline


def execute(plan: Plan, model: Model, device: Device, session: Session) -> Iterator[Timeline]:
    """Execute a legal plan in virtual time.

    Parameters
    ----------
    plan, model, device
        What to do, with what, on what.
    session
        Whose inferences they are, who asks for them, what else goes on.

    Yields
    ------
    Timeline
        One for each inference of every app, as soon as it has finished, and one for everything that happens beside;
        nothing is kept, so memory does not grow.

    Raises
    ------
    ValueError
        If the device has no time for something the plan does.
    RuntimeError
        If a plan waits for itself; `edgesim.rules.check` refuses those.
    """
    board = Board(Clock(), device, session)
    apps = [App(board, given) for given in (Beside(plan, model, session), *session.beside)]
    answered = AllOf(board.env, [board.env.process(app.serve()) for app in apps])
    step, outbox = board.env.step, board.outbox
    while not answered.triggered:
        try:
            step()
        except EmptySchedule as error:
            raise RuntimeError("the session would never end: an app waits for itself") from error
        while outbox:
            yield outbox.popleft()
    if isinstance(failure := answered.value, Exception):  # of an app's process, which SimPy hands over in silence
        raise failure
