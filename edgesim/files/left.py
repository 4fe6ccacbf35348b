"""Whether a sweep has anything to try: combinations that its filters leave, and that can be."""

from collections.abc import Sequence
from itertools import product
from math import prod

from edgesim.errors import InputError
from edgesim.files.dimensions import Dimension, digits_of, settings_of, size_of, with_most_memory
from edgesim.files.filters import STILL, Filter
from edgesim.files.read import read_as
from edgesim.files.text import Text
from edgesim.files.trials import Trials
from edgesim.scenario import Scenario

_MOST_COMBINATIONS, _MOST_BASES, _MOST_REASONS = 10**6, 1000, 3
_ALONE = {"seed"}
"""Keys that are right or wrong whatever the others are."""


def check_filters(text: Text, filters: Sequence[Filter], dimensions: Sequence[Dimension]) -> None:
    """Note filters that leave out every point, alone or together, where a million combinations tell."""
    message = "leaves out every point"
    for number, one in enumerate(filters):
        if _leave_nothing([one], dimensions):
            text.mistake(("sweep", "where", number), message)
    if not text.mistakes and _leave_nothing(filters, dimensions):
        text.mistake(("sweep", "where"), f"{message}: no combination satisfies all filters")


def _leave_nothing(filters: Sequence[Filter], dimensions: Sequence[Dimension]) -> bool:
    numbers = sorted({operand.dimension for one in filters for operand in (one.left, one.right)} - {STILL})
    entries = [range(len(dimensions[number])) for number in numbers]
    if prod(map(len, entries)) > _MOST_COMBINATIONS:
        return False  # not known
    at = {number: place for place, number in enumerate(numbers)} | {STILL: len(numbers)}
    held = [(at[left], lefts, compare, at[right], rights) for (left, lefts), compare, (right, rights) in filters]
    return not any(
        all(compare(lefts[digits[left]], rights[digits[right]]) for left, lefts, compare, right, rights in held)
        for digits in product(*entries, (0,))
    )


def check_bases(trials: Trials, dimensions: Sequence[Dimension]) -> None:
    """Note if no combination can be, with the first reasons; of more than a thousand their rows will tell."""
    budgets = [dimension for dimension in dimensions if dimension.is_budget]
    bases = [dimension for dimension in dimensions if not dimension.is_budget and not dimension.values.keys() <= _ALONE]
    if size_of(bases) > _MOST_BASES:
        return
    reasons: dict[str, None] = {}
    for number in range(size_of(bases)):
        settings = settings_of(digits_of(number, bases), bases) | with_most_memory(budgets)
        try:
            read_as(Scenario, trials.path, {**trials.fixed, **settings}, trials.library)
        except InputError as error:
            reasons |= dict.fromkeys(str(error).split("\n")[:1])
        else:
            return
    for reason in list(reasons)[:_MOST_REASONS]:
        trials.text.mistake(("sweep",), f"no combination of its values can be: {reason}")
