"""Every installed planner keeps the contract that `edgesim.testing` has for strangers; it finds each breach."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from stores import SCATTERED

import edgesim.testing
from edgesim import Budget, Device, ExecutionError, InfeasibleError, InputError, Load, Model, Plan
from edgesim.planners.baselines import std_pipeline
from edgesim.planners.search import Submodel, best
from edgesim.planners.wrx import wrx
from edgesim.plugins import PLANNERS, installed
from edgesim.plugins.outside import SECONDS
from edgesim.testing import planner_contract, random_scenario
from edgesim.testing.contract import BrokenContractError
from edgesim.testing.toys import toy_device, toy_model, toy_scenario


@pytest.mark.parametrize("name", installed(PLANNERS))
def test_installed_planners_keep_the_contract(name: str) -> None:
    """On every shipped scenario, and on a hundred random ones; where time decides, there is enough of it."""
    label = "oracle[seconds=120]" if name == "oracle" else name
    kept = planner_contract(label)
    assert kept.planner == label
    assert kept.plans > 0


@pytest.mark.parametrize("label", ["wrx[variant=as_published]", "std_pipeline[bitwidth=6]"])
def test_options_may_be_given(label: str) -> None:
    """Those of a label are used; a planner that promises less may miss its target."""
    kept = planner_contract(label, ["quickstart", "fig6"], random=0, may_miss_target=True)
    assert (kept.planner, kept.scenarios) == (label, 2)


def test_a_planner_in_a_file_keeps_the_contract() -> None:
    """The shipped example, in a process of its own."""
    planner_contract(f"{Path('scenarios/plugin_planner.py').absolute()}:all_or_nothing", random=20)


def breaches(planner: Callable[..., Plan], *scenarios: object, **more: object) -> list[str]:
    """Return the sentences that the contract has for a planner."""
    with pytest.raises(BrokenContractError) as caught:
        planner_contract(planner, scenarios or ["quickstart"], random=0, **more)
    heading, *lines = str(caught.value).split("\n- ")
    assert heading == f"{planner.__name__} breaks the contract:"
    return lines


def test_a_planner_that_says_nothing_of_itself() -> None:
    """Docstring, and the type and default of each option."""

    def mute(model: Model, device: Device, budget: Budget, *, size, depth: int = "deep") -> Plan:  # noqa: ANN001
        return wrx(model, device, budget)

    assert breaches(mute) == [
        "it has no docstring; 'edgesim list planners' shows its first line",
        "its option size has no type; files are checked against it",
        "its option size has no default; 'compare' runs every planner with its defaults",
        "the default of its option depth must be an integer, got 'deep'",
        "quickstart: failed, TypeError: test_a_planner_that_says_nothing_of_itself.<locals>.mute() missing 1 required"
        " keyword-only argument: 'size'",
    ]


def test_options_that_cannot_be_checked() -> None:
    """By two stars, or with a type that is none."""

    def greedy(model: Model, device: Device, budget: Budget, *, size: "Nothing" = 1, **more: object) -> Plan:  # noqa: F821
        """Take anything."""
        return wrx(model, device, budget)

    assert breaches(greedy) == [
        "it takes options by **, so that a mistyped one cannot be found; name each of them",
        "its annotations cannot be read, NameError: name 'Nothing' is not defined",
    ]


def meddling(model: Model, device: Device, budget: Budget) -> Plan:
    """Change what it was given."""
    model.distortion.values[2] = 0.0
    return wrx(model, device, budget)


def greedy(model: Model, device: Device, budget: Budget) -> Plan:
    """Keep more than the buffer holds."""
    return wrx(model, device, budget._replace(preload_bytes=10**9))


def late(model: Model, device: Device, budget: Budget) -> Plan:
    """Promise what it does not keep."""
    return wrx(model, device, budget._replace(target_latency_ns=2 * budget.target_latency_ns))


def silent(*_: object) -> Plan:
    """Say nothing."""
    raise InfeasibleError("impossible")


def wrong(*_: object) -> Plan:
    """Blame the machine."""
    raise ExecutionError("3 ms too short")


def choosy(*_: object) -> Plan:
    """Refuse everything."""
    raise InputError("bitwidth: must be 7")


def failing(*_: object) -> Plan:
    """Fail."""
    raise ValueError("no luck")


def shapeless(*inputs: object) -> Plan:
    """Return nonsense."""
    return replace(wrx(*inputs), layers=None)


BREACHES = [
    (meddling, "changes the model that it is given; what it wants changed it must copy"),
    (greedy, "illegal plan: preload and retain hold "),
    (late, "inference 0 misses the target of 200.0 ms by "),
    (silent, "where no plan fits it must say what is short, and by how much; it says only 'impossible'"),
    (wrong, "where no plan fits it must raise InfeasibleError, not ExecutionError: 3 ms too short"),
    (choosy, "it is made for none of the scenarios; of the first it says 'bitwidth: must be 7'"),
    (failing, "failed, ValueError: no luck; look at test_planner_contract.py, line "),
    (shapeless, "its plan is not of the form that edgesim.Plan describes, TypeError: 'NoneType' object is not iter"),
]  # fmt: skip


@pytest.mark.parametrize("here", [False, True], ids=["outside", "here"])
@pytest.mark.parametrize(("planner", "says"), BREACHES, ids=[row[0].__name__ for row in BREACHES])
def test_each_breach_is_a_sentence(
    planner: Callable[..., Plan], says: str, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the planner runs in a process of its own, or in this one for a debugger."""
    if here:
        monkeypatch.setenv(SECONDS, "0")
    found = breaches(planner)
    assert len(found) == 1
    assert planner is choosy or found[0].startswith("quickstart: ")
    assert says.removeprefix("failed, " if here else "") in found[0]


