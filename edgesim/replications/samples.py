"""One replication after the other, of the plans that were made once: nothing that is planned depends on chance."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.errors import InputError
from edgesim.experiment import execute
from edgesim.preparation import Prepared
from edgesim.recording import FIRST, Recorder
from edgesim.replications.figures import Latencies, Sample, figures
from edgesim.session import Session


@dataclass(frozen=True, slots=True)
class Sampler:
    """Runs every planner in one replication, by its number: worker processes get the plans once."""

    planners: Sequence[Prepared]

    def __call__(self, replication: int) -> list[Sample]:
        """Return what came of every planner."""
        return [sampled(numbered(each, replication)) for each in self.planners]


def sampled(prepared: Prepared) -> Sample:
    """Execute plans, and keep nothing but the sample.

    Raises
    ------
    InputError
        If an app is asked nothing: then there is nothing to average.
    """
    recorder, latencies = Recorder(prepared, FIRST), defaultdict[str, Latencies](Latencies)
    for part in execute(prepared):
        recorder.add(part)
        for request in part.requests:
            latencies[request.app].add(request.finish_ns - request.arrival_ns)
    if silent := [app for app in prepared.apps if app not in latencies]:
        where = f"{prepared.scenario.name}: in replication {prepared.session.board.replication}"
        raise InputError(f"{where} nobody asks '{silent[0]}' anything; let the session last longer")
    return Sample(figures(recorder.result()), {app: latencies[app].counts for app in prepared.apps})


def numbered(prepared: Prepared, replication: int) -> Prepared:
    """Say which replication it is to be, to all apps."""
    beside = tuple(numbered(each, replication) for each in prepared.beside)
    return prepared._replace(session=_numbered(prepared.session, replication), beside=beside)


def _numbered(session: Session, replication: int) -> Session:
    beside = tuple(each._replace(session=_numbered(each.session, replication)) for each in session.beside)
    return session._replace(board=session.board._replace(replication=replication), beside=beside)
