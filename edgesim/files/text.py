"""A YAML file as plain data with the line of every key; the only user of PyYAML.

YAML 1.2's core rules decide what a plain scalar is (``no`` and ``1:30`` are text, ``1e3`` is a number). Duplicate keys,
tags, anchors that grow without bound and anything that is not a small UTF-8 text file are refused.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from edgesim.document import Where
from edgesim.errors import InputError
from edgesim.files.content import decode, read_bytes
from edgesim.files.plainer import plainer

MOST_MISTAKES = 50
_LARGEST_TREE = 50_000
_DEEPEST = 40
_TOO_DEEP = f"is nested deeper than {_DEEPEST} levels"
_LONGEST_KEY = 200
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp",
                                                  "merge", "value")}  # fmt: skip
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
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
    tables: dict[str, list[str]] = field(default_factory=dict)  # by key, ``file:line`` of each row in another file
    uncounted: int = 0  # mistakes that have no sentence, for there are too many

    def mistake(self, where: Where, message: str) -> None:
        """Note a mistake at the nearest place that the file has."""
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")
        line, place = self.place(where)
        self.mistakes.append((line, one_line(": ".join(filter(None, (place, key[:_LONGEST_KEY], message))))))

    def place(self, where: Where) -> tuple[int, str]:
        """Return the line of the nearest place that the file has, 0 if a caller has set it; and how messages say it."""
        known: Where = ()
        for part in where:
            known = (*known, part) if (*known, part) in self.lines else known
        line = self.lines.get(known, 1)
        return line, f"{self.shown}:{line}" if line else f"{self.shown} as changed"

    def sentences(self) -> list[str]:
        """Return the messages in the order of their lines; of very many the first."""
        ordered = [message for _, message in sorted(self.mistakes, key=lambda mistake: mistake[0])]
        rest = len(ordered) - MOST_MISTAKES + self.uncounted
        more = "1 more mistake is" if rest == 1 else f"{rest:,} more mistakes are"
        return ordered if rest <= 0 else [*ordered[:MOST_MISTAKES], f"{self.shown}: {more} not shown"]


def one_line(text: str) -> str:
    """Escape what would break a message's line, or reach the terminal as a command."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def read_text(path: Path, shown: str) -> Text:
    """Read a YAML file into plain data.

    Raises
    ------
    InputError
        If there is no data to go on with; lesser mistakes are noted in the returned `Text`.
    """
    content = read_bytes(path, shown)
    text = Text(shown, sha256=hashlib.sha256(content).hexdigest())
    _fill(text, decode(content, shown))
    if text.data is None and not text.mistakes:
        raise InputError(f"{shown}: is empty")
    return text


def _fill(text: Text, decoded: str) -> None:
    try:
        _check_size(text.shown, decoded)
        node = yaml.compose(decoded, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in str(error.problem):  # newer versions of the library have a limit of their own
            raise InputError(f"{text.shown}:{_line(error.problem_mark)}: {_TOO_DEEP}") from error
        problem = plainer(str(error.problem), decoded, _line(error.problem_mark))
        raise InputError(f"{text.shown}:{_line(error.problem_mark)}: is not YAML, {problem}") from error
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise InputError(f"{text.shown}:{line}: is not text, got the control character 0x{code:02x}") from error
    text.data = None if node is None else _Walk(text).value(node, ())


def _line(mark: Any) -> int:  # noqa: ANN401  (PyYAML has two types of marks)
    return mark.line + 1 if mark else 1


def _check_size(shown: str, decoded: str) -> None:
    """Refuse a large or deep tree before the recursive composer meets it."""
    depth = 0
    for number, event in enumerate(yaml.parse(decoded, Loader=_LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise InputError(f"{shown}:{_line(event.start_mark)}: {_TOO_DEEP}")
        if number > _LARGEST_TREE:
            raise InputError(f"{shown}:{_line(event.start_mark)}: has more than {_LARGEST_TREE} keys and values")


class _Walk:
    """Turn nodes into data once, counting what aliases repeat."""

    def __init__(self, text: Text) -> None:
        self.text, self.count, self.open = text, 0, set[int]()

    def value(self, node: yaml.Node, where: Where) -> object:
        line = node.start_mark.line + 1
        self.text.lines.setdefault(where, line)
        self.count += 1
        if self.count > _LARGEST_TREE or len(where) > _DEEPEST:
            raise InputError(f"{self.text.shown}:{line}: aliases expand to more than {_LARGEST_TREE} values"
                             f" or {_DEEPEST} levels")  # fmt: skip
        if id(node) in self.open:
            raise InputError(f"{self.text.shown}:{line}: is cyclic, an anchor contains itself")
        if node.tag not in _TAGS:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self.text.mistake(where, f"tags are not accepted, got {tag}; write the plain value")
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else scalar(node.value)
        self.open.add(id(node))
        value = self.mapping(node, where) if isinstance(node, yaml.MappingNode) else self.items(node.value, where)
        self.open.discard(id(node))
        return value

    def items(self, nodes: list[yaml.Node], where: Where) -> list[object]:
        return [self.value(item, (*where, index)) for index, item in enumerate(nodes)]

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
    value = Text(f"'{text}'")
    _fill(value, text)
    if value.mistakes:
        raise InputError("\n".join(value.sentences()))
    return value.data


def scalar(text: str) -> object:
    """Return the value of a plain scalar by the core rules of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text.replace(".i", "i").replace(".I", "I").replace(".n", "n").replace(".N", "N"))
    return text
