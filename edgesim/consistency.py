"""What the parts of a scenario must not contradict one another in."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from edgesim.conditions import Computing, Conditions, condition_mistakes
from edgesim.device import Device, find_decompress, find_layer_times
from edgesim.document import Where
from edgesim.model import FULL, Model
from edgesim.pressure import AppProcess
from edgesim.processor import LayerTimes, Processor
from edgesim.session import Change, Trim
from edgesim.tokens import Generation, longest, shortest
from edgesim.units import show_bytes


def change_mistakes(
    schedule: Sequence[Change], trim: Trim | None, replan: bool, preload_bytes: int
) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with what changes during a session.

    Parameters
    ----------
    schedule
        Changes of target and preload buffer.
    trim
        The smaller preload buffer that is kept while memory is short.
    replan
        Whether there is a plan for each of them.
    preload_bytes
        The preload buffer before the first change [B].
    """
    before = 0
    for number, change in enumerate(schedule):
        if change.at <= before:
            earlier = "the change before it" if number else "0 s: what holds then, the scenario itself says"
            yield ("schedule", number, "at"), f"must be later than {earlier}"
        before = max(before, change.at)
        if change.preload_buffer is not None and not replan:
            yield ("schedule", number, "preload_buffer"), "needs a plan of its own; write 'replan: true'"
    if trim is not None and not replan:
        yield ("trim",), "needs a plan of its own; write 'replan: true'"
    most = max([preload_bytes, *(change.preload_buffer or 0 for change in schedule)])
    if trim is not None and trim.preload_buffer > most:
        got = show_bytes(trim.preload_buffer)
        yield ("trim", "preload_buffer"), f"must not exceed what is kept otherwise, {show_bytes(most)}, got {got}"


def session_mistakes(
    conditions: Conditions,
    device: Device,
    apps: Collection[Computing],
    trims: Mapping[Where, Trim | None],
    processes: Mapping[Where, AppProcess | None],
) -> Iterator[tuple[Where, str]]:
    """Yield why a session cannot be disturbed as a scenario says; see `edgesim.conditions.condition_mistakes`.

    `trims` and `processes` are those of all apps, by the place where they stand.
    """
    yield from ((("conditions", *where), message) for where, message in condition_mistakes(conditions, device, apps))
    for where, trim in trims.items():
        if trim is not None and conditions.memory is None:
            yield where, "needs 'conditions: {memory: ...}', or memory would never be short"
    room = conditions.memory and (conditions.memory.for_apps or (device.memory.capacity if device.memory else None))
    for where, process in processes.items():
        if process is not None and room and process.base >= room:
            got = show_bytes(process.base)
            yield (*where, "base"), f"must be below the memory for apps, {show_bytes(room)}, got {got}"


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
    if generation.routing is not None and model.decoder.experts is None:
        yield ("generation", "routing"), f"is of no use: {model.name} has no experts"
    most = sum(longest(generation))
    if most > model.decoder.context:
        yield ("generation",), f"{model.name} takes {model.decoder.context} tokens, got prompts and replies of {most}"
    found = {times.geometry.seq_len: times for times in reversed(processor.layer_times) if _are_of(times, model)}
    needed = _passes(generation, found)
    for tokens in sorted(needed & found.keys()):
        yield from ((("processor",), message) for message in _gaps(found[tokens], processor, model))
    if processor.roofline is None and (missing := sorted(needed - found.keys())):
        shape = model.geometry.model_copy(update={"seq_len": missing[0]})
        yield ("processor",), f"has neither layer times for {shape} nor a 'roofline' to derive them from"


def _are_of(times: LayerTimes, model: Model) -> bool:
    """Tell whether layer times are for passes of a model, of however many tokens."""
    return times.geometry.model_dump(exclude={"seq_len"}) == model.geometry.model_dump(exclude={"seq_len"})


def _passes(generation: Generation, known: Collection[int]) -> set[int]:
    """Return how many tokens passes have: all numbers that are known, and the first that is not."""
    least, most = (ends.prompt for ends in (shortest(generation), longest(generation)))
    unknown = next((tokens for tokens in range(least, most + 1) if tokens not in known), 1)
    return {1, unknown, *(tokens for tokens in known if least <= tokens <= most)}


def _gaps(times: LayerTimes, processor: Processor, model: Model) -> Iterator[str]:
    """Yield what was not measured of whole layers of a model."""
    least, most = min(times.time), max(times.time)
    if not least <= model.shards_per_layer <= most:
        yield f"was measured for {least} to {most} shards a layer of {times.geometry}, got {model.shards_per_layer}"
    decompress = times.decompress or processor.decompress
    timed = decompress.per_shard if decompress else {}
    if untimed := _untimed(timed, model):
        yield f"has no decompression time for bitwidths {untimed} of {times.geometry}; of what takes none, write '0 ns'"


def _untimed(timed: object, model: Model) -> str:
    """List the bitwidths of a model that are not in a table of times."""
    known = timed if isinstance(timed, dict) else model.bitwidths
    return ", ".join(str(bits) for bits in model.bitwidths if bits not in known and bits != FULL)


def check_measured(device: Device, processor: str, model: Model) -> None:
    """Check that a device was measured for the layers of a model, and its bitwidths.

    Raises
    ------
    ValueError
        If it was not; the message has what was measured.
    """
    times = find_layer_times(device, processor, model.geometry)
    if times is None:
        known = "; ".join(str(entry.geometry) for entry in device.processors[processor].layer_times) or "none"
        raise ValueError(f"{device.name} has no layer times on {processor} for {model.geometry}; known: {known}")
    least, most = min(times.time), max(times.time)
    if least > model.shards_per_layer:
        raise ValueError(
            f"{device.name} was measured for {least} to {most} shards a layer, got {model.shards_per_layer}"
        )
    decompress = find_decompress(device, processor, model.geometry)
    timed = decompress.per_shard if decompress else {}
    if untimed := _untimed(timed, model):
        raise ValueError(f"{device.name} has no decompression time on {processor} for bitwidths {untimed}")
