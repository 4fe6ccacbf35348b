"""Who asks when: one document for each kind of session, named as MLPerf names its scenarios where it has them.

Its scenarios are described in https://github.com/mlcommons/inference_policies/blob/master/inference_rules.adoc.
`edgesim.arrivals` makes questions of these documents.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic.json_schema import SkipJsonSchema

from edgesim.chance import Chance, Numbers
from edgesim.document import Document, Where, mistakes
from edgesim.errors import choose
from edgesim.hours import Hours
from edgesim.units import LARGEST, Nanoseconds, Rate

_Many = Annotated[int, Field(ge=1, le=10**9, strict=True)]


class Asking(Document):
    """What all kinds have: how the session starts."""

    start: Literal["warm", "cold"] = "warm"
    """Whether the preload buffer is full before the first inference (`warm`), or is filled by it (`cold`)."""

    @property
    def until_ns(self) -> int | None:
        """No inference is asked for at this moment [ns] or later; None if the session ends by their number only."""
        return None


class SingleStream(Asking):
    """Inferences, each asked for when the one before has been answered."""

    kind: Literal["single_stream"] = "single_stream"
    """Each inference is asked for when the one before has been answered."""
    inferences: _Many = 1
    """How many inferences there are."""


class MultiStream(Asking):
    """Queries of several inferences asked for at once, the next query when all of the one before are answered.

    A query is an engagement; its latency is that of its last answer.
    """

    kind: Literal["multi_stream"]
    """Queries of several inferences at once."""
    queries: Annotated[int, Field(ge=1, le=10**6, strict=True)]
    """How many queries there are."""
    samples: Annotated[int, Field(ge=1, le=1000, strict=True)] = 8
    """Inferences of a query; 8 are MLPerf's."""

    @property
    def inferences(self) -> int:
        """How many inferences there will be."""
        return self.queries * self.samples


class Timed(Asking):
    """What ends by number or by time, whichever comes first."""

    counted: ClassVar[str]
    duration_ns: Annotated[Nanoseconds | None, Field(gt=0, alias="duration", examples=["24 h"])] = None
    """The session ends then, if it did not before: a question that would come then or later is not asked."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if getattr(self, self.counted) is None and self.duration_ns is None:
            raise ValueError(f"would never end; give '{self.counted}' or 'duration'")
        return self

    @property
    def until_ns(self) -> int | None:
        """No inference is asked for at this moment [ns] or later; None if their number alone ends the session."""
        return self.duration_ns


class Server(Timed):
    """Inferences asked for at random, independently of one another and of the answers: a Poisson process."""

    counted = "inferences"
    kind: Literal["server"]
    """Inferences asked for at random."""
    rate_per_s: Annotated[Rate, Field(alias="rate")]
    """How often one is asked for, on average."""
    inferences: _Many | None = None
    """The session ends after so many, if it did not before."""


class Offline(Asking):
    """Inferences that are all asked for at the start: one query, one engagement."""

    kind: Literal["offline"]
    """All inferences are asked for at the start."""
    inferences: _Many
    """How many inferences there are."""


class Engagements(Timed):
    """Bursts of inferences: a user turns to the app, asks a few times, and leaves it.

    A burst is an engagement.
    """

    counted = "engagements"
    kind: Literal["engagements"]
    """Bursts of inferences, with pauses between them."""
    engagements: _Many | None = None
    """The session ends after so many bursts, if it did not before."""
    burst: Annotated[Numbers, Field(alias="inferences")]
    """Inferences of a burst: a number, or ``[1, 3]`` for each from 1 to 3 equally often."""
    think_time: Chance
    """Time from an answer to the next question of the same burst."""
    gap: Chance
    """Time from the last answer of a burst to the first question of the next; at first from the start of the
    session."""
    day: Hours | None = None
    """Hours of the day in which gaps pass, so that outside of them no burst begins; by default all."""

    @property
    def inferences(self) -> int | None:
        """How many inferences there will be; None where chance or time decides."""
        least, most = self.burst
        fixed = least == most and self.duration_ns is None
        return self.engagements * most if fixed and self.engagements is not None else None


class Arrival(NamedTuple):
    """When an inference is asked for [ns] after the start, and the engagement it belongs to."""

    arrival_ns: Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
    engagement: Annotated[int, Field(ge=0, le=LARGEST, strict=True)]


class Trace(Asking):
    """Inferences asked for at recorded times, whatever has been answered by then."""

    kind: Literal["trace"]
    """Inferences asked for at recorded times."""
    file: str | None = None
    """A CSV beside the scenario: rising times in a column ``arrival_ns``, ``arrival_us``, ``arrival_ms`` or
    ``arrival_s`` and, if you like, the number of the `engagement`; else each inference is one."""
    values: SkipJsonSchema[tuple[Arrival, ...] | None] = None
    """What `edgesim.files` reads of the `file`."""

    @model_validator(mode="after")
    def _holds(self) -> "Trace":
        if self.file is not None or not self.values:
            raise ValueError("needs 'file', a CSV of arrivals; edgesim.read_scenario reads it")
        mistakes(list(_backwards(self.values)))
        return self

    @property
    def inferences(self) -> int:
        """How many inferences there will be."""
        return len(self.values or ())


def _backwards(values: tuple[Arrival, ...]) -> Iterator[tuple[Where, str]]:
    before = Arrival(0, 0)
    for number, row in enumerate(values):
        for name, earlier, later in zip(Arrival._fields, before, row, strict=True):
            if later < earlier:
                yield ("values", number), f"{name} must not run backwards, got {later} after {earlier}"
        before = row


_KINDS = ("single_stream", "multi_stream", "server", "offline", "engagements", "trace")


def _kind(value: object) -> str:
    return f"kind={value.get('kind', _KINDS[0]) if isinstance(value, Mapping) else getattr(value, 'kind', _KINDS[0])}"


def _known(value: object) -> object:
    kind = value.get("kind", _KINDS[0]) if isinstance(value, Mapping) else _KINDS[0]
    if kind not in _KINDS:
        got = "nothing" if kind is None else str(kind)[:60]
        mistakes([(("kind",), f"unknown kind, got {got}; {choose(got, _KINDS)}")])
    return value


Workload = Annotated[
    Annotated[SingleStream, Tag("kind=single_stream")]  # a tag that is also a key would be taken for one in messages
    | Annotated[MultiStream, Tag("kind=multi_stream")]
    | Annotated[Server, Tag("kind=server")]
    | Annotated[Offline, Tag("kind=offline")]
    | Annotated[Engagements, Tag("kind=engagements")]
    | Annotated[Trace, Tag("kind=trace")],
    Discriminator(_kind),
    BeforeValidator(_known),
]
"""Any kind of session; a file that names none means `SingleStream`."""
