"""Energy of a whole session, counted while it happens: by app, by inference and by engagement."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edgesim.busy import Interval, busy_ns
from edgesim.device import Device
from edgesim.energy import Energy, energy, idle_pj, powers, total_of
from edgesim.processor import ClockStep
from edgesim.timeline import Timeline


class AppEnergy(NamedTuple):
    """What one app took above idle: in its inferences, and beside them, such as filling its preload buffer."""

    energy: Energy
    inferences: int
    engagements: int


NOTHING_SPENT = AppEnergy(Energy(None, 0, 0), 0, 0)


@dataclass(slots=True)
class _Account:
    """What remains of an app while time goes on."""

    time: Counter[str] = field(default_factory=Counter)
    inferences: int = 0
    engagements: int = 0
    engagement: int | None = None


@dataclass(slots=True)
class Meter:
    """Adds up the energy of a session, in memory that does not grow with it.

    Parameters
    ----------
    device
        Has the powers.
    processors
        Processor of each app. Whoever is not named, such as a background reader, may use storage only.
    clocks
        Steps of a processor's clock where they are not those of the profile.
    """

    device: Device
    processors: Mapping[str, str]
    clocks: Mapping[str, Sequence[ClockStep]] = field(default_factory=dict)
    _accounts: dict[str, _Account] = field(default_factory=dict, init=False)
    _window: Interval | None = field(default=None, init=False)

    def add(self, part: Timeline) -> None:
        """Count a timeline in: whole layers, the inferences of one app in order; those of several apps may mix."""
        for app, time in busy_ns(part.spans).items():
            self._accounts.setdefault(app, _Account()).time.update(time)
        for request in part.requests:
            account = self._accounts.setdefault(request.app, _Account())
            account.inferences += 1
            account.engagements += request.engagement != account.engagement
            account.engagement = request.engagement
        if moments := [*_moments(part), *([self._window] if self._window else [])]:
            self._window = min(start for start, _ in moments), max(end for _, end in moments)

    def apps(self) -> dict[str, AppEnergy]:
        """Return what each app took, in the order in which they first appeared."""
        return {
            app: AppEnergy(self._energy(app, account.time), account.inferences, account.engagements)
            for app, account in self._accounts.items()
        }

    def total(self, window_ns: int | None = None) -> Energy:
        """Return what all took, and the idle device.

        Parameters
        ----------
        window_ns
            How long the device was on [ns]; from the first moment seen to the last if left out.
        """
        first, last = self._window or (0, 0)
        spent = [app.energy for app in self.apps().values()]
        return Energy(
            idle_pj(self.device, last - first if window_ns is None else window_ns),
            total_of(each.storage_pj for each in spent),
            total_of(each.processor_pj for each in spent),
        )

    def _energy(self, app: str, time: Mapping[str, int]) -> Energy:
        processor = self.processors.get(app)
        power = powers(self.device, processor, self.clocks.get(processor) if processor else None)
        return energy(time, power, computes=processor is not None)


def _moments(part: Timeline) -> Iterator[Interval]:
    yield from ((span.start_ns, span.end_ns) for span in part.spans)
    yield from ((request.arrival_ns, request.finish_ns) for request in part.requests)
