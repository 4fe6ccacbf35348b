"""What disturbs a session, as scenarios describe it: every impossible combination is refused where it stands."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError
from strategies import GEOMETRY, toy_device

from edgesim.conditions import Computing, Conditions, condition_mistakes
from edgesim.model import Geometry

THERMAL = {
    "ambient": "25 C",
    "resistance": "12 K/W",
    "time_constant": "60 s",
    "trip": "75 C",
    "hysteresis": "5 K",
    "poll": "250 ms",
}
CONTENTION = {"share": "50 %", "active": "1 s", "idle": {"exponential": "10 s"}}
READER = {"name": "gallery", "direction": "read", "size": "1 MB", "gap": {"exponential": "1 s"}}
WRITER = READER | {"name": "camera", "direction": "write", "write": {"bandwidth": "50 MB/s"}}
PAUSES = {"duration": "10 ms", "gap": {"exponential": "60 s"}}
STEPS = {"steps": [{"speed": "100 %", "power": "4 W"}, {"speed": "50 %", "power": "1 W"}]}
APP = Computing("app", "cpu", Geometry.model_validate(GEOMETRY))


def found_in(sections: Mapping[str, object]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return where a document is wrong, and why."""
    with pytest.raises(ValidationError) as caught:
        Conditions.model_validate(sections)
    return [
        ((*error["loc"], *where), message)
        for error in caught.value.errors()
        for where, message in error.get("ctx", {}).get("found", [((), error["msg"])])
    ]


def test_without_sections_nothing_is_disturbed() -> None:
    """Each section is switched on by being there."""
    nothing = Conditions.model_validate({})
    assert not nothing.disturb_storage
    assert not nothing.disturb_processors
    for section in ({"io_jitter": {}}, {"background_io": [READER]}, {"flash_pauses": PAUSES}):
        assert Conditions.model_validate(section).disturb_storage
        assert not Conditions.model_validate(section).disturb_processors
    for section in ({"compute_jitter": {}}, {"contention": CONTENTION}, {"thermal": THERMAL}):
        assert Conditions.model_validate(section).disturb_processors
        assert not Conditions.model_validate(section).disturb_storage


def test_temperatures_have_units_and_may_be_below_zero() -> None:
    """They are kept in thousandths of a degree."""
    thermal = Conditions.model_validate({"thermal": THERMAL | {"ambient": "-10.5 °C", "start": "20 C"}}).thermal
    assert thermal is not None
    assert (thermal.ambient, thermal.start, thermal.trip, thermal.hysteresis) == (-10_500, 20_000, 75_000, 5_000)
    assert thermal.resistance == 12_000


