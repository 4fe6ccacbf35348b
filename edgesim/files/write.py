"""A device profile as YAML that is pleasant to read: `profile_text` writes what `edgesim.read_device` reads."""

import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgesim.atomic import write_atomically
from edgesim.errors import InputError
from edgesim.files.read import read_device
from edgesim.files.shipped import locate
from edgesim.files.text import read_text, scalar

_HEADER = "# yaml-language-server: $schema=device.schema.json"
_WIDTH = 120
_PLAIN = re.compile(r"(?:[A-Za-z(]|[0-9][0-9,.]{0,30} [A-Za-z(])(?:[\w ,.;/+=()*%'<>~^-]|:(?=\S))*(?<![ :])")
_QUANTITY = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})? ?[A-Za-z/]{1,5}(?<![eE])")
_OTHER_READERS = re.compile("y|n|yes|no|on|off", re.IGNORECASE)  # YAML 1.1 takes them for booleans


def profile_text(profile: Mapping[str, Any]) -> str:
    """Write a device profile as YAML, laid out like the shipped ones.

    Parameters
    ----------
    profile
        The profile as nested mappings, lists and scalars, in the order to be written; quantities are text with a unit,
        such as those of `edgesim.quantities.time_text`.

    Raises
    ------
    ValueError
        If there is anything else in it, or a number that is not finite.
    """
    return "\n".join([_HEADER, *_block(profile, 0)]) + "\n"


def plain_profile(path: str | Path) -> dict[str, Any]:
    """Read a device profile as plain data, every quantity as its file writes it: to change and write again.

    Its `statistics` are left out: they would not be those of the changed profile.

    Raises
    ------
    InputError
        As `edgesim.read_device`.
    """
    read_device(path)
    found = locate(path, {"devices"})
    data = read_text(found, str(found)).data
    return {key: value for key, value in data.items() if key != "statistics"} if isinstance(data, dict) else {}


def write_profile(path: Path, profile: Mapping[str, Any], tables: Mapping[str, str] | None = None) -> None:
    """Write a device profile, whole and only if it can be read again; first, beside it, the tables that it names.

    Raises
    ------
    InputError
        If it would be no valid profile, or cannot be written; what was there before is still there.
    """
    from tempfile import TemporaryDirectory

    content = profile_text(profile).encode()
    beside = {name: text.encode() for name, text in (tables or {}).items()}
    with TemporaryDirectory(prefix="edgesim.") as folder:
        trial = Path(folder) / "profile.yaml"
        trial.write_bytes(content)
        for name, table in beside.items():
            (trial.parent / name).write_bytes(table)
        try:
            read_device(trial)
        except InputError as error:
            raise InputError(str(error).replace(str(trial), f"{path} is not written, its line ")) from error
    for name, table in beside.items():
        write_atomically(path.with_name(name), table)
    write_atomically(path, content)


def _block(mapping: Mapping[Any, object], indent: int) -> list[str]:
    return [line for key, value in mapping.items() for line in _entry(key, value, indent)]


def _entry(key: object, value: object, indent: int) -> list[str]:
    start = f"{' ' * indent}{_scalar(key)}:"
    if isinstance(value, Mapping) and value and (key == "source" or not _is_flat(value, start)):
        return [start, *_block(value, indent + 2)]
    if isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        return [start, *(line for item in value for line in _item(item, indent + 2))]
    if isinstance(value, str) and len(f"{start} {_scalar(value)}") > _WIDTH and _folds(value):
        lines = textwrap.wrap(value, _WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
        return [f"{start} >-", *(f"{' ' * (indent + 2)}{line}" for line in lines)]
    if len(line := f"{start} {_flow(value)}") <= _WIDTH or not isinstance(value, Mapping | Sequence | str):
        return [line]
    return [line] if isinstance(value, str) else [start, *_wrapped(value, indent + 2)]


def _item(item: object, indent: int) -> list[str]:
    if not isinstance(item, Mapping) or not item:
        return [f"{' ' * indent}- {_flow(item)}"]
    first, *rest = _block(item, indent + 2)
    return [f"{' ' * indent}- {first.lstrip(' ')}", *rest]


def _is_flat(mapping: Mapping[Any, object], start: str) -> bool:
    """Tell whether a mapping is written in braces: only scalars, and short, or a table by number."""
    if any(isinstance(value, Mapping | list | tuple) for value in mapping.values()):
        return False
    return all(isinstance(key, int) for key in mapping) or len(f"{start} {_flow(mapping)}") <= _WIDTH


def _wrapped(value: Mapping[Any, object] | Sequence[object], indent: int) -> list[str]:
    """Write a long table in brackets or braces, as many items a line as fit."""
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    lines = [" " * indent + opening]
    for item in _items(value):
        if len(lines[-1]) + len(item) + 2 > _WIDTH and not lines[-1].endswith(opening):
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * (indent + 1))
        lines[-1] += f"{item}, "
    lines[-1] = lines[-1].removesuffix(", ") + closing
    return lines


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(_items(value))}}}"
    return f"[{', '.join(_items(value))}]" if isinstance(value, list | tuple) else _scalar(value)


def _items(value: Mapping[Any, object] | Sequence[object]) -> Iterable[str]:
    if isinstance(value, Mapping):
        return (f"{_inner(key)}: {_inner(item)}" for key, item in value.items())
    return (_inner(item) for item in value)


def _inner(value: object) -> str:
    """Write what stands in brackets, where a comma or a colon in plain text would end it."""
    return _quoted(value) if isinstance(value, str) and set(value) & set(",:") else _flow(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) or _QUANTITY.fullmatch(value)
        kept = plain and value.isprintable() and not _OTHER_READERS.fullmatch(value) and scalar(value) == value
        return value if kept else _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    raise ValueError(f"must be text, a finite number, a list or a mapping, got {value!r}")


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\{char}" if char in '"\\' else _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _folds(text: str) -> bool:
    """Tell whether folding a text keeps it: lines are joined by one space, and what is not printable needs quotes."""
    return text.isprintable() and " " in text and "  " not in text and text.strip(" ") == text
