"""What a sweep may try: lists, ranges, groups and filters; everything that can be wrong is told by file and line."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from edgesim import InputError, check_file, read_scenario, run
from edgesim.axes import Sweep, parts_of
from edgesim.files import read_space
from edgesim.files.shipped import shipped_folder
from edgesim.quantities import Column, column_of, counted, measured, written
from edgesim.span import Span
from edgesim.units import KINDS

BASE = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
FIRST = BASE.count("\n") + 2
"""The line below ``sweep:``."""


def values(**given: object) -> Sequence[object]:
    """Return the values of a range."""
    span = Span.model_validate({key.rstrip("_"): value for key, value in given.items()}).values
    return list(span) if isinstance(span, range) else span


def test_steps_go_up_to_the_end() -> None:
    """The last value is the last that is not beyond it; nothing is lost to binary fractions."""
    assert values(from_=0, to=9, step=3) == [0, 3, 6, 9]
    assert values(from_=0, to=8, step=3) == [0, 3, 6]
    assert values(from_=0, to=0.3, step=0.1) == (0, 0.1, 0.2, 0.3)
    assert values(from_="10 ms", to="0.1 s", step="33 ms") == ("10 ms", "43 ms", "76 ms")
    assert values(from_="1 KiB", to="4 KiB", step="1.5 KiB") == ("1 KiB", "2.5 KiB", "4 KiB")


def test_seeds_take_no_memory() -> None:
    """A million whole numbers are a range."""
    assert Span.model_validate({"from": 0, "to": 999_999, "step": 1}).values == range(1_000_000)


def test_so_many_values_are_evenly_spaced() -> None:
    """Quantities are whole in their smallest unit, and what repeats is left out; ends are exact."""
    assert values(from_="1 %", to="10 %", num=4) == ("1 %", "4 %", "7 %", "10 %")
    assert values(from_=0.0, to=1, num=5) == values(from_=0, to=1.0, num=5) == (0, 0.25, 0.5, 0.75, 1)
    assert values(from_="1 GiB", to="2 GiB", num=4) == ("1 GiB", "1431655765 B", "1789569707 B", "2 GiB")
    assert values(from_="1 ns", to="3 ns", num=9) == ("1 ns", "2 ns", "3 ns")


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    """Where both ends are: what counts something has no fractions, and its column is one of integers."""
    assert values(from_=1, to=3, num=3) == (1, 2, 3)
    assert values(from_=3, to=12, num=5) == (3, 5, 8, 10, 12)
    assert values(from_=0, to=1, step=0.5) == (0, 0.5, 1)  # as it is written
    (tmp_path / "s.yaml").write_text(f"{BASE}sweep: {{seed: {{from: 1, to: 3, num: 3}}}}\n")
    space = read_space(tmp_path / "s.yaml")
    assert (len(space), space.columns["seed"]) == (3, Column(int))


def test_equal_ratios() -> None:
    """Quantities and whole numbers stay whole, and what repeats is left out; ends are exact."""
    assert values(from_="1 MB", to="64 MB", log=7) == ("1 MB", "2 MB", "4 MB", "8 MB", "16 MB", "32 MB", "64 MB")
    assert values(from_=1, to=100, log=20) == (1, 2, 3, 4, 5, 7, 9, 11, 14, 18, 23, 30, 38, 48, 62, 78, 100)
    assert values(from_=0.001, to=0.1, log=3) == (0.001, 0.01, 0.1)
    assert values(from_="20 /h", to="2 /s", log=3) == ("20 /h", "379 /h", "7200 /h")


KIND = st.sampled_from(sorted(KINDS))
AMOUNT = st.integers(1, 10**15)


@given(kind=KIND, unit=st.integers(0, 9), amount=AMOUNT)
def test_what_is_written_is_read_again(kind: str, unit: int, amount: int) -> None:
    """Whatever the unit, the amount is exact."""
    name = list(KINDS[kind])[unit % len(KINDS[kind])]
    like = measured(f"1 {name}")
    again = measured(written(Fraction(amount), like))
    assert (again.kind, again.amount) == (kind, amount)


@given(low=AMOUNT, above=AMOUNT, count=st.integers(2, 40), form=st.sampled_from(["num", "log"]))
@settings(max_examples=300)
def test_ranges_rise_from_end_to_end(low: int, above: int, count: int, form: str) -> None:
    """Values rise, are at most as many as asked for, and lie where they should to half a unit."""
    found = [measured(value).amount for value in values(from_=f"{low} B", to=f"{low + above} B", **{form: count})]  # type: ignore[arg-type]
    assert (found[0], found[-1]) == (low, low + above)
    assert len(found) <= count
    assert all(one < other for one, other in pairwise(found))  # type: ignore[operator]
    ratio = (low + above) / low
    for number in range(count):
        part = number / (count - 1)
        ideal = low + above * part if form == "num" else low * ratio**part
        assert min(abs(float(one) - ideal) for one in found) <= 0.51 + 1e-9 * ideal  # type: ignore[arg-type]


def test_values_have_types() -> None:
    """A column has whole numbers of the smallest unit, shares of one, and times a second."""
    pairs = {"1.5 ms": 1_500_000, "4 KiB": 4096, "20 MB/s": 20_000_000, "5 %": 0.05, "30 /min": 0.5, "3.5 W": 3500,
             "cpu": "cpu", "unlimited": "unlimited", 3: 3, 0.5: 0.5, "1 mWh": 3600, "1 GFLOP/s": 10**9}  # fmt: skip
    assert {value: column_of([value]).value(value) for value in pairs} == pairs
    assert column_of([1, 0.5]) == Column(float)
    assert [column_of([1, 0.5]).value(value) for value in (1, 0.5)] == [1.0, 0.5]
    assert column_of(["1 ms", "2 MB"]) == column_of(["4 MB", "unlimited"]) == column_of([1, "cpu"]) == Column(str)
    assert column_of(["1 ms", "2 s"]) == Column(int, "ns")
    assert column_of([True, False]).type is bool


def test_a_run_ignores_the_sweep(tmp_path: Path) -> None:
    """The scenario itself is what runs."""
    path = tmp_path / "quickstart.yaml"
    path.write_text(BASE + "sweep: {target_latency: [1 ms, 2 ms]}\n")
    assert run(read_scenario(path)).metrics == run(read_scenario("quickstart")).metrics


def test_the_order_of_the_file_is_kept() -> None:
    """Groups stand where the file has them among the axes."""
    for data, at in (({"zip": [{"seed": [1]}], "a": [1]}, 0), ({"a": [1], "where": [], "zip": [{"seed": [1]}]}, 1)):
        assert Sweep.model_validate(data).zip_at == at


@pytest.mark.parametrize(("text", "parts"), [
    ("preload_buffer <= load_buffer", ("preload_buffer", "<=", "load_buffer")),
    ("device!=jetson-nano", ("device", "!=", "jetson-nano")),
    (" seed  ==  3 ", ("seed", "==", "3")),
    ("target_latency > 1.5 ms", ("target_latency", ">", "1.5 ms")),
])  # fmt: skip
def test_filters_have_three_parts(text: str, parts: tuple[str, ...]) -> None:
    """A key, an operator, and a key or a value."""
    assert parts_of(text) == parts


# what stands below "sweep:", the line of the mistake below that, what the message says after "sweep."
WRONG: list[tuple[str, int, str]] = [
    ("  seed: []", 0, "seed: must have at least one item, got []"),
    ("  seed: 3", 0, "seed: must be a list of values, or a range such as {from: 1 MB, to: 64 MB, log: 7}, got 3"),
    ("  seed:", 0, "seed: must be a list of values, or a range such as {from: 1 MB, to: 64 MB, log: 7}, got nothing"),
    ("  seed: [1, [2]]", 0, "seed[1]: must be one value: text, a number, true or false, got [2]"),
    ("  throttle: [null, rk3399-emmc]", 0, "throttle[0]: must be one value: text, a number, true or false, got nothing;"
     " no throttle is 'native', no limit 'unlimited'"),
    ("  tolerance: [.inf]", 0, "tolerance[0]: must be a finite number, got inf"),
    ("  tolerance: [.nan]", 0, "tolerance[0]: must be a finite number, got nan"),
    ("  seed:\n    - 1\n    - 2\n    - 1", 3, "seed[2]: is given twice, got 1 after 1; keep one"),
    ("  target_latency: [100 ms, 0.1 s]", 0, "target_latency[1]: is given twice, got 0.1 s after 100 ms; keep one"),
    ("  target_latency: [-1 ms]", 0, "target_latency[0]: must not be negative, got -1 ms"),
    ("  seed: {from: 0, to: 9}", 0, "seed: give exactly one of 'step', 'num' and 'log', got none"),
    ("  seed: {from: 0, to: 9, num: 3, log: 2}", 0, "seed: give exactly one of 'step', 'num' and 'log', got num and"),
    ("  seed: {to: 9, step: 1}", 0, "seed.from: missing; add it"),
    ("  seed: {from: 0, to: 9, stp: 1}", 0, "seed.stp: unknown key; did you mean 'step'? known: from, log"),
    ("  seed: {from: 0, to: 9, step: 0}", 0, "seed.step: must be above 0, got 0"),
    ("  seed: {from: 0, to: 9, step: -1}", 0, "seed.step: must be above 0, got -1"),
    ("  seed:\n    from: 9\n    to: 0\n    step: 1", 2, "seed.to: must be above 'from', got 0 after 9"),
    ("  seed: {from: 9, to: 9, num: 2}", 0, "seed.to: must be above 'from', got 9 after 9"),
    ("  seed: {from: 0, to: 9, log: 2}", 0, "seed.from: must be above 0, or there are no equal ratios, got 0"),
    ("  seed: {from: 1, to: 3, num: 9}", 0, "seed.num: there are only 3 whole numbers from 1 to 3, got 9; write 1.0"),
    ("  seed: {from: 0, to: 9, num: 1}", 0, "seed.num: must be greater than or equal to 2, got 1"),
    ("  seed: {from: 0, to: 9, num: 2.5}", 0, "seed.num: must be an integer, got 2.5"),
    ("  seed: {from: 0, to: 10000000, step: 1}", 0, "seed.step: makes more than 1,000,000 values, got 1"),
    ("  target_latency: {from: 1 us, to: 1 s, step: 1 us}", 0, "target_latency.step: makes more than 100,000 values"),
    ("  seed: {from: a, to: 9, step: 1}", 0, "seed.from: must be a number, or a quantity with its unit, got a"),
    ("  load_buffer: {from: 1 MB, to: unlimited, num: 3}", 0, "load_buffer.to: must be a number, or a quantity with"),
    ("  target_latency: {from: 1 ms, to: 9 MB, num: 3}", 0, "target_latency.to: is a size, but 'from' is a time, go"),
    ("  target_latency: {from: 1 ms, to: 9 ms, step: 3}", 0, "target_latency.step: is a number, but 'from' is a time"),
    ("  target_latency: {from: 1 ms, to: 9 s, log: 10000001}", 0, "target_latency.log: must be less than or equal to"),
    ("  zip: {seed: [1]}", 0, "zip: must be a list, got {'seed': [1]}"),
    ("  zip:\n    - {}", 1, "zip[0]: must have at least one item, got {}"),
    ("  zip:\n    - seed: [1, 2]\n      tolerance: [1 %]", 2, "zip[0].tolerance: must have as many values as"),
    ("  seed: [1]\n  zip:\n    - seed: [1]", 2, "zip[0].seed: is swept twice, here and alone; keep"),
    ("  zip:\n    - seed: [1]\n    - seed: [1]", 2, "zip[1].seed: is swept twice, here and in group"),
    ("  zip:\n    - seed: [1, 2, 1]\n      preload_buffer: [1 MB, 2 MB, 1000 kB]", 1,
     "zip[0].seed[2]: is given twice, got 1, 1000 kB after 1, 1 MB; keep one"),
    ("  zip: []", -1, "names no key; write for example 'target_latency: [100 ms, 200 ms]'"),
    ("  seed: [1]\n  where: seed > 0", 1, "where: must be a list, got 'seed > 0'"),
    ("  seed: [1]\n  where: [seed]", 1, "where[0]: must be such as 'preload_buffer <= load_buffer' or"),
    ("  seed: [1]\n  where: [seed => 3]", 1, "where[0]: must be such as"),
    ("  seed: [1]\n  where: [1 < seed < 3]", 1, "where[0]: must be such as"),
    ("  sed: [1]", 0, "sed: unknown key; did you mean 'seed'? known: "),
    ("  storage.red.latency: [1 ms]", 0, "storage.red.latency[0]: storage.red: unknown key; did you mean 'read'?"),
    ("  throttle.storage.lanes: [1]", 0, "throttle.storage.lanes: has no effect: there is no throttle"),
    ("  planner: [wrx]", 0, "planner: cannot be swept: all planners in the scenario's 'planner' are tried; list"),
    ("  name: [a]", 0, "name: cannot be swept"),
    ("  storage.lanes: [1]\n  device.storage.lanes: [1]", 1, "device.storage.lanes: is the same as 'storage.lanes'"),
    ("  seed: [1, -1]", 0, "seed[1]: must be greater than or equal to 0, got -1"),
    ("  seed: {from: -1, to: 3, step: 1}", 0, "seed[0]: must be greater than or equal to 0, got -1"),
    ("  target_latency: [100 ms, 90]", 0, "target_latency[1]: needs a unit, got 90; write for example '200 ms'"),
    ("  target_latency:\n    - 100 ms\n    - 90 MB", 2, "target_latency[1]: unknown unit 'MB' in '90 MB'; known: h"),
    ("  storage.read.bandwidth: [1 MB]", 0, "storage.read.bandwidth[0]: unknown unit 'MB' in '1 MB'; did you mean"),
    ("  workload.inferences: [0]", 0, "workload.inferences[0]: must be greater than or equal to 1, got 0"),
    ("  workload.rate: [1 /s]", 0, "workload.rate[0]: unknown key; known: inferences, kind, start"),
    ("  conditions.thermal.trip: [40 C]", 0, "conditions.thermal.trip[0]: conditions.thermal.ambient: missing; add it"),
    ("  workload: [server]", 0, "workload[0]: must be a mapping of keys, got 'server'"),
    ("  device: [odroid-n2plus, jetson]", 0, "device[1]: jetson: no such device; did you mean 'jetson-nano'? known: "),
    ("  model: [./none.yaml]", 0, "none.yaml: no such file"),
    ("  throttle: [native, nativ]", 0, "throttle[1]: nativ: no such device; "),
    ("  device: [3]", 0, "device[0]: must be a shipped name or a path, got 3"),
    ("  processor: [cpu, gpu]", 0, "processor[1]: no device that is tried has 'gpu'; did you mean 'cpu'? known: cpu"),
    ("  seed: {from: 1, to: 100000, step: 1}\n  target_latency: {from: 1 ms, to: 100 ms, num: 20000}", -1,
     "has 2,000,000,000 points; the most is 1,000,000,000"),
    ("  seed: [1]\n  where: [sed > 0]", 1, "where[0]: 'sed' is neither swept nor one value"),
    ("  seed: [1]\n  where: [workload == 1]", 1, "where[0]: 'workload' is neither swept nor one value of the scenario"),
    ("  seed: [1]\n  where: [priority > 0]", 1, "where[0]: compares nothing that is swept, so it holds for all combin"),
    ("  seed: [1]\n  where: [seed > 0 ms]", 1, "where[0]: compares a number with a time"),
    ("  seed: [1]\n  where: [seed > target_latency]", 1, "where[0]: compares a number with a time"),
    ("  device: [pc-nvme, jetson-nano]\n  where:\n    - device != pc-nvm", 2, "where[0]: 'pc-nvm' is no value of"),
    ("  device: [pc-nvme, jetson-nano]\n  where: [device < pc-nvme]", 1, "where[0]: a name is equal or not; write =="),
    ("  seed: [1, 2]\n  where: [seed != 0, seed > 2]", 1, "where[1]: leaves out every point"),
    ("  preload_buffer: [5 MB, 6 MB]\n  where: [preload_buffer <= load_buffer]", 1, "where[0]: leaves out every point"),
    ("  seed: [1, 2]\n  priority: [1, 2]\n  where: [seed > 1, priority > seed]", 2, "where: leaves out every point: "),
    ("  device: [phone-ufs4]\n  processor: [npu]\n  storage.read.bandwidth: [10 MB/s]", -1,
     "read.bandwidth: reads were measured as a table; for a line in its place set storage.read.latency, too"),
    ("  model: [dynabert-12x12, minilm-6x12]\n  device: [phone-ufs4]\n  seed: {from: 1, to: 5000, step: 1}", -1,
     "phone-ufs4 has no layer times on cpu for hidden 384"),
    ("  device: [pc-nvme]\n  where: [device > jetson-nano]", 1, "where[0]: a name is equal or not; write == or !=, go"),
    ("  replan: [true, false]\n  where: [replan >= true]", 1, "where[0]: a truth is equal or not; write == or !=, got"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "below", "says"), WRONG, ids=[text.strip()[:50] for text, _, _ in WRONG])
def test_a_mistake_is_named_by_file_and_line(tmp_path: Path, text: str, below: int, says: str) -> None:
    """`edgesim check` finds it."""
    path = tmp_path / "s.yaml"
    path.write_text(f"{BASE}sweep:\n{text}\n")
    with pytest.raises(InputError) as failed:
        check_file(path)
    at = f"{path}:{FIRST + below}: sweep{':' if below < 0 else '.'}"
    lines = str(failed.value).split("\n")
    assert any(line.startswith(at) and says in line for line in lines), lines
    assert all(line.startswith(f"{path}:") for line in lines)


def test_mistakes_of_files_that_are_tried_come_with_their_own_lines(tmp_path: Path) -> None:
    """As mistakes of files that the scenario itself names do."""
    (tmp_path / "d.yaml").write_text(
        (shipped_folder("devices") / "pc-nvme.yaml").read_text().replace("lanes:", "lane:")
    )
    (tmp_path / "s.yaml").write_text(f"{BASE}sweep:\n  device: [d.yaml]\n")
    with pytest.raises(InputError, match=r"d\.yaml:[0-9]+: storage\.lane: unknown key; did you mean 'lanes'\?"):
        check_file(tmp_path / "s.yaml")


def test_devices_that_are_tried_have_names_of_their_own(tmp_path: Path) -> None:
    """Rows tell a device's name and not its file; the same with models and throttles."""
    (tmp_path / "d.yaml").write_text((shipped_folder("devices") / "pc-nvme.yaml").read_text())
    (tmp_path / "s.yaml").write_text(f"{BASE}sweep:\n  device: [pc-nvme, d.yaml]\n")
    with pytest.raises(
        InputError, match=r"sweep\.device\[1\]: has the name of 'pc-nvme', 'pc-nvme', .*; give it anoth"
    ):
        check_file(tmp_path / "s.yaml")
    (tmp_path / "s.yaml").write_text(f"{BASE}sweep:\n  device: [pc-nvme]\n  throttle: [native, d.yaml]\n")
    assert check_file(tmp_path / "s.yaml") == "edgesim.scenario/1"