def called_before(note: Path) -> bool:
    """Tell whether this was called before, in whatever process."""
    before = note.exists()
    note.touch()
    return before


def test_two_answers_to_one_question(tmp_path: Path) -> None:
    """Asked twice it must answer the same, be that a plan or that there is none."""

    def fickle(model: Model, device: Device, budget: Budget) -> Plan:
        """Plan with another bitwidth next time."""
        return wrx(model, device, budget, upgrade_to=2 if called_before(tmp_path / "fickle") else 32)

    def moody(model: Model, device: Device, budget: Budget) -> Plan:
        """Plan once."""
        if called_before(tmp_path / "moody"):
            raise InfeasibleError("1 plan is enough")
        return wrx(model, device, budget)

    plan = "quickstart: asked twice, it answers a plan of 3 layers and 5105544 B to read and "
    assert breaches(fickle)[0].startswith(f"{plan}a plan of 3 layers and ")
    assert breaches(moody) == [f"{plan}'InfeasibleError: 1 plan is enough'"]


def test_loads_that_are_faster_than_the_model_s_records_allow() -> None:
    """Shards that do not lie side by side are not read as if they did."""
    model = toy_model(shards=4, bitwidths=(2,), records=SCATTERED)
    scenario = toy_scenario(model, toy_device(read={"latency": "9 ns", "bandwidth": "1 GB/s"}), target_ns=10_000)

    def joined(model: Model, device: Device, budget: Budget) -> Plan:
        """Read each layer in one piece."""

        def plans(submodel: Submodel) -> list[Plan]:
            rows = [tuple(shard for shard, _ in row) for row in submodel.rows]
            sizes = [sum(model.records.placed[*shard, 2][1] for shard in row) for row in rows]
            loads = tuple(Load(row, size, (size,)) for row, size in zip(rows, sizes, strict=True))
            return [Plan(submodel.layers, submodel.slices, submodel.bitwidths, loads=loads)]

        return best(model, device, budget, 2, plans)

    assert breaches(joined, scenario) == [
        "toy: its load of [(0, 0), (0, 1), (0, 2), (0, 3)] has extents [51], but these shards are read as [40, 11];"
        " edgesim.cost.request makes such loads",
    ]


def test_of_many_breaches_the_first_are_told() -> None:
    """Twenty, and how many more."""
    found = breaches(failing, *map(random_scenario, range(30)))
    assert len(found) == 21
    assert found[0].startswith("random_scenario(0): failed, ValueError: no luck")
    assert found[-1] == "and 10 more"


def test_what_is_kept_is_told() -> None:
    """How many plans, which ignore the buffers, and how long planning took: reported, not asserted."""
    kept = planner_contract("preload_model", ["quickstart"], random=5)
    assert (kept.scenarios, kept.plans, kept.ignoring_buffers) == (6, kept.plans, kept.plans)
    assert str(kept).startswith(f"preload_model keeps the contract on 6 scenarios: {kept.plans} plans, {kept.plans} of")
    assert str(kept).endswith(f" at most ({kept.longest_on})")
    assert "buffers" not in str(planner_contract(std_pipeline, ["quickstart"], random=3))


def test_random_scenarios_are_the_same_for_the_same_seed() -> None:
    """And of every kind: with plans and without, on one lane and several, with buffers and without."""
    drawn = [random_scenario(seed) for seed in range(100)]
    assert drawn == [random_scenario(seed) for seed in range(100)]
    assert {scenario.device.storage.lanes for scenario in drawn} == {1, 2, 3, 4}
    assert {scenario.load_buffer_bytes is None for scenario in drawn} == {True, False}
    assert {scenario.model.records is None for scenario in drawn} == {True, False}
    assert [scenario.name for scenario in drawn[:2]] == ["random_scenario(0)", "random_scenario(1)"]


def test_public_names_of_testing_can_be_used() -> None:
    """Those of its list, each with a docstring, and no other."""
    assert edgesim.testing.__all__ == sorted(edgesim.testing._HOMES)
    assert all(getattr(edgesim.testing, name).__doc__ for name in edgesim.testing.__all__)
    with pytest.raises(AttributeError, match=r"module 'edgesim\.testing' has no attribute 'nothing'"):
        edgesim.testing.nothing  # noqa: B018  (looking is the point)
