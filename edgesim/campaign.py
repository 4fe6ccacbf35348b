"""Values of a scenario's keys that comparisons and validations try, each with each."""

from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema

from edgesim.document import Document


class Tried(Document):
    """Values of some keys that are tried, each with each; written as the scenario would have them."""

    processor: tuple[str, ...] = ()
    """Processors of the device."""
    target_latency: tuple[str, ...] = ()
    """Target latencies, such as ``150 ms``."""
    preload_buffer: tuple[str, ...] = ()
    """Sizes of the preload buffer, such as ``1 MB``."""
    load_buffer: tuple[str, ...] = ()
    """Sizes of the load buffer, such as ``4 MB``, or ``unlimited``."""
    throttle: tuple[str, ...] = ()
    """Devices whose storage is taken; `native` is the device's own."""


def _by_device(value: object) -> object:
    """Take a list of devices for devices without values of their own."""
    if not isinstance(value, list | tuple):
        return value
    twice = [name for index, name in enumerate(value) if name in value[:index]]
    if twice:
        raise ValueError(f"gives {twice[0]} twice; keep one")
    return {name: {} for name in value} if all(isinstance(name, str) for name in value) else value


def _forms(core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Describe what files may have: a list of devices, or values for each."""
    return {"anyOf": [{"type": "array", "items": {"type": "string"}}, handler(core)]}


class Campaign(Tried):
    """The points that `edgesim compare` and `edgesim validate` try: each value with each."""

    device: Annotated[
        dict[str, Tried], BeforeValidator(_by_device), GetPydanticSchema(get_pydantic_json_schema=_forms)
    ] = {}  # fmt: skip
    """Devices: a list of shipped names or paths, or a mapping that gives a device values of its own for some keys,
    ``{odroid-n2plus: {target_latency: [60 ms, 90 ms]}, pc-nvme: {}}``."""
