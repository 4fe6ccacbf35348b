"""Days of a memory that apps share: what is drawn, who is killed how often, and the books."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from pressed import APP, CROWD, DAY, MB, Session, a_day, launches

from edgesim.backends.simulated.memory import CLOSED, EVICTED, LAUNCHED, REFUSED


@settings(max_examples=20)
@given(st.integers(0, 1900), st.integers(0, 10**6))
def test_launches_do_not_depend_on_what_apps_hold(held_mb: int, seed: int) -> None:
    """Common random numbers: whatever an app holds, others come at the same times and ask for as much."""
    assert launches(a_day(held_mb * MB, seed)) == launches(a_day(0, seed))


def test_each_distribution_has_draws_of_its_own() -> None:
    """Another law for times, sizes or the front leaves what the others draw as it was; another seed does not."""
    usual = launches(a_day(0, 1))
    assert launches(a_day(0, 1, others=CROWD | {"foreground": "7 s"})) == usual
    regular = launches(a_day(0, 1, others=CROWD | {"launches": "6 min"}))
    assert [n_bytes for *_, n_bytes in regular] == [n_bytes for *_, n_bytes in usual[: len(regular)]]
    assert [at for at, *_ in launches(a_day(0, 1, others=CROWD | {"memory": "9 MB"}))] == [at for at, *_ in usual]
    assert launches(a_day(0, 2)) != usual


def test_the_same_seed_gives_the_same_day() -> None:
    """Everything that is noted is the same, and so are the counts."""
    first, second = a_day(400 * MB, 5), a_day(400 * MB, 5)
    assert first.notes == second.notes
    assert first.memory.use == second.memory.use


def test_a_resident_model_is_the_larger_victim() -> None:
    """Among the same others, who keeps more is killed more often; who keeps less than anybody else is passed over."""
    held = (400 * MB, 100 * MB, 5 * MB)
    for seed in range(20):
        resident, buffered, streamed = (a_day(n_bytes, seed).memory.use.evicted_apps for n_bytes in held)
        assert resident > buffered > streamed == 0


def test_a_small_app_is_a_victim_too_where_others_are_small() -> None:
    """Nothing protects an app but that others of its class hold more."""
    small = {"others": CROWD | {"memory": {"uniform": ["20 MB", "600 MB"]}}}
    kills = [(a_day(400 * MB, seed, **small), a_day(5 * MB, seed, **small)) for seed in range(20)]
    resident, streamed = (sum(day.memory.use.evicted_apps for day in days) for days in zip(*kills, strict=True))
    assert resident > 20 * streamed > 0


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 1800), st.integers(0, 20))
def test_a_day_keeps_its_books(seed: int, held_mb: int, at_start: int) -> None:
    """Counts are those of the notes, launches leave not less than nothing, and all bytes are found again."""
    session = a_day(held_mb * MB, seed, others=CROWD | {"at_start": at_start})
    use, counts = session.memory.use, Counter(kind for _, kind, _, _ in session.notes)
    assert use.launches == counts[LAUNCHED] + counts[REFUSED] == len(launches(session))
    assert (use.refused, use.closed) == (counts[REFUSED], counts[CLOSED])
    assert use.evicted_apps == len(session.evicted) == counts[EVICTED] - use.evicted_others
    assert use.lowest_free_bytes >= 0
    came, went = ({name: size for _, name, size in session.noted(*kinds)} for kinds in ((LAUNCHED,), (EVICTED, CLOSED)))
    alive = sum(size for name, size in came.items() if name not in went)
    assert session.memory.free_bytes + alive + session.memory.holds(APP) == 2000 * MB


def test_a_day_costs_few_events() -> None:
    """Per launch at most two: one for its time, one for leaving the front."""
    session, events = Session(others=CROWD), 0
    while session.env.peek() < DAY:
        session.env.step()
        events += 1
    assert session.memory.use.launches > 200
    assert events <= 2 * session.memory.use.launches + 1  # and the start
