"""What the parts of a scenario must not contradict one another in."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from edgesim.conditions import Computing, Conditions, condition_mistakes
from edgesim.device import Device
from edgesim.document import Where
from edgesim.model import Model
from edgesim.processor import Processor
from edgesim.session import Change, Trim
from edgesim.tokens import Generation, longest


def change_mistakes(schedule: Sequence[Change], trim: Trim | None, replan: bool) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with what changes during a session.

    Parameters
    ----------
    schedule
        Changes of target and preload buffer.
    trim
        The smaller preload buffer that is kept while memory is short.
    replan
        Whether there is a plan for each of them.
    """
    before = 0
    for number, change in enumerate(schedule):
        if change.at <= before:
            yield ("schedule", number, "at"), f"must be later than {before} ns, got {change.at} ns"
        before = max(before, change.at)
        if change.preload_buffer is not None and not replan:
            yield ("schedule", number, "preload_buffer"), "needs a plan of its own; write 'replan: true'"
    if trim is not None and not replan:
        yield ("trim",), "needs a plan of its own; write 'replan: true'"


def session_mistakes(
    conditions: Conditions, device: Device, apps: Collection[Computing], trims: Mapping[Where, Trim | None]
) -> Iterator[tuple[Where, str]]:
    """Yield why a session cannot be disturbed as a scenario says; see `edgesim.conditions.condition_mistakes`.

    `trims` are those of all apps, by the place where they stand.
    """
    yield from ((("conditions", *where), message) for where, message in condition_mistakes(conditions, device, apps))
    for where, trim in trims.items():
        if trim is not None and conditions.memory is None:
            yield where, "needs 'conditions: {memory: ...}', or memory would never be short"


def app_mistakes(own: str, names: Mapping[str, str]) -> Iterator[tuple[Where, str]]:
    """Yield which apps cannot be told apart.

    Parameters
    ----------
    own
        The name of the scenario's own app.
    names
        What each of the others calls itself, by its key in `apps`.
    """
    for key, name in names.items():
        if key == own:
            repair = "name that with 'app', or choose another here"
            yield ("apps", key), f"is the name of the scenario's own app; {repair}"
        elif name != key:
            yield ("apps", key), f"must be the name that it has in 'app', got '{name}' there"


def generation_mistakes(
    model: Model, processor: Processor, generation: Generation | None
) -> Iterator[tuple[Where, str]]:
    """Yield why a model cannot answer as a scenario says.

    Parameters
    ----------
    model, processor
        What answers, and where.
    generation
        How long prompts and replies are; None where the model is to answer once.
    """
    if model.decoder is None:
        if generation is not None:
            yield ("generation",), f"{model.name} is no decoder, it answers at once; choose a model with 'decoder'"
        return
    if generation is None:
        yield ("model",), f"{model.name} is a decoder; say how long prompts and replies are: 'generation: {{..}}'"
        return
    most = sum(longest(generation))
    if most > model.decoder.context:
        yield ("generation",), f"{model.name} takes {model.decoder.context} tokens, got prompts and replies of {most}"
    if processor.roofline is None:
        shapes = {times.geometry.key for times in processor.layer_times}
        if model.geometry.key not in shapes:
            yield ("processor",), f"has neither layer times for {model.geometry} nor a 'roofline' to derive them from"
