"""Replies of a decoder: one pass over the layers for each token."""

from collections.abc import Iterator

from edgesim.backends.simulated.board import Board
from edgesim.generation import Passes, Pricing, Setup
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.session import Session
from edgesim.streams import Luck
from edgesim.work import Work
from edgesim.works import restored


class Reply(Iterator[Work]):
    """The works of one reply; an app that had been killed first reads what the model always holds."""

    def __init__(self, passes: Passes, setup: Setup, *, restarted: bool) -> None:
        self._passes, self._setup, self._restarted = passes, setup, restarted

    def __next__(self) -> Work:
        work = next(self._passes)
        if self._restarted:
            self._restarted = False
            return restored(work, self._setup.model, self._setup.device.storage)
        return work

    @property
    def resident(self) -> tuple[Shard, ...]:
        """What stays in the preload buffer for the next reply."""
        return self._passes.resident


class Replies:
    """Makes the replies of one app; each draws its lengths and its experts apart from the others.

    Parameters
    ----------
    board
        What it runs on.
    plans
        The app's plans, as `edgesim.timeline.Request.plan` counts them.
    model, session
        What answers; the session has a generation.
    """

    def __init__(self, board: Board, plans: tuple[Plan, ...], model: Model, session: Session) -> None:
        self._setup = Setup(model, board.device, session.processor)
        self._pricing = [Pricing(plan, self._setup) for plan in plans]
        self._generation = session.generation
        self._luck = Luck(board.shared.seed, board.shared.replication, f"replies of {session.app}")

    def reply(self, plan: int, found: tuple[Shard, ...], number: int, *, restarted: bool) -> Reply:
        """Return the works of one reply.

        Parameters
        ----------
        plan
            Which plan is executed.
        found
            What is in the preload buffer.
        number
            Which of the app's replies it is.
        restarted
            Whether the app had been killed.
        """
        if self._generation is None:
            raise ValueError("the session says nothing of prompts and replies")
        passes = Passes(self._pricing[plan], self._generation, found, self._luck.of(number))
        return Reply(passes, self._setup, restarted=restarted)