@pytest.mark.parametrize("text", [
    "device: [jetson-nano, odroid-n2plus]\n  processor: [gpu, cpu]",  # each is right somewhere
    "zip: [{device: [jetson-nano], processor: [gpu]}]",
    "zip: [{device: [raspberry-pi-4, rk3399-emmc, jetson-nano], processor: [cpu, cpu, gpu]}]",  # no two are the same
    "storage.read.latency: [1 us]\n  storage.read.bandwidth: [1 GB/s]\n  device: [raspberry-pi-5-nvme]",  # both
    "workload.rate: [1 /s, 3 /min]\n  workload.kind: [server]\n  workload.duration: [1 min]",
    "device: [odroid-n2plus, pc-nvme]\n  where: [device == pc-nvme, seed >= 0]\n  seed: [0]",
    "throttle: [native, rk3399-emmc]\n  storage.read.bandwidth: [20 MB/s]",
    "model: [dynabert-12x12, minilm-6x12]\n  device: [phone-ufs4, pc-nvme]",  # not measured: rows, and no stop
    "replan: [true, false]\n  where: [replan == true]",
])  # fmt: skip
def test_what_only_contradicts_other_values_is_right(tmp_path: Path, text: str) -> None:
    """A value is a mistake only if it is one whatever the others are."""
    path = tmp_path / "s.yaml"
    path.write_text(f"{BASE}sweep:\n  {text}\n")
    assert check_file(path) == "edgesim.scenario/1"


