"""How far reads and layers are off their usual times, as scenarios describe it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from edgesim.clock import Seed
from edgesim.document import Document, Where, mistakes

MEDIAN = 0.5
MEASURED = "measured"
_ENDS = {"min": 0.0, "max": 1.0}


def _probability(key: object) -> object:
    return _ENDS.get(key, key) if isinstance(key, str) else key


def _one_or_given(value: object) -> str:
    return MEASURED if isinstance(value, str) else "given"


Probability = Annotated[float, BeforeValidator(_probability), Field(ge=0, le=1)]
Factor = Annotated[float, Field(gt=0, le=1e6)]
Given = Annotated[
    dict[Probability, Factor],
    Field(min_length=2, max_length=100),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "number"}}),
]
Quantiles = Annotated[
    Annotated[Literal["measured"], Tag(MEASURED)] | Annotated[Given, Tag("given")], Discriminator(_one_or_given)
]


class Jitter(Document):
    """How far times scatter, as factors of the usual one."""

    quantiles: Quantiles = "measured"
    """`measured`: the percentiles of the profile's statistics. Or factors of the usual time by probability, ``{0.05:
    0.9, 0.5: 1, 0.95: 1.3, max: 4}``, with ``0.5: 1`` among them; `min` and `max` stand for 0 and 1."""
    seed: Seed | None = None
    """Of this disturbance alone, in place of the scenario's: the others draw as before."""

    @model_validator(mode="after")
    def _rises_through_one(self) -> "Jitter":
        if isinstance(self.quantiles, dict):
            mistakes(list(_mistakes(self.quantiles)))
        return self


def _mistakes(given: Mapping[float, float]) -> Iterator[tuple[Where, str]]:
    if given.get(MEDIAN) != 1:
        yield ("quantiles",), f"needs '{MEDIAN}: 1': the usual time is the median, got {given.get(MEDIAN, 'none')}"
    factors = [given[probability] for probability in sorted(given)]
    if factors != sorted(factors):
        yield ("quantiles",), f"factors must rise with their probabilities, got {factors}"
