"""Device profiles as YAML: exact quantities, the layout of the shipped files, and the way back."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim import InputError, read_device
from edgesim.device import Device
from edgesim.files import shipped_names
from edgesim.files.text import inline
from edgesim.files.write import plain_profile, profile_text, write_profile
from edgesim.quantities import size_text, time_text
from edgesim.units import _SIZE, _TIME, LARGEST, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
TRICKY = st.sampled_from(
    ["no", "null", "1e3", "0x1f", "1:30", "2026-02-27", "- a", "a: b", "a #b", "a:", " a", "a ", "a  b", "[x]", "{",
     "'", '"', "\\", "\n", "a\n\n b", "\t", "\x85", "\u2028", "\U0001f600", "%a", "@a", "&a", "*a", "!a", "?", "-",
     "...", "---", "long " * 60 + "text", "x" * 300, "2 ms for 3, 4 and 5", "# " * 90, "=", "<<", "y", "1_000", ".inf"]
)  # fmt: skip
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
NS = st.integers(1, LARGEST).map(time_text)


def sources(text: st.SearchStrategy[str] = TEXT | TRICKY) -> st.SearchStrategy[dict[str, str]]:
    """Draw sources with any text."""
    return st.fixed_dictionaries({"grade": st.sampled_from("ABCD"), "text": text}, optional={"url": text, "date": text})


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Draw measured points that rise."""
    sizes = sorted(draw(st.sets(st.integers(1, 2**40), min_size=1, max_size=20)))
    times = sorted(draw(st.lists(st.integers(1, 2**40), min_size=len(sizes), max_size=len(sizes))))
    return [[size_text(size), time_text(time)] for size, time in zip(sizes, times, strict=True)]


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Draw profiles of every form."""
    lanes = draw(st.sampled_from([1, 4]))
    depths = {depth: {"table": draw(tables())} for depth in {1, lanes}}
    line = {"latency": draw(NS), "bandwidth": "83.44 MB/s"}
    geometry = {"hidden": 8, "heads": 2, "ffn": 32, "seq_len": 4, "dtype": "fp32"}
    unpack = draw(NS | st.dictionaries(st.integers(2, 32), NS, min_size=1))
    times = {"geometry": geometry, "time": draw(st.dictionaries(st.integers(1, 9999), NS, min_size=1, max_size=15))}
    if draw(st.booleans()):
        times["decompress"] = {"per_shard": unpack, "overlap": draw(st.booleans()), "source": draw(sources())}
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    read = line if lanes == 1 and draw(st.booleans()) else {"depths": depths}
    storage = {"read": read, "lanes": lanes, "source": draw(sources())}
    found = {"schema": "edgesim.device/1", "name": draw(NAMES), "description": draw(TEXT | TRICKY | st.just(""))}
    found |= {"storage": storage, "processors": {name: {"layer_times": [times, times]} for name in names}}
    return found | {"memory": {"capacity": "4 GB"}, "power": {"idle": "0 mW", "source": draw(sources())}}


@given(profiles())
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, profile: dict[str, Any]) -> None:
    """Any profile, whatever its texts hold, comes back equal."""
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_bytes(profile_text(profile).encode())
    assert read_device(path) == Device.model_validate(profile)


@given(TEXT | TRICKY)
def test_a_text_is_a_text_wherever_it_stands(text: str) -> None:
    """As a value of its own, in a list and in braces."""
    profile = {"alone": text, "list": [[text, 1], []], "braces": {1: text}, "items": [{"a": text}, {}, 3], "none": {}}
    assert inline(profile_text(profile)) == profile


@given(st.integers(0, LARGEST))
def test_quantities_are_exact(number: int) -> None:
    """A time and a size are read as the very integer that was written."""
    assert parse(time_text(number), _TIME, "") == number
    assert parse(size_text(number), _SIZE, "") == number


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0 ns"), (999, "999 ns"), (46_000, "46 us"), (73_724, "73.724 us"), (1_680_000, "1.68 ms"), (10**9, "1 s")],
)
def test_a_time_has_its_own_unit(ns: int, text: str) -> None:
    """The largest of which there is at least one."""
    assert time_text(ns) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 B"), (1500, "1500 B"), (4096, "4 KiB"), (147_456, "144 KiB"), (10**6, "1 MB"), (4 * 10**9, "4 GB")],
)
def test_a_size_is_short(n_bytes: int, text: str) -> None:
    """Decimal or binary, whichever makes it shortest; never a fraction."""
    assert size_text(n_bytes) == text


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_shipped_profiles_survive(name: str, tmp_path: Path) -> None:
    """Read as plain data and written again, each is the same but for statistics, in lines of at most 120 characters."""
    path = tmp_path / "again.yaml"
    write_profile(path, plain_profile(name))
    assert read_device(path) == read_device(name).model_copy(update={"statistics": None})
    assert all(len(line) <= 120 for line in path.read_text().splitlines() if "http" not in line)


def test_the_layout_is_that_of_the_shipped_files() -> None:
    """Nested keys in blocks, short ones in braces, tables in brackets, long texts folded."""
    row = ["4 KiB", "46 us"]
    source = {"grade": "A", "text": "word " * 30 + "end"}
    profile = {
        "schema": "edgesim.device/1",
        "name": "x",
        "storage": {"read": {"depths": {1: {"table": [row]}, 4: {"table": [row] * 9}}}, "lanes": 4, "source": source},
        "processors": {"cpu": {"layer_times": [{"geometry": {"hidden": 8, "dtype": "fp32"}, "time": {1: "2 ms"}}]}},
    }
    assert (
        profile_text(profile)
        == """\
# yaml-language-server: $schema=device.schema.json
schema: edgesim.device/1
name: x
storage:
  read:
    depths:
      1:
        table: [[4 KiB, 46 us]]
      4:
        table:
          [[4 KiB, 46 us], [4 KiB, 46 us], [4 KiB, 46 us], [4 KiB, 46 us], [4 KiB, 46 us], [4 KiB, 46 us],
           [4 KiB, 46 us], [4 KiB, 46 us], [4 KiB, 46 us]]
  lanes: 4
  source:
    grade: A
    text: >-
      word word word word word word word word word word word word word word word word word word word word word word word
      word word word word word word word end
processors:
  cpu:
    layer_times:
      - geometry: {hidden: 8, dtype: fp32}
        time: {1: 2 ms}
"""
    )


def test_an_invalid_profile_is_not_written(tmp_path: Path) -> None:
    """The old file stays, and the message names the file that was to be written."""
    path = tmp_path / "device.yaml"
    path.write_text("before")
    with pytest.raises(InputError, match=r"^\S+device\.yaml is not written, its line :3: name: "):
        write_profile(path, {"schema": "edgesim.device/1", "name": "not a name", "storage": {"read": {}}})
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_that_no_file_holds_are_our_mistake() -> None:
    """A ValueError, not a file that cannot be read."""
    with pytest.raises(ValueError, match="must be text, a finite number"):
        profile_text({"a": float("inf")})