def test_the_documented_example_is_right(tmp_path: Path) -> None:
    """Beside the keys of the quickstart."""
    text = (Path(__file__).parents[1] / "docs" / "how-to" / "sweeps.md").read_text()
    (block,) = re.findall(r"^(sweep:\n(?: .*\n)+)```$", text, re.MULTILINE)
    (tmp_path / "s.yaml").write_text(BASE + block)
    space = read_space(tmp_path / "s.yaml")
    assert (len(space), sum(space.case(index) is not None for index in range(len(space)))) == (120, 48)


def test_other_apps_have_no_sweep_of_their_own(tmp_path: Path) -> None:
    """It is about all apps."""
    text = (shipped_folder("scenarios") / "two-apps.yaml").read_text()
    place = text.index("apps:\n") + len("apps:\n")
    name_end = text.index("\n", place) + 1
    path = tmp_path / "s.yaml"
    path.write_text(f"{text[:name_end]}    sweep: {{seed: [1]}}\n{text[name_end:]}")
    with pytest.raises(InputError, match=r"sweep: is about all apps; write it at the scenario's own level"):
        check_file(path)


def test_a_sweep_can_be_made_in_python() -> None:
    """As a document, which refuses the same."""
    with pytest.raises(ValidationError, match="names no key"):
        Sweep.model_validate({})
    assert Sweep.model_validate(Sweep.model_validate({"seed": [1]})).axes == {"seed": (1,)}


def test_one_thing_is_singular() -> None:
    """None and several are not."""
    assert [counted(number, "point") for number in (0, 1, 2, 2000)] == [
        "0 points",
        "1 point",
        "2 points",
        "2,000 points",
    ]
