"""One app of a session: a process that answers what is asked of it, one inference after the other."""

import math
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from edgesim.arrivals import arrives, asks
from edgesim.backends.simulated.board import Board
from edgesim.backends.simulated.inference import Inference
from edgesim.backends.simulated.processes import Process, processes
from edgesim.backends.simulated.replies import Replies, Reply
from edgesim.cost import bits_of
from edgesim.footprint import Footprint, footprint
from edgesim.plans import Plan, Shard
from edgesim.session import Beside
from edgesim.streams import stream
from edgesim.timeline import Request, Span, Timeline
from edgesim.work import Work
from edgesim.workload import SingleStream
from edgesim.works import Works, in_force, plans_of

if TYPE_CHECKING:
    from numpy.random import Generator

_MOST_KNOWN = 64
_as_span = partial(tuple.__new__, Span)  # `Span._make` in C: a third of the time


class App:
    """An app on a board; `serve` is its process.

    Parameters
    ----------
    board
        What it shares with others.
    given
        Its first plan, its model and its session.
    """

    def __init__(self, board: Board, given: Beside) -> None:
        plan, model, session = given
        self.board, self.session, self.model = board, session, model
        self.plans = plans_of(plan, session)
        self.works = Works(self.plans, model, board.device, session.processor)
        self.user = board.user(model, session)
        self._room = math.inf if session.load_buffer_bytes is None else session.load_buffer_bytes
        self._kept: tuple[int, tuple[Shard, ...]] = (0, plan.preload if session.start == "warm" else ())
        self._alive = True
        self._footprints: dict[tuple[int, tuple[Shard, ...]], Footprint] = {}
        self._replies = Replies(board, self.plans, model, session) if session.generation else None
        board.expect(session.app, self._die)

    def serve(self) -> Process:
        """Answer every question, each when it has been asked and the one before has been answered."""
        env, asked, answered = self.board.env, 0, 0
        workload = self.session.workload or SingleStream(inferences=self.session.inferences or 1)
        for number, ask in enumerate(asks(workload, self._generator())):
            arrival = arrives(ask, asked, answered, workload)
            self._hold(in_front=arrival is not None and not ask.opens)  # while its user thinks
            if arrival is None:
                return
            asked = arrival
            if asked > env.now:
                yield env.timeout(asked - env.now)
            self.user.begin(number)
            yield from self._answer(asked, ask.engagement)
            answered = env.now
        self._hold()

    def _generator(self) -> "Generator":
        """Return where the questions come from; a session without chance has no need of it, nor of numpy."""
        shared, app = self.board.shared, self.session.app
        wanted = self.session.workload is not None
        return stream(shared.seed, shared.replication, f"arrivals of {app}") if wanted else None  # type: ignore[return-value]

    def _die(self) -> None:
        """Be killed: nothing stays in memory."""
        self._alive, self._kept = False, (0, ())

    def _hold(self, *, in_front: bool = False, serving: bool = False) -> None:
        """Tell the system what the model takes in memory, if that is looked at."""
        if self.board.free_bytes is None:
            return
        index, kept = key = self._kept
        if key not in self._footprints:
            if len(self._footprints) >= _MOST_KNOWN:
                self._footprints.clear()  # a cache of experts is hardly ever the same twice
            plan, model = self.plans[index], self.model
            self._footprints[key] = footprint(plan, model, self.board.device, self.session, kept)
        self.board.hold(self.session, self._footprints[key][serving], in_front=in_front, serving=serving)

    def _answer(self, asked_ns: int, engagement: int) -> Process:
        env, user = self.board.env, self.user
        index = in_force(self.session.plans, asked_ns, self.board.free_bytes)
        plan, found, restarted = self.plans[index], self._found(index), not self._alive
        self._alive, self._kept, start, done = True, (index, found), env.now, list[int]()
        self._hold(in_front=True, serving=True)
        spans: list[tuple[int, str, str, str, int, int, int, int]] = []
        works = self._works(index, found, restarted=restarted)
        for work in works:
            room = math.inf if plan.ignores_buffers else self._room
            inference = Inference(env, work, plan, room, user)
            yield [env.process(process(inference)) for process in processes(work, user)][-1]
            spans += inference.spans
            done.append(env.now)
        self._kept = (index, works.resident if isinstance(works, Reply) else plan.retain)
        tokens = tuple(done) if self.session.generation else ()
        request = Request(
            asked_ns, start, env.now, user.app, user.number, engagement, index, found, restarted, tokens
        )  # fmt: skip
        self.board.outbox.append(Timeline((request,), tuple(map(_as_span, spans))))

    def _works(self, index: int, found: tuple[Shard, ...], *, restarted: bool) -> Iterable[Work]:
        """Return what one answer takes: a pass over the layers, or of a reply one for each token."""
        if self._replies is None:
            return (self.works.of(index, found, restarted),)
        return self._replies.reply(index, found, self.user.number, restarted=restarted)

    def _found(self, index: int) -> tuple[Shard, ...]:
        """Return what a plan finds in the preload buffer: of another plan's shards those at its own bitwidths.

        A cache of experts may hold any of them, and drops what it has no room for.
        """
        before, kept = self._kept
        if before == index or not kept:
            return kept
        decoder = self.model.decoder
        bits = bits_of if decoder is not None and decoder.experts is not None else _kept_bits
        wanted, there = bits(self.plans[index]), bits(self.plans[before])
        return tuple(shard for shard in kept if wanted.get(shard) == there[shard])


def _kept_bits(plan: Plan) -> dict[Shard, int]:
    bits = bits_of(plan)
    return {shard: bits[shard] for shard in (*plan.preload, *plan.retain)}
