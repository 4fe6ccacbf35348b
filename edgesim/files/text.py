"""A YAML file as plain data with the line of every key; the only user of PyYAML.

YAML 1.2's core rules decide what a plain scalar is (``no`` and ``1:30`` are text, ``1e3`` is a number). Duplicate keys,
tags, anchors that grow without bound and anything that is not a small UTF-8 text file are refused.
"""

import hashlib
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from edgesim.document import Where
from edgesim.errors import InputError

LARGEST_FILE = 4 * 2**20
_LARGEST_TREE = 200_000
_DEEPEST = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp",
                                                  "merge", "value")}  # fmt: skip
_CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CONSTANTS |= {text: value for value in (True, False) for text in (str(value), str(value).lower(), str(value).upper())}
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,4})?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(slots=True)
class Text:
    """One file: its data, the line of each key and item, what is wrong with it already, and its hash."""

    shown: str
    data: object = None
    lines: dict[Where, int] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)
    sha256: str = ""

    def mistake(self, where: Where, message: str) -> None:
        """Note a mistake at the nearest place that the file has."""
        known: Where = ()
        for part in where:
            known = (*known, part) if (*known, part) in self.lines else known
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
        line = self.lines.get(known, 1)
        self.mistakes.append(
            (line, f"{self.shown}:{line}: {key}: {message}" if key else f"{self.shown}:{line}: {message}")
        )

    def sentences(self) -> list[str]:
        """Return the messages in the order of their lines."""
        return [message for _, message in sorted(self.mistakes, key=lambda mistake: mistake[0])]


def read_bytes(path: Path, shown: str) -> bytes:
    """Read a small regular file.

    Raises
    ------
    InputError
        If it is missing, no regular file, too large, or cannot be read.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{shown}: is a directory, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{shown}: is not a regular file")
        if status.st_size > LARGEST_FILE:
            raise InputError(f"{shown}: is too large, got {status.st_size} B; the limit is {LARGEST_FILE} B")
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise InputError(f"{shown}: no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{shown}: cannot be read, {reason}") from error


def decode(content: bytes, shown: str) -> str:
    """Turn bytes into text.

    Raises
    ------
    InputError
        If they are binary, or not UTF-8.
    """
    if b"\0" in content:
        raise InputError(f"{shown}: is a binary file, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{shown}:{line}: is not UTF-8 text, got byte 0x{content[error.start]:02x};"
                         " save the file as UTF-8") from error  # fmt: skip


def read_text(path: Path, shown: str) -> Text:
    """Read a YAML file into plain data.

    Raises
    ------
    InputError
        If there is no data to go on with; lesser mistakes are noted in the returned `Text`.
    """
    content = read_bytes(path, shown)
    text = Text(shown, sha256=hashlib.sha256(content).hexdigest())
    decoded = decode(content, shown)
    try:
        _check_depth(decoded, shown)
        node = yaml.compose(decoded, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{shown}{line}: is not YAML, {error.problem}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{shown}: is not YAML, {' '.join(str(error).split())}") from error
    if node is None:
        raise InputError(f"{shown}: is empty")
    text.data = _Walk(text).value(node, ())
    return text


def _check_depth(decoded: str, shown: str) -> None:
    """Refuse deep nesting before the recursive composer meets it."""
    depth = 0
    for event in yaml.parse(decoded, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise InputError(f"{shown}:{event.start_mark.line + 1}: is nested deeper than {_DEEPEST} levels")


class _Walk:
    """Turn nodes into data once, counting what aliases repeat."""

    def __init__(self, text: Text) -> None:
        self.text, self.count = text, 0
        self.open: set[int] = set()

    def value(self, node: yaml.Node, where: Where) -> object:
        line = node.start_mark.line + 1
        self.text.lines.setdefault(where, line)
        self.count += 1
        if self.count > _LARGEST_TREE:
            raise InputError(f"{self.text.shown}:{line}: aliases expand to more than {_LARGEST_TREE} values")
        if id(node) in self.open:
            raise InputError(f"{self.text.shown}:{line}: is cyclic, an anchor contains itself")
        if node.tag not in _TAGS:
            self.text.mistake(where, f"tags are not accepted, got {node.tag}")
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else scalar(node.value)
        self.open.add(id(node))
        value = self.mapping(node, where) if isinstance(node, yaml.MappingNode) else self.items(node, where)
        self.open.discard(id(node))
        return value

    def items(self, node: yaml.SequenceNode, where: Where) -> list[object]:
        return [self.value(item, (*where, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: yaml.MappingNode, where: Where) -> dict[str | int, object]:
        data: dict[str | int, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.text.mistake(where, f"a key must be plain text, got a list or mapping in line {line}")
                continue
            plain = not key_node.style and _INTEGER.fullmatch(key_node.value)
            key = int(key_node.value) if plain else key_node.value
            if key in data:
                first = self.text.lines[(*where, key)]
                self.text.mistake((*where, key), f"is given twice, first here and again in line {line}; keep one")
                self.text.lines[(*where, key)] = first
                continue
            self.text.lines[(*where, key)] = line
            data[key] = self.value(value_node, (*where, key))
        return data


def inline(text: str) -> object:
    """Return the value of a short piece of YAML, such as an option on the command line.

    Raises
    ------
    InputError
        If it is not YAML.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise InputError(f"'{text}': is not YAML, {' '.join(str(error).split())}") from error
    return None if node is None else _Walk(Text(text)).value(node, ())


def scalar(text: str) -> object:
    """Return the value of a plain scalar by the core rules of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text.replace(".i", "i").replace(".I", "I").replace(".n", "n").replace(".N", "N"))
    return text
