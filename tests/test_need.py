"""What is needed for a goal: against exhaustive scans, against files that say so, and what is refused."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random

import pytest

from edgesim.document import Document
from edgesim.errors import EdgesimError, InputError
from edgesim.experiment import run
from edgesim.files import read_scenario, shipped_names
from edgesim.questions.changing import changed
from edgesim.questions.keys import locate
from edgesim.questions.need import need
from edgesim.questions.parts import parts_of, storage_parts
from edgesim.questions.search import Search, edge_of
from edgesim.questions.searchable import searchable
from edgesim.questions.text import need_text
from edgesim.questions.together import SPEEDS
from edgesim.report.text import render
from edgesim.scenario import Scenario
from edgesim.testing.draws import random_scenario
from edgesim.testing.toys import toy_device, toy_model, toy_scenario

TARGET = "target_latency"


def once(seed: int) -> Scenario:
    """Return a random scenario of one inference, whose fidelity is known."""
    drawn = random_scenario(seed)
    return drawn.model_copy(update={"workload": drawn.workload.model_copy(update={"inferences": 1})})


def documents(value: object) -> Iterator[Document]:
    """Yield every document in a value, but for what a sweep tries."""
    if isinstance(value, Document) and type(value).__name__ != "Sweep":
        yield value
        yield from (found for name in type(value).model_fields for found in documents(getattr(value, name)))
    elif isinstance(value, dict | tuple):
        items = value.values() if isinstance(value, dict) else value
        yield from (found for each in items for found in documents(each))


@pytest.mark.parametrize("name", [name for name in shipped_names("scenarios") if name != "plugin-planner"])
def test_a_document_that_is_made_anew_of_its_own_numbers_is_the_same(name: str) -> None:
    """Every unit is found and written exactly: nothing but what is changed changes."""
    for document in documents(read_scenario(name)):
        assert changed(document, {}) == document
        assert changed(document, {("nowhere",): 1}) == document


@pytest.mark.parametrize("more_helps", [True, False])
def test_a_search_among_integers_finds_the_edge_that_a_scan_finds(more_helps: bool) -> None:
    """In 400 ranges with the edge anywhere, or nowhere."""
    random = Random(7)
    for _ in range(400):
        most = random.randint(1, 300)
        edge = random.randint(0, most + 1)

        def reaches(value: int, edge: int = edge) -> bool:
            return value >= edge if more_helps else value < edge

        search = Search(reaches, precision=0)
        found, scan = search.between(0, most), edge_of({value: reaches(value) for value in range(most + 1)})
        assert (found.answer, found.fails, found.monotone) == (scan.answer, scan.fails, True)
        assert len(search.tried) < 40


@pytest.mark.parametrize("own", [1, 83_440_000, 10**12])
@pytest.mark.parametrize("edge", [1, 999, 47_123_456, 3 * 10**13])
def test_a_search_without_limits_finds_an_edge_near_or_far(own: int, edge: int) -> None:
    """Up to 65,536 times away it is found to the precision asked; nothing further is claimed."""
    found = Search(lambda value: value >= edge, 0, 0.01).around(own, 1)
    if own * 65_536 < edge:
        assert found.answer is None
        return
    assert found.answer is not None
    assert found.fails is not None
    assert found.fails < edge <= found.answer
    assert found.answer - found.fails <= max(1, found.answer // 100)
    assert found.monotone


def test_what_contradicts_one_edge_is_told() -> None:
    """A gap above the edge is met by one of the points beyond it, and named; from its end on all is safe."""
    found = Search(lambda value: value >= 1000 and not 1100 < value < 1500, 0, 0).between(0, 5000)
    assert (found.answer, found.fails, found.monotone) == (1000, 999, False)
    assert found.exceptions
    assert all(1100 < value < 1500 for value in found.exceptions)
    assert found.safe is not None
    assert found.safe >= 1500


SCANS = [(3, "preload_buffer", 0, 60), (10, "load_buffer", 10, 100),
         (24, TARGET, 630, 690), (45, "preload_buffer", 0, 60), (14, "load_buffer", 0, 50), (27, TARGET, 462, 500),
         (49, TARGET, 110, 170), (86, "preload_buffer", 0, 40)]  # fmt: skip


@pytest.mark.parametrize(("seed", "key", "low", "high"), SCANS)
def test_the_answer_is_that_of_an_exhaustive_scan(seed: int, key: str, low: int, high: int) -> None:
    """Where the scan has one edge it is the answer; else the answer is an edge, and only what fails is an exception."""
    scenario, scan = once(seed), dict[int, float]()
    located = locate(scenario, key)
    for value in range(low, high + 1):
        try:
            metrics = run(next(located.put(scenario, value)), "wrx").metrics
            scan[value] = (metrics.fidelity or 0.0) if metrics.meets_target else 0.0
        except EdgesimError:
            scan[value] = 0.0
    levels = sorted({fidelity for fidelity in scan.values() if fidelity})
    fidelity = levels[len(levels) // 2]
    reached = {value: found >= fidelity for value, found in scan.items()}
    (answer,) = need(scenario, key, fidelity=fidelity, between=(low, high), precision=0).answers
    edge, whole = answer.edge, edge_of(reached)
    assert {probe.value: probe.reached for probe in answer.probes}.items() <= reached.items()
    assert edge == edge_of({probe.value: probe.reached for probe in answer.probes})
    if whole.monotone:
        assert (edge.answer, edge.fails, edge.more_helps) == (whole.answer, whole.fails, whole.more_helps)
    else:
        assert edge.answer is not None
        assert reached[edge.answer]
        assert edge.fails is None or (abs(edge.answer - edge.fails) == 1 and not reached[edge.fails])
        assert not any(reached[value] for value in edge.exceptions)


def test_a_planner_that_is_not_monotone_is_said_to_be_so() -> None:
    """WRX gets worse with more of a load buffer in this scenario; the text says what the answer then means."""
    found = need(once(14), "load_buffer", fidelity=0.82, between=(0, 50), precision=0)
    (answer,) = found.answers
    assert not answer.edge.monotone
    assert all(not answer.probe(value).reached for value in answer.edge.exceptions)
    text = render(need_text(found)).replace("\n", " ")
    assert "wrx is not monotone: " in text
    assert "no bound" in text


def test_files_with_the_two_values_of_the_edge_say_the_same() -> None:
    """A bandwidth is set in the profile itself: the answer reaches the goal, the value below it does not."""
    found = need("quickstart", "storage.read.bandwidth", fidelity=0.1)
    (answer,) = found.answers
    edge = answer.edge
    assert edge.answer is not None
    assert edge.fails is not None
    assert 0 < edge.answer - edge.fails <= edge.answer // 100
    for value, reached in ((edge.answer, True), (edge.fails, False)):
        metrics = run(read_scenario("quickstart", {"storage.read.bandwidth": f"{value} B/s"})).metrics
        probe = answer.probe(value)
        assert (probe.latency_ns, probe.fidelity) == (metrics.latency_ns, metrics.fidelity)
        assert ((metrics.fidelity or 0) >= 0.1 and metrics.meets_target) is reached
    assert (found.own, found.own_text, found.unit) == (83_440_000, "83.44 MB/s", "B/s")
    assert found.reached
    assert len(found.to_frame()) == len(answer.probes) == len(found.to_dict()["answers"][0]["probes"])


KEYS = {TARGET: "231 ms", "preload_buffer": "1234567 B", "load_buffer": "5 MB", "storage.read.latency": "300 us",
        "processors.cpu.decompress.per_shard": "1.5 ms", "processors.cpu.layer_times[0].time.5": "50 ms",
        "power.cpu": "3.1 W", "resident_bytes.head": "3 MB", "model.activation_bytes": "1 MB"}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_number_that_is_put_is_that_of_a_changed_file(key: str) -> None:
    """The same metrics come of both, for keys of the scenario, of its device and of its model."""
    scenario = read_scenario("quickstart")
    located = locate(scenario, key)
    put = next(located.put(scenario, located.unit.read(KEYS[key], key)))
    assert run(put).metrics == run(read_scenario("quickstart", {key: KEYS[key]})).metrics


def test_of_a_latency_the_largest_is_found() -> None:
    """Less helps; the answer is the most that the flash may take."""
    (answer,) = need("quickstart", "storage.read.latency", fidelity=0.1).answers
    assert not answer.edge.more_helps
    assert answer.edge.answer is not None
    assert answer.edge.fails is not None
    assert answer.edge.fails > answer.edge.answer > 0


def test_how_low_the_target_can_go() -> None:
    """Exactly: a layer of 2 shards takes 200 ns, its shards are read in 20 ns while nothing else happens."""
    (answer,) = need(toy_scenario(toy_model(layers=1, bitwidths=(2,))), TARGET, precision=0).answers
    metrics = run(toy_scenario(toy_model(layers=1, bitwidths=(2,)), target_ns=10**6)).metrics
    assert answer.edge.answer is not None
    assert answer.edge.answer <= metrics.latency_ns
    assert answer.probe(answer.edge.answer).latency_ns == answer.edge.answer


def test_a_table_of_reads_is_searched_by_its_speed() -> None:
    """All rows take 1 / speed as long, rounded up; nothing else changes."""
    scenario = read_scenario("phone-ufs4")
    (answer,) = need(scenario, "flash_speed", fidelity=0.9, between=("10 %", "50 %")).answers
    assert answer.edge.answer is not None
    changes = {where: form for part in storage_parts(scenario) for where, form in part.changes(
        1 / Fraction(answer.edge.answer, 1000)).items()}  # fmt: skip
    metrics = run(changed(scenario, changes)).metrics
    assert metrics.latency_ns == answer.probe(answer.edge.answer).latency_ns
    with pytest.raises(InputError, match="measured as a table; search 'flash_speed'"):
        need(scenario, "bandwidth")


def test_memory_is_shared_between_both_buffers() -> None:
    """Each value is tried in nine ways; what is shown is one of them that reaches the goal."""
    found = need("quickstart", "memory", fidelity=0.103, between=("1 MB", "8 MB"))
    (answer,) = found.answers
    assert answer.edge.answer is not None
    probe = answer.probe(answer.edge.answer)
    assert probe.preload_buffer_bytes is not None
    assert probe.load_buffer_bytes == probe.value - probe.preload_buffer_bytes
    changes = {"preload_buffer": f"{probe.preload_buffer_bytes} B", "load_buffer": f"{probe.load_buffer_bytes} B"}
    metrics = run(read_scenario("quickstart", changes)).metrics
    assert (metrics.latency_ns, metrics.fidelity) == (probe.latency_ns, probe.fidelity)


def test_a_goal_out_of_reach_says_what_limits() -> None:
    """However much is preloaded, the processor is too slow; the text says how far it gets."""
    found = need("quickstart", "preload_buffer", fidelity=0.5, between=("0 B", "200 MB"))
    assert not found.reached
    best = max(probe.fidelity or 0.0 for probe in found.answers[0].probes)
    assert f"In time, fidelity is at most {best:.4f}, with " in " ".join(render(need_text(found)).split())


def test_each_planner_has_a_row() -> None:
    """In the order asked for; by default the scenario's first."""
    labels = ["wrx", "std_pipeline[bitwidth=2]"]
    found = need("paper-odroid-200ms", "preload", target="210 ms", planners=labels, between=(0, 10**6))
    assert [answer.planner for answer in found.answers] == labels
    assert [answer.planner for answer in need("minilm-package", "preload", between=(0, 10**6)).answers] == ["wrx"]


