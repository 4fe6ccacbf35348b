"""What is allowed in a file, but makes one doubt that it is meant so."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from edgesim.device import Device
from edgesim.document import Document, Where
from edgesim.errors import listed
from edgesim.files.contradictions import Doubt, of_device, of_model, of_scenarios
from edgesim.files.omitted import omitted
from edgesim.files.plausible import unlikely
from edgesim.files.text import Text
from edgesim.grid import Grid
from edgesim.model import Model
from edgesim.processor import LayerTimes
from edgesim.scenario import Scenario
from edgesim.units import show_ns


def doubts(document: Document, text: Text) -> list[str]:
    """Return what is doubtful in a device, a model or a grid, each with the file and the line.

    Parameters
    ----------
    document
        What was read; of a scenario `scenario_doubts` tells.
    text
        The file that it was read from.
    """
    if isinstance(document, Grid):
        return _said([(("models",), document.left_out)] * bool(document.left_out), text)
    if not isinstance(document, Device | Model):
        return []
    found = [*_unsourced(document), *_falling(document), *unlikely(document)]
    if isinstance(document, Device):
        found += [*_compressed(document), *of_device(document)]
    else:
        found += [*omitted(document), *of_model(document)]
    return _said(found, text)


def scenario_doubts(scenarios: Sequence[Scenario], text: Text) -> list[str]:
    """Return what is doubtful in a scenario, given what it is at each point of its campaign."""
    return _said(of_scenarios(scenarios), text)


def _said(found: Iterable[Doubt], text: Text) -> list[str]:
    ordered = sorted(found, key=lambda one: text.place(one[0])[0])
    return [f"{text.place(where)[1]}: doubt: {message}" for where, message in ordered]


def _unsourced(document: Document) -> Iterator[Doubt]:
    """Name the parts that do not say where their numbers come from."""
    parts = [where for where, part in _parts(document) if "source" in type(part).model_fields and part.source is None]  # type: ignore[attr-defined]
    if parts:
        has = "1 part has" if len(parts) == 1 else f"{len(parts)} parts have"
        named = listed([*map(_name, parts)])
        yield parts[0], f"{has} no source: {named}; write 'source: {{grade: D, text: ...}}' even of a guess"


def _falling(document: Document) -> Iterator[Doubt]:
    """Name the layers that take less time with more shards."""
    for where, part in _parts(document):
        if isinstance(part, LayerTimes):
            for key in ("time", "after_wait"):
                times = sorted((getattr(part, key) or {}).items())
                for (few, long_ns), (many, short_ns) in pairwise(times):
                    if short_ns < long_ns:
                        place = (*where, key, many)
                        said = f"{many} shards take {show_ns(short_ns)}, fewer ({few}) take {show_ns(long_ns)}"
                        yield place, f"{_name((*where, key))}: {said}"


def _compressed(device: Device) -> Iterator[Doubt]:
    """Name the processors that compressed models cannot use."""
    repair = "models with compressed bitwidths are refused; where it takes no time, write '{per_shard: 0 ns}'"
    for name, processor in device.processors.items():
        if not processor.decompress and any(not one.decompress for one in processor.layer_times):
            yield ("processors", name), f"processors.{name}: has no 'decompress': {repair}"


def _parts(value: object, where: Where = ()) -> Iterator[tuple[Where, Document]]:
    """Yield a document and those in it that were given, each with its place in the file."""
    if isinstance(value, Document):
        yield where, value
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield from _parts(getattr(value, name), (*where, field.alias or name))
    elif isinstance(value, dict | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _parts(inner, (*where, key))


def _name(where: Where) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
