"""Questions of a session, one by one: what a workload and a random generator make of one another.

Some arrivals depend on answers, which only a backend knows. So an `Ask` says from what its delay counts, and `arrives`
turns it into a moment: nothing is kept, and a session of any length needs no memory.
"""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from edgesim.chance import durations_ns, exponentials_ns, numbers
from edgesim.hours import DAY_NS, Hours
from edgesim.workload import (
    Engagements,
    MultiStream,
    Offline,
    Server,
    SingleStream,
    Trace,
    Workload,
)

if TYPE_CHECKING:
    from numpy.random import Generator

Since = Literal["start", "ask", "answer"]


class Ask(NamedTuple):
    """One question: how long after what it comes.

    Parameters
    ----------
    since
        From what the delay counts: the ``start`` of the session; the arrival of the ``ask`` before; or the ``answer``,
        when all that was asked before has been answered. Before the first ask and answer it is the start, too.
    delay_ns
        How much later the question comes [ns].
    engagement
        The burst or query that the question belongs to, from 0; of a recorded arrival what the trace says.
    opens
        Whether it is the first question of its engagement.
    """

    since: Since
    delay_ns: int
    engagement: int
    opens: bool = True


def asks(workload: Workload, generator: "Generator") -> Iterator[Ask]:
    """Make the questions of a session, each when it is wanted.

    Parameters
    ----------
    workload
        Who asks when. Where only its duration ends it, there is no last question: stop at the first that `arrives` too
        late.
    generator
        Where randomness comes from. What is drawn depends on neither answers nor how many questions are taken.

    Yields
    ------
    Ask
        In the order in which they come.
    """
    return islice(_MAKERS[type(workload)](workload, generator), workload.inferences)


def arrives(ask: Ask, asked_ns: int, answered_ns: int, workload: Workload) -> int | None:
    """Return when a question comes [ns]; None if the session is over by then.

    Parameters
    ----------
    ask
        The question.
    asked_ns, answered_ns
        When the question before came, and when all before had been answered [ns]; 0 for the first one.
    workload
        Who asks: its duration ends the session, and its hours of the day stop the gaps between engagements.
    """
    base_ns = {"start": 0, "ask": asked_ns, "answer": answered_ns}[ask.since]
    hours = workload.day if isinstance(workload, Engagements) and ask.opens else None
    arrival_ns = in_hours(base_ns, ask.delay_ns, hours) if hours else base_ns + ask.delay_ns
    return None if workload.until_ns is not None and arrival_ns >= workload.until_ns else arrival_ns


def in_hours(base_ns: int, delay_ns: int, hours: Hours) -> int:
    """Return when a delay is over that passes in some hours of each day only [ns].

    Parameters
    ----------
    base_ns, delay_ns
        When it begins, from midnight of the first day, and how long it is [ns].
    hours
        When it passes.
    """
    length_ns = hours.to_ns - hours.from_ns
    day, clock_ns = divmod(base_ns, DAY_NS)
    passed_ns = min(max(clock_ns - hours.from_ns, 0), length_ns)
    days, rest_ns = divmod(passed_ns + delay_ns, length_ns)
    return (day + days) * DAY_NS + hours.from_ns + rest_ns


def _single_stream(_workload: SingleStream, _generator: "Generator") -> Iterator[Ask]:
    return (Ask("answer", 0, number) for number in count())


def _multi_stream(workload: MultiStream, _generator: "Generator") -> Iterator[Ask]:
    for query in count():
        yield Ask("answer", 0, query)
        for _ in range(workload.samples - 1):
            yield Ask("ask", 0, query, opens=False)


def _server(workload: Server, generator: "Generator") -> Iterator[Ask]:
    gaps = exponentials_ns(float(10**9 / workload.rate_per_s), generator)
    return (Ask("ask", gap_ns, number) for number, gap_ns in enumerate(gaps))


def _offline(_workload: Offline, _generator: "Generator") -> Iterator[Ask]:
    return (Ask("ask", 0, 0, opens=number == 0) for number in count())


def _engagements(workload: Engagements, generator: "Generator") -> Iterator[Ask]:
    for_bursts, for_gaps, for_thinking = generator.spawn(3)  # a change of one leaves the draws of the others
    bursts, gaps = numbers(workload.burst, for_bursts), durations_ns(workload.gap, for_gaps)
    thinking = durations_ns(workload.think_time, for_thinking)
    for engagement in count() if workload.engagements is None else range(workload.engagements):
        yield Ask("answer", next(gaps), engagement)
        for _ in range(next(bursts) - 1):
            yield Ask("answer", next(thinking), engagement, opens=False)


def _trace(workload: Trace, _generator: "Generator") -> Iterator[Ask]:
    before = None
    for arrival_ns, engagement in workload.values or ():
        yield Ask("start", arrival_ns, engagement, opens=engagement != before)
        before = engagement


_MAKERS: dict[type, Callable[[Any, "Generator"], Iterator[Ask]]] = {
    SingleStream: _single_stream,
    MultiStream: _multi_stream,
    Server: _server,
    Offline: _offline,
    Engagements: _engagements,
    Trace: _trace,
}
