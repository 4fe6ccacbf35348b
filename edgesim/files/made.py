"""Documents made of others: with the storage of another device, and again with some keys set."""

from collections.abc import Collection
from typing import Any

from edgesim.device import Device
from edgesim.document import Document
from edgesim.spread import with_storage


def throttled(device: Device, other: Device) -> Device:
    """Return a device with the storage of another one."""
    name, statistics = f"{device.name}-with-{other.name}", with_storage(device.statistics, other.statistics)
    return device.model_copy(update={"name": name, "storage": other.storage, "statistics": statistics})


def made_of(before: Document, touched: Collection[str | int]) -> dict[Any, Any]:
    """Return those parts of a document that are documents themselves, to make another of them.

    Parameters
    ----------
    before
        The document.
    touched
        Keys of its file that are set anew; the statistics of what they are about are left out.

    Returns
    -------
    dict
        By the keys of the file.
    """
    fields = {field.alias or name: getattr(before, name) for name, field in type(before).model_fields.items()}
    made = {key: value for key, value in fields.items() if key not in touched and _is_made(value)}
    if isinstance(before, Device) and "statistics" in made:
        kept = made["statistics"].of_layers if "storage" in touched else made["statistics"]
        made["statistics"] = kept.of_storage if kept and "processors" in touched else kept
    return made


def _is_made(value: object) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
    return bool(items) and all(isinstance(item, Document) for item in items)
