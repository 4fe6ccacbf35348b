"""How long prompts and replies are, and how experts are cached while a reply is generated."""

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Discriminator, Tag, model_validator

from edgesim.decoder import Routing, Tokens
from edgesim.document import Document, mistakes

if TYPE_CHECKING:
    import numpy as np


class Range(Document):
    """Any number from `least` to `most`, each as likely."""

    least: Tokens
    """The smallest number."""
    most: Tokens
    """The largest number."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> "Range":
        if self.least > self.most:
            mistakes([(("most",), f"must not be below least, got {self.most} after {self.least}")])
        return self


def _one_or_range(value: object) -> Literal["range", "one"]:
    return "range" if isinstance(value, dict | Range) else "one"


CacheKind = Literal["lru", "layer_lru", "fixed"]
Length = Annotated[
    Annotated[Tokens, Tag("one")] | Annotated[Range, Tag("range")],
    Discriminator(_one_or_range),
]


class Generation(Document):
    """An inference answers a prompt with tokens: one pass over the prompt, then one for each further token.

    The target latency of the scenario is then the promise for each output token, and the plan says what stays resident
    between tokens.
    """

    prompt: Length
    """Tokens of a prompt: a number, or ``{least: 16, most: 64}`` for any between, each as likely."""
    tokens: Length
    """Tokens of a reply: a number, or a range as of `prompt`."""
    cache: CacheKind = "layer_lru"
    """Which experts stay, in as many bytes as the plan keeps: those used last in each layer (`layer_lru`), in all
    layers (`lru`), or the plan's own (`fixed`)."""
    routing: Routing | None = None
    """Which experts tokens are routed to, in place of the model's own."""


class Lengths(NamedTuple):
    """Tokens of one prompt and of its reply."""

    prompt: int
    tokens: int


def longest(generation: Generation) -> Lengths:
    """Return the longest prompt and the longest reply that may come."""
    return Lengths(*(_bounds(length)[1] for length in (generation.prompt, generation.tokens)))


def shortest(generation: Generation) -> Lengths:
    """Return the shortest prompt and the shortest reply that may come."""
    return Lengths(*(_bounds(length)[0] for length in (generation.prompt, generation.tokens)))


def drawn(generation: Generation, random: "np.random.Generator") -> Lengths:
    """Draw the length of one prompt and of its reply.

    Two numbers are drawn whatever the ranges are, so that a changed range leaves later draws as they are.
    """
    bounds = (_bounds(length) for length in (generation.prompt, generation.tokens))
    return Lengths(*(least + int(random.random() * (most - least + 1)) for least, most in bounds))


def _bounds(length: int | Range) -> tuple[int, int]:
    return (length, length) if isinstance(length, int) else (length.least, length.most)