def test_memory_may_be_part_of_the_goal() -> None:
    """A peak that only small buffers keep to bounds the preload buffer from above."""
    (answer,) = need("paper-odroid-200ms", "preload_buffer", memory="125 MB").answers
    assert not answer.edge.more_helps
    assert answer.edge.answer is not None
    assert (answer.probe(answer.edge.answer).peak_memory_bytes or 0) <= 125 * 10**6


def test_of_a_session_a_share_of_inferences_is_asked_for() -> None:
    """All of them unless said: the first, on a cold start, is late, the other nine are not."""
    scenario = toy_scenario(toy_model(layers=1), toy_device(), preload=500, inferences=10, start="cold")
    metrics = run(scenario.model_copy(update={"target_latency_ns": 10**6})).metrics
    assert metrics.latency_p50_ns < metrics.latency_ns
    low = need(scenario, TARGET, met=0.9, between=(1, 10**4), precision=0).answers[0].edge.answer
    all_met = need(scenario, TARGET, between=(1, 10**4), precision=0).answers[0].edge.answer
    assert low is not None
    assert all_met is not None
    assert low < all_met


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: need("quickstart", "storge.read.latency"), "did you mean 'storage.read.latency'"),
    (
        lambda: need("quickstart", "storge.read"),
        r"^storge\.read: unknown key; did you mean 'storage\.read\.bandwidth' or 'storage\.read\.latency'\? known: ac",
    ),
    (lambda: need("quickstart", "storage.read.bandwith"), "did you mean 'storage.read.bandwidth'"),
    (
        lambda: need("quickstart", "storage.read"),
        "no quantity that can be searched; known below it: storage.read.bandwidth, storage",
    ),
    (lambda: need("quickstart", "name"), "no quantity that can be searched"),
    (lambda: need("quickstart", "outlier_fraction"), "no quantity that can be searched"),
    (lambda: need("quickstart", "processors.cpu.hand_off.time"), "has no 'device.processors.cpu.hand_off'"),
    (
        lambda: need("quickstart", "memory.capacity"),
        "memory.capacity: moves nothing in quickstart, it simulates no memory pressure; write 'conditions: {memory: ",
    ),
    (lambda: need("pressure", "memory.capacity"), "apps share 'conditions.memory.for_apps', search that"),
    (lambda: need("engagements", "workload.gap"), "is left to chance"),
    (lambda: need("quickstart", "preload", fidelity=1.5), "fidelity: must be from 0 to 1, got 1.5"),
    (
        lambda: need("quickstart", "preload", between=("2 MB", "1 MB")),
        "a smaller and a larger value, got 2 MB and 1 MB",
    ),
    (lambda: need("quickstart", "preload", between=("2", "1 MB")), "between: needs a unit, got 2"),
    (lambda: need("quickstart", "preload", precision=1), "precision: must be at least 0 % and below 100 %, got 100 %"),
    (lambda: need("quickstart", "target", target="100 ms"), "target: is what is searched"),
    (lambda: need("quickstart", "preload", target="100"), "target: needs a unit"),
    (lambda: need("quickstart", "preload", target="0 ms"), "target: must be above 0 ms, got 0 ms"),
    (lambda: need("quickstart", "preload", accuracy=0.5), "has no measured accuracy; ask for fidelity"),
    (lambda: need("quickstart", "memory", memory="1 MB"), "memory: is what is searched"),
    (lambda: need("replan", "memory"), "has a preload buffer that changes"),
    (lambda: need(toy_scenario(), "preload", fidelity=0.5), "gives no distortion, so that fidelity is unknown"),
    (lambda: need("quickstart", "preload", between=(0, 9), planners=["wrx[nonsense=1]"]), "nonsense"),
]


