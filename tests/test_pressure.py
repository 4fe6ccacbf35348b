"""Scenarios' words on memory that apps share: what is read, and each mistake with its key."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from edgesim.amount import Amount
from edgesim.pressure import MemoryPressure, android_watermarks, pressure_mistakes, sized

MB = 10**6
OTHERS = {
    "launches": {"exponential": "5 min"},
    "memory": {"uniform": ["100 MB", "600 MB"]},
    "foreground": "2 min",
}  # fmt: skip


def pressure(**keys: object) -> MemoryPressure:
    """Return a section as a file would give it."""
    return TypeAdapter(MemoryPressure).validate_python(keys)


def refused(**keys: object) -> list[tuple[tuple[str | int, ...], str]]:
    """Return where and why a section is refused."""
    with pytest.raises(ValidationError) as caught:
        pressure(**keys)
    found = []
    for error in caught.value.errors():
        inner = error.get("ctx", {}).get("found", [((), error["msg"])])
        found += [((*error["loc"], *where), message) for where, message in inner]
    return found


def test_a_section_is_read_with_its_units() -> None:
    """Sizes become bytes, watermarks come from the highest score down, and what is left out has Android's values."""
    read = pressure(for_apps="2 GB", watermarks={200: "80 MB", 900: "300 MB"}, others=OTHERS)
    assert read.for_apps == 2000 * MB
    assert read.levels == [(900, 300 * MB), (200, 80 * MB)]
    assert read.others is not None
    assert read.others.memory.ends == (100 * MB, 600 * MB)
    assert (read.others.front_adj, read.others.cached_adj, read.others.most) == (0, 900, 32)
    assert (read.app.base, read.app.serving_adj, read.app.idle_adj) == (0, 0, 900)


