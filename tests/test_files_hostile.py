"""Files that nobody would write on purpose, or somebody would: refused at once, with one sentence."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim.errors import EdgesimError, InputError
from edgesim.files import check_file, inline, read_scenario, shipped_names
from edgesim.files.shipped import shipped_folder

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
FILES = sorted(path for kind in ("devices", "models", "scenarios") for path in shipped_folder(kind).glob("**/*.yaml"))  # type: ignore[arg-type]
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a0: &a0 [1]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 5000))

CONTENTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", ": is empty"),
    "only comments": ("# a\n# b\n", ": is empty"),
    "null": ("~\n", ": is empty"),
    "a list": ("- a\n- b\n", ":1: must be a mapping of keys, got ['a', 'b']"),
    "a word": ("hello\n", ":1: must be a mapping of keys, got 'hello'"),
    "two documents": (SCENARIO + "---\n" + SCENARIO, ":11: is not YAML, it has a second document; keep one"),
    "an open list": ("a: [1\nb: }\n", ":2: is not YAML, did not find expected ',' or ']'"),
    "an index": ("{layer_times[0].time: 1}\n", ":1: is not YAML, ',' or '}' is expected here; quote what has brackets"),
    "a tab": ("a:\n\tb: 1\n", ":2: is not YAML, a tab indents this line; indent with spaces"),
    "a tab behind spaces": ("a:\n  \t- 1\n", ":2: is not YAML, a tab indents this line; indent with spaces"),
    "a tab that ends a mapping": ("a:\r\n  b: 1\r\n\tc: 2\r\n", ":3: is not YAML, a tab indents this line; indent wit"),
    "an at sign": ("a: @b\n", ":1: is not YAML, no value starts so; quote '@', '`' and '%'"),
    "a colon": ("description: a: b\n", ":1: is not YAML, no ': ' is expected here; indent keys alike, quote text"),
    "an unknown alias": ("a: *b\n", ":1: is not YAML, found undefined alias"),
    "an anchor twice": ("a: &a 1\nb: &a 2\n", ":2: is not YAML, an anchor is given twice"),
    "binary": (b"\x7fELF\0\1", ": is a binary file, not text"),
    "UTF-16": (SCENARIO.encode("utf-16"), ": is a binary file, not text"),
    "Latin-1": ("a: b\nc: caf\xe9\n".encode("latin-1"), ":2: is not UTF-8 text, got byte 0xe9; save the file as UTF-8"),
    "a bell": ("a: 1\nb: \a\n", ":2: is not text, got the control character 0x07"),
    "billion laughs": (LAUGHS, "aliases expand to more than 50000 values or 40 levels"),
    "a chain of aliases": (CHAIN, "aliases expand to more than 50000 values or 40 levels"),
    "deep lists": ("a: " + "[" * 10_000 + "]" * 10_000, ":1: is nested deeper than 40 levels"),
    "deep mappings": ("\n".join(f"{' ' * i}a:" for i in range(1000)), ":41: is nested deeper than 40 levels"),
    "many items": ("a: [" + "[]," * 1_000_000 + "]", ":1: has more than 50000 keys and values"),
    "many keys": ("".join(f"k{i}: 1\n" for i in range(20_000)), "more mistakes are not shown"),
    "a list in itself": ("a: &a [*a]\n", ":1: is cyclic, an anchor contains itself"),
    "a mapping in itself": ("a: &a {b: *a}\n", ":1: is cyclic, an anchor contains itself"),
    "a key in itself": ("? &a [*a]\n: 1\n", ":1: a key must be plain text, got a list or mapping in line 1"),
    "a Python object": ("!!python/object:os.system {}\n", ":1: tags are not accepted, got !!python/object:os.system"),
    "another YAML": ("%YAML 3.0\n---\na: 1\n", ":1: is not YAML, found incompatible YAML document"),
    "a huge word": ("a: " + "x" * 3_000_000, ":1: a: unknown key; known: "),
    "a huge key": ("? " + "x" * 3_000_000 + "\n: 1", ": unknown key; known: "),
    "a huge number": ("seed: " + "9" * 3_000_000, ":1: seed: must be an integer, got '9999"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONTENTS)
def test_hostile_content_is_refused_at_once(tmp_path: Path, what: str) -> None:
    """Whatever is in a file, a limit that is named stops it, in a short message that begins with the file."""
    content, says = CONTENTS[what]
    path = tmp_path / "s.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    found = str(caught.value)
    assert found.startswith(str(path))
    assert says in found
    assert len(found) < 20_000


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + SCENARIO, SCENARIO.replace("\n", "\r\n"), SCENARIO + "...\n", "%YAML 1.1\n---\n" + SCENARIO],
    ids=["byte order mark", "CRLF", "end mark", "directive"],
)
def test_what_editors_add_is_read(tmp_path: Path, text: str) -> None:
    """A byte order mark, Windows line ends and YAML's own marks change nothing."""
    path = tmp_path / "quickstart.yaml"
    path.write_bytes(text.encode())
    assert read_scenario(path).model_copy(update={"folder": "", "inputs": {}}) == read_scenario(
        "quickstart"
    ).model_copy(update={"folder": "", "inputs": {}})