@pytest.mark.parametrize(("asked", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_cannot_be_asked_is_said_in_one_line(asked: Callable[[], object], says: str) -> None:
    """With what is known, or what to do."""
    with pytest.raises(InputError, match=says.replace("(", r"\(")) as error:
        asked()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("own", [1, 5, 83_440_000, 4 * 10**6, 2**40, 2**53])
def test_how_far_is_searched_is_a_number_of_few_digits(own: int) -> None:
    """Rounded outward."""
    search = Search(lambda value: False)
    search.around(own, 1)
    low, high = min(search.tried), max(search.tried)
    assert low == 0
    assert len(str(high).rstrip("0")) <= 2 or high == own
    assert high >= min(own * 65_536, 9 * 10**15)
    assert {len(str(value).rstrip("0")) <= 4 for value in search.tried if value != own} == {True}


@pytest.mark.parametrize("name", ["quickstart", "phone-ufs4", "executed-minilm", "reply"])
def test_a_part_that_is_scaled_by_one_is_as_it_was(name: str) -> None:
    """What is scaled stands where it is said to; rows of a table keep their times, whatever they were written as."""
    scenario = read_scenario(name)
    for part in parts_of(scenario):
        if scenario.model.decoder and part.key == "parameters_per_shard":
            continue  # they are those of its geometry
        again = changed(scenario, part.changes(Fraction(1)))
        assert again.device.storage.points == scenario.device.storage.points
        kept = again.device.model_copy(update={"storage": scenario.device.storage})
        assert again.model_copy(update={"device": kept if scenario.device.storage.points else again.device}) == scenario
        assert changed(scenario, part.changes(Fraction(9, 10))) != scenario


def test_a_device_s_memory_is_searched_where_apps_share_all_of_it() -> None:
    """Memory pressure without a size of its own is the device's."""
    limited = read_scenario("pressure")
    assert limited.conditions.memory is not None
    memory = limited.conditions.memory.model_copy(update={"for_apps": None})
    conditions = limited.conditions.model_copy(update={"memory": memory})
    shared = limited.model_copy(update={"conditions": conditions})
    assert locate(shared, "memory.capacity").value == 4 * 10**9
    assert "memory.capacity" in searchable(shared)
    assert "memory.capacity" not in searchable(read_scenario("quickstart"))


def test_what_a_message_lists_can_be_searched() -> None:
    """Of a mistyped key, and of one that is no number: each that is listed is found, by its short name as well."""
    scenario = read_scenario("quickstart")
    for key in ("flash_sped", "conditions", "process", "storage.read.bandwith"):
        with pytest.raises(InputError, match=f"^{key}: ") as error:
            need(scenario, key, fidelity=0.1)
        listed = str(error.value).partition("known: ")[2].split(", ")
        assert len(listed) > 10
        for known in listed:
            assert known in (*SPEEDS, "memory") or locate(scenario, known).unit.factors, known


def test_no_search_tries_what_cannot_be() -> None:
    """Flash of more than a hundred times the speed, or buffers beyond all memory; but what is asked for is tried."""
    speeds, buffer = (need("quickstart", find, fidelity=0.9).answers[0].probes for find in ("flash_speed", "preload"))
    assert speeds[-1].text == "10000 %"
    assert buffer[-1].text == "4 GB"
    far = need("quickstart", "flash_speed", fidelity=0.9, between=("100 %", "200000 %"))
    assert far.answers[0].probes[-1].text == "200000 %"
