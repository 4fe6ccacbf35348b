"""What is needed for a goal, planner by planner: types only, and how they become JSON and frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from edgesim.questions.goals import Goal
from edgesim.questions.probes import Probe
from edgesim.questions.search import Edge
from edgesim.questions.sentences import goal_text, short_verdict
from edgesim.result import plain

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "edgesim.need/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """How much one planner needs: the edge between what reaches the goal and what does not, and all that was tried."""

    planner: str
    """The planner with its options."""
    edge: Edge
    """Between what reaches the goal and what does not."""
    probes: tuple[Probe, ...]
    """All that was tried, by rising value."""

    def probe(self, value: int) -> Probe:
        """Return what came of one tried value."""
        return next(probe for probe in self.probes if probe.value == value)


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a number is needed for a goal; `to_dict` is the JSON contract ``edgesim.need/1``."""

    scenario: str
    """Name of the scenario."""
    device: str
    """Name of the device."""
    processor: str
    """Processor that computes."""
    model: str
    """Name of the model."""
    find: str
    """The key of the number that is searched."""
    unit: str
    """What values count: ns, B, B/s, mW, 0.1 %, or times an hour."""
    own: int | None
    """What the scenario has; None where it has none."""
    own_text: str | None
    """The same with its unit."""
    target_latency_ns: int | None
    """The target of the scenario [ns]; None where the target itself is searched."""
    goal: Goal
    """What is to be reached."""
    precision: float
    """How close to the answer something was tried that fails, as a part of it."""
    answers: tuple[Answer, ...]
    """What each planner needs."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """What is needed to get the same answer again."""
    grades: Mapping[str, str | None] = field(default_factory=dict)
    """The worst grade of each group of numbers that the answer rests on."""

    @property
    def reached(self) -> bool:
        """Whether any planner reaches the goal with any tried value."""
        return any(one.edge.answer is not None for one in self.answers)

    def __repr__(self) -> str:
        answers = "; ".join(map(short_verdict, self.answers))
        return f"<{self.scenario}: {self.find} for {goal_text(self)}: {answers}>"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain lists and dicts, ready for JSON."""
        found = {one.name: plain(getattr(self, one.name)) for one in fields(self)}
        answers = [{"planner": one.planner} | plain(one.edge) | {"probes": plain(one.probes)} for one in self.answers]
        return {"schema": SCHEMA} | found | {"answers": answers}

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each probe of each planner."""
        import pandas as pd

        rows = [{"planner": one.planner} | plain(probe) for one in self.answers for probe in one.probes]
        return pd.DataFrame(rows)