def test_default_watermarks_are_those_of_android_with_their_source() -> None:
    """The minfree levels are published numbers: the lowest is 72 MiB, for the app in front."""
    levels = pressure().levels
    assert levels[0] == (950, 184320 * 7 // 4 * 1024)
    assert levels[1] == (900, 147456 * 3 // 2 * 1024)
    assert levels[-1] == (0, 72 * 2**20)
    source = android_watermarks().source
    assert source is not None
    assert source.grade == "B"
    assert source.url is not None


def test_watermarks_may_name_their_source() -> None:
    """A table of watermarks has a key `source` as others have."""
    assert pressure(watermarks={0: "40 MB", "source": {"grade": "D", "text": "illustrative"}}).levels == [(0, 40 * MB)]


def test_an_amount_is_one_size_or_a_range() -> None:
    """A single size is both ends of its range."""
    assert Amount.model_validate("300 MB").ends == (300 * MB, 300 * MB)
    assert Amount.model_validate(Amount(constant="3 B")).ends == (3, 3)  # what was read is taken as it is


@pytest.mark.parametrize(
    "amount", [None, {}, {"constant": None}, [1, 2], {"constant": "1 B", "uniform": ["1 B", "2 B"]}]
)
def test_what_is_no_amount_is_refused_with_examples(amount: object) -> None:
    """Neither nothing, nor two forms at once, nor a bare list is a size."""
    with pytest.raises(ValidationError, match="300 MB"):
        Amount.model_validate(amount)


@pytest.mark.parametrize(("amount", "message"), [
    ("0 B", "greater than 0"),
    (300, "needs a unit"),
    ({"uniform": ["2 MB", "1 MB"]}, "from the least to the most, got 2.00 MB and 1.00 MB"),
    ({"normal": "2 MB"}, "Extra inputs"),
])  # fmt: skip
def test_a_wrong_amount_says_what_is_wrong(amount: object, message: str) -> None:
    """A size of nothing, without unit, with swapped ends or of an unknown kind is refused."""
    with pytest.raises(ValidationError, match=message):
        Amount.model_validate(amount)


def test_an_amount_describes_both_forms_to_editors() -> None:
    """The schema accepts a size as text, and a table of exactly one key."""
    text, table = Amount.model_json_schema()["anyOf"]
    assert text["type"] == "string"
    assert sorted(table["properties"]) == ["constant", "uniform"]
    assert table["maxProperties"] == 1


def test_every_watermark_that_rises_is_refused_at_its_key() -> None:
    """Less dispensable processes are killed at less free memory, never at more."""
    found = refused(watermarks={900: "100 MB", 700: "200 MB", 200: "50 MB", 0: "60 MB"})
    assert [where for where, _ in found] == [("watermarks", 700), ("watermarks", 0)]
    assert found[0][1] == "must not exceed that of 900, 100 MB, got 200 MB"


def test_every_watermark_of_all_the_memory_or_more_is_refused_at_its_key() -> None:
    """A watermark of as much as there is could never be kept."""
    found = refused(for_apps="200 MB", watermarks={900: "300 MB", 200: "200 MB", 0: "199 MB"})
    assert [where for where, _ in found] == [("watermarks", 900), ("watermarks", 200)]
    assert found[0][1] == "must be below the memory for apps, 200 MB, got 300 MB"


def test_a_watermark_of_no_known_score_is_refused() -> None:
    """Scores go from -1000 to 1000."""
    assert [where for where, _ in refused(watermarks={1001: "1 MB", -1001: "1 MB"})] == [
        ("watermarks", 1001), ("watermarks", -1001),
    ]  # fmt: skip


def test_what_never_fits_is_refused() -> None:
    """Neither another app nor the app without its model may need all the memory."""
    found = refused(for_apps="600 MB", others=OTHERS, app={"base": "700 MB"})
    assert [where for where, _ in found] == [("app", "base"), ("others", "memory")]


@pytest.mark.parametrize("launches", ["0 s", {"uniform": ["0 s", "0 s"]}])
def test_launches_take_time(launches: object) -> None:
    """Launches without a gap would never let time pass."""
    assert refused(others=OTHERS | {"launches": launches})[0][0] == ("others", "launches")


@pytest.mark.parametrize(("keys", "where"), [
    ({"for_apps": "0 B"}, ("for_apps",)),
    ({"app": {"idle_adj": 1001}}, ("app", "idle_adj")),
    ({"others": OTHERS | {"most": 0}}, ("others", "most")),
    ({"others": OTHERS | {"front_adj": True}}, ("others", "front_adj")),
    ({"seed": -1}, ("seed",)),
    ({"watermark": {0: "1 MB"}}, ("watermark",)),
])  # fmt: skip
def test_values_out_of_range_are_refused_at_their_key(keys: dict[str, Any], where: tuple[str, ...]) -> None:
    """Each key has its range, and unknown ones are mistakes."""
    assert refused(**keys)[0][0] == where


def test_a_device_must_have_the_memory() -> None:
    """Apps cannot have more than the device, and without a number somewhere there is none."""
    assert not list(pressure_mistakes(pressure(for_apps="2 GB"), 2000 * MB))
    assert not list(pressure_mistakes(pressure(for_apps="2 GB"), None))
    more, missing = (list(pressure_mistakes(*case)) for case in ((pressure(for_apps="2 GB"), 1), (pressure(), None)))
    assert more == [(("for_apps",), "must not exceed the device's memory, 1 B, got 2.00 GB")]
    assert missing[0][0] == ("for_apps",)


def test_the_device_s_memory_bounds_what_the_section_leaves_open() -> None:
    """Without `for_apps`, watermarks and sizes are compared with what the device has."""
    found = list(pressure_mistakes(pressure(watermarks={900: "2 GB", 0: "1 MB"}), 2000 * MB))
    assert [where for where, _ in found] == [("watermarks", 900)]


def test_the_device_s_memory_is_for_apps_unless_the_section_says_otherwise() -> None:
    """A section's own number stays."""
    assert sized(pressure(), 2000 * MB).for_apps == 2000 * MB
    assert sized(pressure(for_apps="1 GB"), 2000 * MB).for_apps == 1000 * MB
