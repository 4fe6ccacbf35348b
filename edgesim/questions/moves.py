"""How far each number moves the answer: types only, and how they become JSON and frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.figures import Metrics
from edgesim.questions.goals import QUALITIES
from edgesim.questions.parts import GIVEN
from edgesim.questions.words import word
from edgesim.result import plain

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "edgesim.sensitivity/1"


class Outcome(NamedTuple):
    """What came of one run, or why there was none."""

    metrics: Metrics | None
    """What was measured; None where nothing ran."""
    reason: str | None = None
    """Why nothing ran."""

    def figure(self, name: str) -> float | None:
        """Return one figure; None where it is unknown or nothing ran."""
        found: float | None = None if self.metrics is None else getattr(self.metrics, name)
        return found


class Pair(NamedTuple):
    """The number smaller by some share, and larger."""

    less: Outcome
    """With the number smaller."""
    more: Outcome
    """With the number larger."""

    def changes(self, name: str, base: float) -> tuple[float | None, float | None]:
        """Return the relative changes of a figure."""
        found = [outcome.figure(name) for outcome in self]
        less, more = (None if value is None else (value - base) / base for value in found)
        return less, more


@dataclass(frozen=True, slots=True)
class Move:
    """One number of a scenario, or those that go together, and what its changes change."""

    key: str
    """Which number, as a sweep would name it."""
    value: str
    """What it is, with its unit."""
    home: str
    """Whose it is: ``profile``, ``model``, ``shape`` (of the model) or ``budget``."""
    grade: str | None
    """How far it can be trusted; None without a source, and of shape and budgets, which are given."""
    kept: Pair
    """With the plan that was made for the unchanged scenario."""
    again: Pair
    """With a plan made for the changed one."""
    effect: float
    """The largest relative change of the figure that was asked about."""
    elasticity: float | None
    """Relative change of that figure by relative change of the number, from both sides where both are known."""

    @property
    def is_given(self) -> bool:
        """Whether the number is known exactly, and cannot be wrong."""
        return self.home in GIVEN

    def shares(self) -> list[float]:
        """Return which parts of the inferences are in time with the plan as it is, where it can be executed."""
        return [one.metrics.target_met_fraction for one in self.kept if one.metrics is not None]


class Missing(NamedTuple):
    """A number that could not be changed, and why."""

    key: str
    """Which number."""
    reason: str
    """Why it could not be changed."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Which number moves the answer most; `to_dict` is the JSON contract ``edgesim.sensitivity/1``."""

    scenario: str
    """Name of the scenario."""
    device: str
    """Name of the device."""
    processor: str
    """Processor that computes."""
    model: str
    """Name of the model."""
    planner: str
    """The planner with its options, as reports show it."""
    by: float
    """The share by which each number was changed."""
    of: str
    """The figure that the effect is measured by."""
    base: Metrics
    """What was measured of the unchanged scenario."""
    moves: tuple[Move, ...]
    """Every number by its effect, largest first."""
    missing: tuple[Missing, ...] = ()
    """Numbers that could not be changed."""
    inferences: int = 1
    """How many inferences were asked for."""
    token_ns: int | None = None
    """What the target of a reply is about [ns]: the time of a token of the first one; None where nothing is
    generated."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """What is needed to get the same answer again."""
    grades: Mapping[str, str | None] = field(default_factory=dict)
    """The worst grade of each group of numbers that the answer rests on."""

    @property
    def judged(self) -> str:
        """Which runs the effect is taken from: ``again`` for qualities of a plan, else ``kept``."""
        return "again" if self.of in QUALITIES else "kept"

    @property
    def strongest(self) -> Move | None:
        """The number that moves the figure most, of those that may be wrong; None where none does."""
        return next((move for move in self.moves if not move.is_given and move.effect > 0), None)

    def __repr__(self) -> str:
        most = self.strongest
        answer = "nothing that may be wrong" if most is None else f"{most.key} ({most.grade or '?'})"
        by = "" if most is None else f" most, by {most.effect:.1%} if off by {100 * self.by:g}%"
        return f"<{self.scenario}: {answer} moves the {word(self.of)} of {self.planner}{by}>"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain lists and dicts, ready for JSON."""
        return {"schema": SCHEMA} | {one.name: plain(getattr(self, one.name)) for one in fields(self)}

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each run: number, change, whether the plan was kept, every metric or why there is none."""
        import pandas as pd

        rows = []
        for move in self.moves:
            own = {"key": move.key, "home": move.home, "grade": move.grade, "elasticity": move.elasticity}
            for plan, pair in (("kept", move.kept), ("again", move.again)):
                for change, one in zip((-self.by, self.by), pair, strict=True):
                    run = {"change": change, "plan": plan, "reason": one.reason}
                    rows.append(own | run | (plain(one.metrics) if one.metrics else {}))
        return pd.DataFrame(rows)
