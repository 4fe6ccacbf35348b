"""The points of a sweep by their numbers are those of nested loops; each makes the scenario that a reader makes."""

import itertools
import operator
import pickle
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from math import inf, prod
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from edgesim import InputError, PluginError, read_device, read_scenario
from edgesim.axes import Sweep
from edgesim.choice import PlannerChoice
from edgesim.files import documents, read_space, shipped_names, text
from edgesim.files.dimensions import BUDGET, dimensions_of
from edgesim.files.filters import filters_of
from edgesim.files.library import Library
from edgesim.files.shipped import shipped_folder
from edgesim.files.space import Case, Space
from edgesim.files.text import Text

FORM: dict[str, Any] = {
    "schema": "edgesim.scenario/1", "device": "odroid-n2plus", "processor": "cpu", "model": "dynabert-12x12",
    "planner": ["wrx", "std_pipeline"], "target_latency": "200 ms", "preload_buffer": "1 MB", "load_buffer": "4 MB",
}  # fmt: skip
OWN = {"target_latency": 200_000_000, "preload_buffer": 1_000_000, "load_buffer": 4_000_000, "seed": 0}
UNITS = {"target_latency": "ns", "preload_buffer": "B", "load_buffer": "B", "storage.read.bandwidth": "B/s"}
NUMBERS = {
    "target_latency": [10**6, 2 * 10**6, 3 * 10**6, 2 * 10**8],
    "preload_buffer": [0, 5, 7, 10**6, 5 * 10**6],
    "load_buffer": [5, 6, 4 * 10**6, inf],
    "storage.read.bandwidth": [1, 7, 10**7],
    "seed": [0, 1, 2, 3],
    "workload.inferences": [1, 2, 3],
}
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
PAIRS = [("preload_buffer", "load_buffer"), ("load_buffer", "preload_buffer"), ("seed", "workload.inferences")]
Loops = list[dict[str, list[float]]]


def shown(key: str, number: float) -> str | int:
    """Write a number as a file has it."""
    if number == inf:
        return "unlimited"
    return f"{number} {UNITS[key]}" if key in UNITS else int(number)


