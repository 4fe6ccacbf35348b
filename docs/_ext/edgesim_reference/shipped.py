"""The page of shipped devices, models and scenarios, from their files: what they are, and how far to trust them."""

from collections.abc import Iterator, Sequence

from edgesim.device import Device
from edgesim.document import Document, Source
from edgesim.files import read_device, read_model, read_scenario, shipped_names
from edgesim.model import Model
from edgesim_reference.markdown import linked, listed, page, prose, table

_ABOUT = """These come with the package, and are used by name: `edgesim run quickstart`, `device: odroid-n2plus`.
`edgesim list devices` (`models`, `scenarios`) lists them as well. Every number says where it comes from and how far it
can be trusted: A was measured by this project, B published by someone who measured, C is derived, D is estimated
([](files/quantities.md)). Times of a device are those of its sources, not of every board of that name."""


_GROUPS = {
    "device": {"storage": "reads", "layer_times": "layers", "decompress": "decompression", "power": "power"},
    "model": {"model": "shape", "resident_bytes": "resident", "distortion": "distortion",
              "importance": "importance", "quality": "accuracy"},
}  # fmt: skip
"""How places of sources end, and what their numbers are."""


def shipped_page() -> str:
    """Return the page."""
    devices, models = shipped_names("devices"), shipped_names("models")
    parts = [_ABOUT, "## Devices", _index("device", devices, [read_device(name) for name in devices])]
    parts += [section for name in devices for section in _sections("device", read_device(name))]
    parts += ["## Models", _index("model", models, [read_model(name) for name in models])]
    parts += [section for name in models for section in _sections("model", read_model(name))]
    return page("Shipped files", *parts, "## Scenarios", _scenarios())


def _index(kind: str, names: list[str], documents: Sequence[Device | Model]) -> str:
    """Return a table with the grades of each group of numbers."""
    rows = [
        (f"[{name}](#{kind}-{name.replace('.', '-')})", prose(one.description), _grades(kind, one))
        for name, one in zip(names, documents, strict=True)
    ]
    return table((kind, "what it is", "grades"), rows)


def _grades(kind: str, document: Document) -> str:
    """Return the grades of each group of numbers that there is: ``reads B; layers B and C``."""
    found = {
        what: sorted({source.grade for place, source in sources(document) if place.endswith(end)})
        for end, what in _GROUPS[kind].items()
    }
    return "; ".join(f"{what} {listed(grades, 'and')}" for what, grades in found.items() if grades)


def _sections(kind: str, document: Device | Model) -> Iterator[str]:
    yield f"({kind}-{document.name.replace('.', '-')})=\n\n### {document.name}"
    yield linked(document.description) + "."
    yield "\n".join(f"- `{place}`, {source.grade}: {_told(source)}" for place, source in sources(document))


def _told(source: Source) -> str:
    return linked(" ".join(filter(None, (source.text, source.url, source.date and f"({source.date})"))))


def sources(document: Document, place: str = "") -> Iterator[tuple[str, Source]]:
    """Yield every source in a document, and what it is about: a key, with dots where it is nested."""
    for name, field in type(document).model_fields.items():
        value = getattr(document, name)
        if isinstance(value, Source):
            yield place or "model", value
        for key, inner in _documents(field.alias or name, value):
            yield from sources(inner, f"{place}.{key}".lstrip("."))


def _documents(key: str, value: object) -> Iterator[tuple[str, Document]]:
    if isinstance(value, Document):
        yield key, value
    elif isinstance(value, dict):
        yield from ((f"{key}.{name}", inner) for name, inner in value.items() if isinstance(inner, Document))
    elif isinstance(value, tuple):
        yield from ((key, inner) for inner in value if isinstance(inner, Document))


def _scenarios() -> str:
    read = [read_scenario(name) for name in shipped_names("scenarios")]
    rows = [
        (f"`{one.name}`", prose(one.description), f"{one.device.name} ({one.processor})", one.model.name,
         ", ".join(f"`{choice.label}`" for choice in one.planner))
        for one in read
    ]  # fmt: skip
    return table(("scenario", "what it is for", "device", "model", "planners"), rows)