@pytest.mark.parametrize("kind", ["directory", "loop", "FIFO", "1 GB", "missing", "under a file", "NUL", "long name"])
def test_what_is_no_small_file_is_refused_unread(tmp_path: Path, kind: str) -> None:
    """A pipe is not waited for, a device not read to its end, and a huge file not read at all."""
    path, says = tmp_path / "s.yaml", {
        "directory": "is a directory, not a file", "loop": "cannot be read, Too many levels of symbolic links",
        "FIFO": "is not a regular file", "1 GB": "is too large, got 1000000000 B; the limit is 4194304 B",
        "missing": "no such file", "under a file": "cannot be read, Not a directory",
        "NUL": "cannot be read, the name has a NUL byte", "long name": "cannot be read, File name too long",
    }[kind]  # fmt: skip
    match kind:
        case "directory":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "FIFO":
            os.mkfifo(path)
        case "1 GB":
            path.touch()
            os.truncate(path, 10**9)
        case "under a file":
            path.touch()
            path /= "s.yaml"
        case "NUL" | "long name":
            path = tmp_path / ("a\0.yaml" if kind == "NUL" else "a" * 300 + ".yaml")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert str(caught.value) == f"{path}: {says}"


def test_a_device_file_without_end_is_refused() -> None:
    """/dev/zero is not read."""
    with pytest.raises(InputError, match=r"^/dev/zero: is not a regular file$"):
        read_scenario("/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    """The reason is the system's own."""
    path = tmp_path / "s.yaml"
    path.touch(mode=0o000)
    with pytest.raises(InputError, match=r"s\.yaml: cannot be read, Permission denied"):
        read_scenario(path)


@pytest.mark.parametrize("key", ["device", "model"])
@pytest.mark.parametrize("name", ["s.yaml", "./s.yaml"])
def test_a_scenario_that_names_itself_is_refused(tmp_path: Path, key: str, name: str) -> None:
    """A file of another kind is one mistake, not one for each of its keys."""
    path = tmp_path / "s.yaml"
    lines = [f"{key}: {name}" if line.startswith(f"{key}:") else line for line in SCENARIO.splitlines()]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    where = f"{path}:2: schema: must be edgesim.{key}/1 here, got edgesim.scenario/1"
    assert str(caught.value) == f"{where}; edgesim run {path} runs it"


@pytest.mark.parametrize("name", [b"with space.yaml", "ünïcödé.yaml".encode(), b"not\xffutf8.yaml", b"new\nline.yaml"])
def test_any_file_name_will_do(tmp_path: Path, name: bytes) -> None:
    """A name is only a name; one that cannot be written gets question marks in the answer."""
    path = tmp_path / os.fsdecode(name)
    path.write_text(SCENARIO)
    scenario = read_scenario(path)
    assert scenario.name == "".join(char if char.isprintable() else "?" for char in path.stem)
    assert len(scenario.inputs) == 3


@pytest.mark.parametrize("text", ["[", "{a: 1", "!!python/name:os.system", "[" * 9999, "\0", "&a [*a]", "{a: 1, a: 2}"])
def test_a_hostile_option_is_refused(text: str) -> None:
    """What the command line gives is held to the same rules as a file."""
    with pytest.raises(InputError):
        inline(text)


SCALARS = [
    "",
    "~",
    "-1",
    "0",
    "1e400",
    ".nan",
    "-.inf",
    "no",
    "[]",
    "{}",
    "9" * 60,
    "1 MB",
    "3 ms",
    "x",
    "*a",
    "&a",
    "!!x",
]


def mutated(text: str, seed: int) -> bytes:
    """Return a text with a few random mistakes in it."""
    chance = random.Random(seed)
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), lines[at])
            case 2:
                lines[at] = f"{lines[at].partition(':')[0]}: {chance.choice(SCALARS)}"
            case 3:
                lines[at] = chance.choice(["", "  "]) + lines[at].replace(
                    chance.choice(":,[{ "), chance.choice(":,]} ")
                )
            case _:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        lines = lines or [""]
    content = bytearray("\n".join(lines).encode())
    for _ in range(chance.choice([0, 0, 1, 3])):
        content.insert(chance.randrange(len(content) + 1), chance.randrange(256))
    return bytes(content)


@settings(max_examples=400)
@given(file=st.sampled_from(FILES), seed=st.integers(0, 2**32))
def test_no_mutation_of_a_shipped_file_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, file: Path, seed: int
) -> None:
    """Lines lost, doubled or cut, odd scalars and random bytes: the file is read, or refused with its name."""
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_bytes(mutated(file.read_text(), seed))
    try:
        said = f"{path}: right, {check_file(path)}"
    except EdgesimError as error:
        said = str(error)
    assert all(line.startswith(f"{path}:") for line in said.split("\n"))


def test_every_shipped_kind_is_mutated() -> None:
    """The files above are devices, models and scenarios, those in subfolders included."""
    assert len(FILES) >= sum(len(shipped_names(kind)) for kind in ("devices", "models", "scenarios")) + 2  # type: ignore[arg-type]