def written(path: Path, sweep: object, **more: object) -> Path:
    """Write a scenario with a sweep."""
    path.write_text(yaml.safe_dump(FORM | more | {"sweep": sweep}, sort_keys=False))
    return path


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[dict[str, Any], Loops, list[tuple[str, str, Any]]]:
    """Draw a sweep as a file has it; its loops in the order of the file, in numbers; and its filters."""
    keys = draw(st.lists(st.sampled_from(sorted(NUMBERS)), min_size=1, unique=True))
    loops: Loops = []
    while keys:
        size = draw(st.integers(1, min(3, len(keys)))) if draw(st.booleans()) else 1
        count = draw(st.integers(1, 3))
        group = {key: draw(st.permutations(NUMBERS[key]))[:count] for key in keys[:size]}
        loops.append(group)
        keys = keys[size:]
    alone = [loop for loop in loops if len(loop) == 1]
    groups = [loop for loop in loops if len(loop) > 1]
    at = draw(st.integers(0, len(alone)))
    loops = [*alone[:at], *groups, *alone[at:]]
    axes = [{key: [shown(key, number) for number in numbers] for key, numbers in loop.items()} for loop in loops]
    data: dict[str, Any] = {}
    for axis in axes[:at]:
        data |= axis
    data |= {"zip": axes[at : at + len(groups)]} if groups else {}
    for axis in axes[at + len(groups) :]:
        data |= axis
    moving = {key for loop in loops for key in loop}
    filters: list[tuple[str, str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        pairs: list[tuple[str, Any]] = [pair for pair in PAIRS if moving & set(pair) and set(pair) <= moving | set(OWN)]
        pairs += [(key, draw(st.sampled_from(NUMBERS[key]))) for key in moving]
        left, right = draw(st.sampled_from(sorted(pairs, key=str)))
        filters.append((left, draw(st.sampled_from(sorted(SIGNS))), right))
    data["where"] = [
        f"{left} {sign} {right if isinstance(right, str) else shown(left, right)}" for left, sign, right in filters
    ]
    return data, loops, filters


def naive(
    loops: Loops, filters: list[tuple[str, str, Any]], planners: int
) -> list[tuple[dict[str, float], int] | None]:
    """Return all points by nested loops, None for those that are left out."""
    outer = [loop for loop in loops if not set(loop) <= set(BUDGET)]
    inner = [loop for loop in loops if set(loop) <= set(BUDGET)]
    entries = [range(len(next(iter(loop.values())))) for loop in (*outer, *inner)]
    found: list[tuple[dict[str, float], int] | None] = []
    for combination in itertools.product(*entries[: len(outer)], range(planners), *entries[len(outer) :]):
        planner = combination[len(outer)]
        chosen = zip((*outer, *inner), (*combination[: len(outer)], *combination[len(outer) + 1 :]), strict=True)
        values = {key: numbers[entry] for loop, entry in chosen for key, numbers in loop.items()}
        known = OWN | values
        holds = all(SIGNS[sign](known[left], known[right] if isinstance(right, str) else right)
                    for left, sign, right in filters)  # fmt: skip
        found.append((values, planner) if holds else None)
    return found


def space_of(data: dict[str, Any], planners: int) -> Space:
    """Make a space of a sweep without reading files."""
    sweep, content = Sweep.model_validate(data), Text("s.yaml", data=FORM)
    dimensions = sorted(dimensions_of(sweep, ()), key=lambda dimension: dimension.is_budget)
    filters = filters_of(content, sweep.where, dimensions, {})
    assert not content.mistakes
    return Space(
        path=Path("s.yaml"), library=Library(), fixed={}, name="s", names={},
        planners=tuple(PlannerChoice(name=f"p{number}") for number in range(planners)),
        bases=tuple(dimension for dimension in dimensions if not dimension.is_budget),
        budgets=tuple(dimension for dimension in dimensions if dimension.is_budget),
        filters=tuple(filters), own={key: OWN[key] for key in BUDGET},
    )  # fmt: skip


@given(sweep=sweeps(), planners=st.integers(1, 3), seed=st.integers(0, 2**32))
@settings(max_examples=1000, deadline=None)
def test_points_are_those_of_nested_loops(
    sweep: tuple[dict[str, Any], Loops, list[tuple[str, str, Any]]], planners: int, seed: int
) -> None:
    """By number, in any order: the same values, the same planner, and the same ones left out."""
    data, loops, filters = sweep
    space, expected = space_of(data, planners), naive(loops, filters, planners)
    assert len(space) == len(expected)
    assert set(space.keys) == {key for loop in loops for key in loop}
    per_base = planners * prod(len(next(iter(loop.values()))) for loop in loops if set(loop) <= set(BUDGET))
    for index in random.Random(seed).sample(range(len(expected)), len(expected)):
        point, case = expected[index], space.case(index)
        if point is None:
            assert case is None
            continue
        values, planner = point
        target, preload, room = ((OWN | values)[key] for key in BUDGET)
        assert case == Case(index, index // per_base, planner, target, preload, None if room == inf else room)
        assert space.settings(index) == {key: shown(key, number) for key, number in values.items()}
        assert space.values(index) == {key: number for key, number in values.items() if key not in BUDGET}
    for index in (-1, len(expected)):
        with pytest.raises(IndexError):
            space.case(index)


KINDS: dict[str, dict[str, Any]] = {
    "budgets": {"target_latency": ["150 ms", "0.4 s"], "preload_buffer": ["0 B", "2 MB"], "load_buffer": ["unlimited"]},
    "all kinds": {
        "storage.read.bandwidth": {"from": "10 MB/s", "to": "1 GB/s", "log": 3},
        "target_latency": ["150 ms", "400 ms"], "seed": {"from": 3, "to": 5, "step": 1},
        "zip": [
            {"device": ["odroid-n2plus", "jetson-nano"], "processor": ["cpu", "gpu"], "load_buffer": ["1 MB", "2 MB"]},
        ],
        "outlier_fraction": {"from": 0, "to": 0.01, "step": 0.005},
        "workload.start": ["cold", "warm"], "replan": [False, True], "tolerance": ["5 %"],
    },
    "throttles": {"throttle": ["native", "rk3399-emmc"], "storage.read.bandwidth": ["9 MB/s"], "seed": [1, 2]},
    "sessions": {"workload.kind": ["server"], "workload.rate": ["2 /s", "30 /min"], "workload.duration": ["1 min"]},
}  # fmt: skip
OTHERS = {"launches": "9 s", "memory": "9 MB", "foreground": "1 s"}
TRIM = {"replan": True, "trim": {"free_below": "100 MB", "preload_buffer": "1 MB"},
        "conditions": {"memory": {"for_apps": "900 MB", "others": OTHERS}}}  # fmt: skip
APPS = {
    "apps": {"other": {"model": "minilm-6x12", "planner": "wrx", "target_latency": "1 s", "preload_buffer": "1 MB"}}
}
MORE: dict[str, dict[str, Any]] = {"budgets with apps": APPS, "budgets with trim": TRIM | {"preload_buffer": "4 MB"}}


@pytest.mark.parametrize("name", [*KINDS, *MORE])
def test_a_point_s_scenario_is_what_its_settings_read(tmp_path: Path, name: str) -> None:
    """But for the planner, of which it has its own; points that cannot be are refused alike."""
    sweep = KINDS[name.partition(" with")[0]]
    path = written(tmp_path / "s.yaml", sweep, **MORE.get(name, {}))
    space, made = read_space(path), 0
    numbers = random.Random(name).sample(range(len(space)), min(len(space), 60))
    for index in sorted({0, len(space) - 1, *numbers}):
        case = space.case(index)
        assert case is not None
        try:
            expected = read_scenario(path, space.settings(index))
        except InputError as error:
            says = re.escape(str(error))
        else:
            says = ""
        if says:
            with pytest.raises(InputError, match=f"^{says}$"):
                space.scenario(case)
            continue
        found, made = space.scenario(case), made + 1
        assert found == expected.model_copy(update={"planner": expected.planner[case.planner : case.planner + 1]})
        assert found.budget[1:] == case[3:]
        base = space.base(case.base)
        assert (base.device, base.model, base.planner) == (expected.device, expected.model, space.planners)
    assert made > 0


def test_values_are_typed(tmp_path: Path) -> None:
    """Quantities in their smallest unit, shares of one, text where kinds differ; columns of their own are left out."""
    space = read_space(written(tmp_path / "s.yaml", KINDS["all kinds"]))
    assert space.keys == (
        "storage.read.bandwidth", "seed", "device", "processor", "load_buffer", "outlier_fraction", "workload.start",
        "replan", "tolerance", "target_latency",
    )  # fmt: skip
    assert space.values(len(space) - 1) == {
        "storage.read.bandwidth": 10**9, "seed": 5, "outlier_fraction": 0.01, "workload.start": "warm", "replan": True,
        "tolerance": 0.05,
    }  # fmt: skip
    assert space.axes["storage.read.bandwidth"] == ("10 MB/s", "100 MB/s", "1000 MB/s")
    assert space.axes["seed"] == ("3", "4", "5")
    assert space.axes["replan"] == ("false", "true")
    mixed = {"device": ["raspberry-pi-5-sd"], "storage.read.table[0][1]": ["100 us", "40 MB/s"]}
    assert read_space(written(tmp_path / "s.yaml", mixed)).values(0) == {"storage.read.table[0][1]": "100 us"}


def test_without_a_sweep_each_planner_is_a_point(tmp_path: Path) -> None:
    """And other planners may be asked than those of the file."""
    path = written(tmp_path / "s.yaml", None)
    space = read_space(path)
    assert [space.planners[case.planner].label for case in map(space.case, range(len(space))) if case] == FORM[
        "planner"
    ]
    assert (space.name, space.keys) == ("s", ())
    labels = ["wrx[upgrade_to=6]", "load_exec"]
    assert [choice.label for choice in read_space(path, planners=labels).planners] == labels
    assert [choice.label for choice in read_space(path, planners="wrx").planners] == ["wrx"]
    with pytest.raises(PluginError, match=f"^{path} as changed: planner: nobody: unknown planner; known: "):
        read_space(path, planners=["nobody"])
    with pytest.raises(InputError, match=r"planner\[1\]: gives wrx twice; keep one"):
        read_space(path, planners=["wrx", "wrx"])


def test_what_a_caller_sets_no_longer_moves(tmp_path: Path) -> None:
    """Whoever's key it is said to be, alone or in a group; documents made in Python can be set, too."""
    path = written(tmp_path / "s.yaml", KINDS["all kinds"])
    fixed = {"device.storage.read.bandwidth": "5 MB/s", "processor": "cpu", "seed": 1}
    space = read_space(path, fixed)
    assert not {"storage.read.bandwidth", "processor", "seed"} & set(space.keys)
    assert "device" in space.keys
    scenario = space.base(0)
    assert (scenario.seed, scenario.device.storage.read.bandwidth) == (1, 5_000_000)
    assert scenario.changes.items() >= {key: str(value) for key, value in fixed.items()}.items()
    device = read_device("raspberry-pi-4")
    path = written(tmp_path / "s.yaml", {"target_latency": ["1 s", "2 s"], "device": ["pc-nvme"]})
    assert read_space(path, {"device": device}).base(0).device is device
    sweep = {"target_latency": ["1 s", "2 s", "3 s"]}
    assert len(read_space(path, {"sweep": sweep})) == 3 * 2


def test_entries_that_a_fixed_key_told_apart_are_one(tmp_path: Path) -> None:
    """And a mistake of another entry is still named by its place in the file."""
    group = {"device": ["odroid-n2plus", "rk3399-emmc", "jetson-nano"], "processor": ["cpu", "cpu", "gpu"]}
    space = read_space(written(tmp_path / "s.yaml", {"zip": [group]}))
    assert [space.settings(index)["processor"] for index in range(0, len(space), 2)] == group["processor"]
    group = {"device": ["odroid-n2plus", "rk3399-emmc", "pc-nvme"], "seed": [1, 1, 2], "tolerance": ["1 %"] * 3}
    path = written(tmp_path / "s.yaml", {"zip": [group]})
    assert read_space(path, {"device": "pc-nvme"}).axes == {"seed": ("1", "2"), "tolerance": ("1 %", "1 %")}
    path = written(tmp_path / "s.yaml", {"zip": [group | {"seed": [1, 1, -1]}]})
    with pytest.raises(InputError, match=r"sweep\.zip\[0\]\.seed\[2\]: must be greater than or equal to 0, got -1"):
        read_space(path, {"device": "pc-nvme"})


def test_bases_that_cannot_be_are_told(tmp_path: Path) -> None:
    """With the sentences of a reader, each time they are asked for; the others can be."""
    sweep = {"device": ["odroid-n2plus", "jetson-nano", "rk3399-emmc"], "processor": ["cpu", "gpu"]}
    space = read_space(written(tmp_path / "s.yaml", sweep))
    says = {1: "odroid-n2plus has no 'gpu'", 2: "jetson-nano has no 'cpu'", 5: "rk3399-emmc has no 'gpu'"}
    for _ in range(2):
        for number in range(6):
            if number in says:
                with pytest.raises(InputError, match=says[number]):
                    space.base(number)
            elif number in (0, 3):
                assert space.base(number).device.name == sweep["device"][number // 2]


def test_every_file_is_told(tmp_path: Path) -> None:
    """All devices, models and tables that are tried, by the names that provenance has for them."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("\n".join([",".join(["0.1" if name == "a" else "0.2"] * 12)] * 12))
    model = yaml.safe_load((shipped_folder("models") / "dynabert-12x12.yaml").read_text())
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(model | {"importance": {"file": "a.csv"}}))
    (tmp_path / "n.yaml").write_text(yaml.safe_dump(model | {"name": "n", "importance": {"file": "a.csv"}}))
    sweep = {"device": ["pc-nvme"], "model": ["m.yaml", "n.yaml"], "importance.file": ["b.csv"]}
    space = read_space(written(tmp_path / "s.yaml", sweep))
    assert set(space.inputs) == {
        "s.yaml", "m.yaml", "n.yaml", "a.csv", "b.csv", "device_profiles/pc-nvme.yaml",
        "device_profiles/odroid-n2plus.yaml", "scenarios/models/dynabert-12x12.yaml",
    }  # fmt: skip
    assert space.base(0).inputs.items() <= space.inputs.items()
    importance = space.base(1).model.importance
    assert importance.values == ((0.2,) * 12,) * 12


ELSEWHERE = """
import pickle, sys
space = pickle.load(open(sys.argv[1], "rb"))
cases = [case for case in map(space.case, range(len(space))) if case is not None]
pickle.dump([(case, space.settings(case.index), space.scenario(case)) for case in cases], open(sys.argv[2], "wb"))
"""


def test_a_space_works_where_its_files_are_not(tmp_path: Path) -> None:
    """In another process, in another folder, after all files are gone: the same scenarios."""
    home = tmp_path / "home"
    home.mkdir()
    names = {"d.yaml": "devices/cloud-epyc", "m.yaml": "models/minilm-signature", "e.yaml": "devices/pc-nvme"}
    for name, known in names.items():
        kind, stem = known.split("/")
        shutil.copy(shipped_folder(kind) / f"{stem}.yaml", home / name)  # type: ignore[arg-type]
    shutil.copy(shipped_folder("devices") / "cloud-epyc.statistics.csv", home)
    shutil.copytree(shipped_folder("models") / "minilm", home / "minilm")
    (home / "t.csv").write_text("arrival_ms\n0\n5\n")
    sweep = {"device": ["d.yaml", "e.yaml"], "storage.lanes": [1], "preload_buffer": ["0 B", "1 MB"],
             "storage.read.latency": ["1 us", "2 us"], "storage.read.bandwidth": ["1 GB/s"],
             "outlier_fraction": [0.1], "where": ["preload_buffer != 0 B"]}  # fmt: skip
    given = {"device": "d.yaml", "model": "m.yaml", "workload": {"kind": "trace", "file": "t.csv"}}
    space = read_space(written(home / "s.yaml", sweep, **given))
    here = [
        (case, space.settings(case.index), space.scenario(case)) for case in map(space.case, range(len(space))) if case
    ]
    assert len(here) == 2 * 2 * 2
    (tmp_path / "space").write_bytes(cloudpickle.dumps(space))
    shutil.rmtree(home)
    call = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "space"), str(tmp_path / "found")]
    subprocess.run(call, check=True, cwd=tmp_path)
    assert pickle.loads((tmp_path / "found").read_bytes()) == here


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_scenarios_can_be_sent(name: str) -> None:
    """Their classes are known by name wherever edgesim is: nothing is compared with a copy of a class."""
    scenario = read_scenario(name)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_a_space_is_as_small_with_a_million_points(tmp_path: Path) -> None:
    """What is sent grows with the values of the axes, not with their product, nor with what was asked before."""
    small = {"seed": {"from": 0, "to": 9, "step": 1}, "preload_buffer": ["1 MB", "2 MB"]}
    large = small | {"seed": {"from": 0, "to": 99_999, "step": 1}, "tolerance": ["1 %", "2 %", "3 %", "4 %", "5 %"]}
    sizes = []
    for sweep, points in ((small, 40), (large, 2_000_000)):
        space = read_space(written(tmp_path / "s.yaml", sweep))
        assert len(space) == points
        space.base(3)
        sizes.append(len(cloudpickle.dumps(space)))
    assert sizes[1] < sizes[0] + 2_000


def test_a_thousand_bases_read_no_file_and_check_what_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device once for each bandwidth, the model never; and the last few are kept."""
    sweep = {"storage.read.bandwidth": {"from": "1 MB/s", "to": "1000 MB/s", "step": "1 MB/s"}}
    space = read_space(written(tmp_path / "s.yaml", sweep))
    counts = Counter[str]()
    read_document = documents.read_document

    def counted(reading: Any, content: Any, path: Path, document: Any, made: Any = None) -> object:  # noqa: ANN401
        counts[document.__name__] += 1
        return read_document(reading, content, path, document, made)

    monkeypatch.setattr(documents, "read_document", counted)
    monkeypatch.setattr(text, "read_bytes", lambda *_: pytest.fail("a file was read"))
    model = space.base(0).model
    for number in range(1000):
        scenario = space.base(number)
        assert scenario.device.storage.read.bandwidth == 10**6 * (number + 1)
        assert scenario.model is model
    assert counts == {"Device": 1000}
    assert space.base(999) is scenario
    assert counts == {"Device": 1000}
    assert len(cloudpickle.dumps(space)) < 200_000


def test_the_shipped_sweep_has_a_few_hundred_points() -> None:
    """Four bandwidths, three targets, eight pairs of buffers and three planners."""
    space = read_space("sweep")
    cases = [case for case in map(space.case, range(len(space))) if case]
    assert (len(space), len(cases)) == (360, 288)
    assert all(case.room_bytes is None or case.preload_bytes <= case.room_bytes for case in cases)
    assert {space.base(case.base).device.storage.read.bandwidth for case in cases} == {
        20_000_000, 40_000_000, 80_000_000, 160_000_000,
    }  # fmt: skip