@pytest.mark.parametrize(
    ("sections", "where", "message"),
    [
        ({"thermal": THERMAL | {"hysteresis": "50 K"}}, ("thermal", "hysteresis"), "never recover"),
        ({"thermal": THERMAL | {"hysteresis": "-1 K"}}, ("thermal", "hysteresis"), "greater than or equal to 0"),
        ({"thermal": THERMAL | {"start": "20 C"}}, ("thermal", "start"), "below 'ambient' with 25 C"),
        ({"thermal": THERMAL | {"poll": "61 s"}}, ("thermal", "poll"), "longer than 'time_constant'"),
        ({"thermal": THERMAL | {"poll": "0 s"}}, ("thermal", "poll"), "greater than 0"),
        ({"thermal": THERMAL | {"power": "-1 W"}}, ("thermal", "power"), "must not be negative"),
        ({"thermal": THERMAL | {"ambient": "300 K"}}, ("thermal", "ambient"), "unknown unit 'K'"),
        ({"thermal": THERMAL | {"ambient": "-300 C"}}, ("thermal", "ambient"), "greater than or equal to -273150"),
        (
            {"thermal": THERMAL | {"power": "3 W", "clock": STEPS}},
            ("thermal", "power"),
            "differs from that of the first",
        ),
        (
            {"thermal": THERMAL | {"clock": {"steps": [{"speed": "100 %"}, {"speed": "100 %"}]}}},
            ("thermal", "clock", "steps", 1, "speed"),
            "slower than the one before",
        ),
        ({"contention": CONTENTION | {"share": "100 %"}}, ("contention", "share"), "must be below 100 %"),
        ({"contention": CONTENTION | {"share": "120 %"}}, ("contention", "share"), "1 % to 100 %"),
        ({"contention": CONTENTION | {"active": "0 s"}}, ("contention", "active"), "must not always be 0"),
        ({"background_io": [READER, READER]}, ("background_io", 1, "name"), "is given twice, got 'gallery'"),
        ({"background_io": [READER | {"name": "flash"}]}, ("background_io", 0, "name"), "is the storage itself"),
        ({"background_io": [READER | {"gap": "0 s"}]}, ("background_io", 0, "gap"), "must not always be 0"),
        (
            {"background_io": [READER | {"burst": {"active": {"uniform": ["0 s", "0 s"]}, "idle": "1 s"}}]},
            ("background_io", 0, "burst", "active"),
            "must not always be 0",
        ),
        (
            {"background_io": [READER | {"begin": "9 h", "end": "8 h"}]},
            ("background_io", 0, "end"),
            "later than 'begin'",
        ),
        ({"background_io": [READER | {"end": "25 h"}]}, ("background_io", 0, "end"), "less than or equal to"),
        ({"background_io": [READER | {"direction": "write"}]}, ("background_io", 0, "write"), "no times of writes"),
        ({"background_io": [WRITER | {"direction": "read"}]}, ("background_io", 0, "write"), "is of no use"),
        ({"flash_pauses": {"duration": "1 ms"}}, ("flash_pauses",), "either 'gap' or 'written'"),
        ({"flash_pauses": PAUSES | {"written": "1 MB"}}, ("flash_pauses",), "either 'gap' or 'written'"),
        ({"flash_pauses": PAUSES | {"gap": "0 s"}}, ("flash_pauses", "gap"), "must not always be 0"),
        (
            {"background_io": [READER], "flash_pauses": {"duration": "1 ms", "written": "1 MB"}},
            ("flash_pauses", "written"),
            "never reached",
        ),
        ({"io_jitter": {"seed": -1}}, ("io_jitter", "seed"), "greater than or equal to 0"),
        ({"jitter": {}}, ("jitter",), "not permitted"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(
    sections: Mapping[str, object], where: tuple[str | int, ...], message: str
) -> None:
    """Each mistake names its key."""
    ((place, text),) = found_in(sections)
    assert place == where
    assert message in text


@pytest.mark.parametrize(
    ("sections", "where", "message"),
    [
        ({"io_jitter": {}}, ("io_jitter", "quantiles"), "toy has no measured distribution of reads; measure it with"),
        ({"compute_jitter": {}}, ("compute_jitter", "quantiles"), "no measured distribution of layers on cpu"),
        (
            {"contention": CONTENTION | {"processor": "npu"}},
            ("contention", "processor"),
            "toy has no 'npu'; did you mean 'cpu'?",
        ),
        (
            {"thermal": THERMAL | {"processor": "npu"}},
            ("thermal", "processor"),
            "toy has no 'npu'; did you mean 'cpu'?",
        ),
        ({"thermal": THERMAL}, ("thermal", "clock"), "toy gives no slower steps for cpu"),
        (
            {"thermal": THERMAL | {"clock": {"steps": [{"speed": "100 %", "power": "3 W"}, {"speed": "50 %"}]}}},
            ("thermal", "clock"),
            "not every step of cpu has a power on toy",
        ),
        (
            {
                "thermal": THERMAL
                | {"power": "1 W", "clock": {"steps": [{"speed": "100 %"}, STEPS["steps"][1] | {"power": "2 W"}]}}
            },
            ("thermal", "power"),
            "a slower step of cpu takes more power, got [1000, 2000] mW",
        ),
        ({"background_io": [READER | {"name": "app"}]}, ("background_io", 0, "name"), "an app has that name"),
        ({"memory": {}}, ("memory", "for_apps"), "is missing"),
    ],
)
def test_a_device_that_cannot_be_disturbed_so_is_told(
    sections: Mapping[str, object], where: tuple[str | int, ...], message: str
) -> None:
    """Each mistake names its key and what would repair it."""
    ((place, text),) = condition_mistakes(Conditions.model_validate(sections), toy_device(), [APP])
    assert place == where
    assert message in text


def test_an_app_named_as_the_flash_is_told() -> None:
    """Spans of pauses would be taken for those of the app."""
    pausing = Conditions.model_validate({"flash_pauses": PAUSES})
    ((place, text),) = condition_mistakes(pausing, toy_device(), [APP._replace(app="flash")])
    assert (place, "an app has that name" in text) == (("flash_pauses",), True)


def test_conditions_that_a_device_can_have_are_accepted() -> None:
    """Given percentiles and steps need nothing of a profile, and a section may be for another processor."""
    given = {"quantiles": {"0.5": 1, "max": 2}}
    sections = {
        "io_jitter": given,
        "compute_jitter": given,
        "background_io": [READER, WRITER],
        "contention": CONTENTION,
        "thermal": THERMAL | {"clock": STEPS},
        "flash_pauses": PAUSES,
    }
    assert not list(condition_mistakes(Conditions.model_validate(sections), toy_device(), [APP]))
    layers = toy_device().processors["cpu"].layer_times
    two = toy_device(processors={"cpu": {"layer_times": layers}, "gpu": {"layer_times": layers}})
    other = Conditions.model_validate({"thermal": THERMAL | {"processor": "gpu"}})
    assert not list(condition_mistakes(other, two, [APP]))


def test_two_apps_with_the_same_layers_make_one_mistake() -> None:
    """A profile lacks a distribution once, however many want it."""
    jitter = Conditions.model_validate({"compute_jitter": {}})
    assert len(list(condition_mistakes(jitter, toy_device(), [APP, APP._replace(app="other")]))) == 1
