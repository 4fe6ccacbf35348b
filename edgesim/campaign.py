"""Values of a scenario's keys that comparisons and validations try, each with each."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from edgesim.document import Document


class Tried(Document):
    """Values of some keys that are tried, each with each; written as the scenario would have them.

    In `throttle`, ``native`` stands for the device's own storage.
    """

    processor: tuple[str, ...] = ()
    target_latency: tuple[str, ...] = ()
    preload_buffer: tuple[str, ...] = ()
    load_buffer: tuple[str, ...] = ()
    throttle: tuple[str, ...] = ()


def _by_device(value: object) -> object:
    """Take a list of devices for devices without values of their own."""
    if not isinstance(value, list | tuple):
        return value
    twice = [name for index, name in enumerate(value) if name in value[:index]]
    if twice:
        raise ValueError(f"gives {twice[0]} twice; keep one")
    return {name: {} for name in value} if all(isinstance(name, str) for name in value) else value


_TRIED = {"type": "array", "items": {"type": "string"}}
_OWN = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": dict.fromkeys(Tried.model_fields, _TRIED),
        "additionalProperties": False,
    },
}


class Campaign(Tried):
    """The points that `edgesim compare` and `edgesim validate` try: each value with each.

    `device` lists shipped names or paths; as a mapping it gives a device values of its own for some keys, which stand
    in for those of the campaign: ``{odroid-n2plus: {target_latency: [60 ms, 90 ms]}, pc-nvme: {}}``.
    """

    device: Annotated[
        dict[str, Tried], BeforeValidator(_by_device), WithJsonSchema({"anyOf": [_TRIED, _OWN]})
    ] = {}  # fmt: skip
