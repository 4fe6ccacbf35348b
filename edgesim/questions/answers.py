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
    edge: Edge
    probes: tuple[Probe, ...]
    """By rising value."""

    def probe(self, value: int) -> Probe:
        """Return what came of one tried value."""
        return next(probe for probe in self.probes if probe.value == value)


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a number is needed for a goal; `to_dict` is the JSON contract ``edgesim.need/1``.

    Values are integers of the base `unit`: ns, B, B/s, mW, 0.1 %, or times an hour. `own` is the scenario's, None
    where it has none.
    """

    scenario: str
    device: str
    processor: str
    model: str
    find: str
    unit: str
    own: int | None
    own_text: str | None
    target_latency_ns: int | None
    """None where the target itself is searched."""
    goal: Goal
    precision: float
    answers: tuple[Answer, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    grades: Mapping[str, str | None] = field(default_factory=dict)

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
