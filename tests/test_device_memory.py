"""The memory of a simulated device: claims, other apps, and kills."""

import pytest
from numpy.random import PCG64, Generator
from pressed import APP, IDLE, MB, MINUTE, SECOND, Session

from edgesim.backends.simulated.clock import Clock
from edgesim.backends.simulated.memory import CLOSED, EVICTED, LAUNCHED, OVERCOMMITTED, REFUSED, DeviceMemory
from edgesim.pressure import MemoryPressure

EVERY_MINUTE = {"launches": "1 min", "memory": "250 MB", "foreground": "10 s"}


def test_claims_set_what_an_app_holds() -> None:
    """A claim replaces the one before, and what is released is free."""
    memory = Session().memory
    memory.claim(APP, 100 * MB, IDLE, killable=True)
    memory.claim("camera", 50 * MB, 0, killable=False)
    memory.claim(APP, 30 * MB, IDLE, killable=True)
    assert (memory.holds(APP), memory.holds("camera"), memory.free_bytes) == (30 * MB, 50 * MB, 920 * MB)
    memory.release(APP)
    memory.release(APP)
    assert (memory.holds(APP), memory.free_bytes) == (0, 950 * MB)


def test_a_claim_evicts_others_at_once() -> None:
    """An app that serves drives out the larger of two idle ones; that is told once it holds nothing."""
    session = Session()
    session.memory.claim("small", 200 * MB, IDLE, killable=True)
    session.memory.claim("large", 400 * MB, IDLE, killable=True)
    session.memory.claim(APP, 250 * MB, 0, killable=False)
    assert session.evicted == ["large"]
    assert [session.memory.holds(name) for name in ("small", "large", APP)] == [200 * MB, 0, 250 * MB]
    assert session.notes == [(0, EVICTED, "large", 400 * MB)]


def test_a_killable_claim_may_cost_its_own_life() -> None:
    """Who goes idle with more than the watermark leaves is the largest of its class, and dies; while it served, not."""
    session = Session()
    session.memory.claim(APP, 800 * MB, IDLE, killable=False)
    assert session.evicted == []
    session.memory.claim(APP, 750 * MB, IDLE, killable=True)
    assert session.evicted == [APP]
    assert session.memory.free_bytes == 1000 * MB


def test_a_claim_beyond_all_memory_is_granted_and_counted_once() -> None:
    """What serves gets what it needs; going on with as much or less is no further overcommit."""
    session = Session()
    for n_bytes in (1001 * MB, 1001 * MB, 1000 * MB + 1):
        session.memory.claim(APP, n_bytes, 0, killable=False)
    use = session.memory.use
    assert (use.overcommits, use.lowest_free_bytes) == (1, -1 * MB)
    assert session.noted(OVERCOMMITTED) == [(0, APP, 1 * MB)]


def test_nobody_holds_less_than_nothing() -> None:
    """A negative claim is a mistake of the caller."""
    with pytest.raises(ValueError, match="cannot hold -1 B"):
        Session().memory.claim(APP, -1, 0, killable=False)


def test_a_memory_must_have_a_size() -> None:
    """Without a device there is no default."""
    pressure = MemoryPressure()
    with pytest.raises(ValueError, match="for_apps"):
        DeviceMemory(Clock(), pressure, Generator(PCG64(0)), str, lambda *_: None)


def test_others_come_leave_the_front_and_die_when_memory_runs_low() -> None:
    """Every minute an app takes 250 MB; after 10 s it is cached with all of it, and the first to be killed."""
    session = Session(others=EVERY_MINUTE)
    session.until(4 * MINUTE)
    assert session.noted(LAUNCHED) == [(number * MINUTE, f"other {number}", 250 * MB) for number in (1, 2, 3)]
    assert session.noted(EVICTED) == [(3 * MINUTE, "other 1", 250 * MB)]
    session.memory.claim(APP, 201 * MB, 0, killable=False)
    assert session.noted(EVICTED)[1:] == [(4 * MINUTE, "other 2", 250 * MB)]


def test_who_is_in_front_is_spared_until_it_leaves() -> None:
    """Free memory between two watermarks kills who is cached, not who is in front; it dies when it leaves."""
    session = Session(others=EVERY_MINUTE)
    session.memory.claim(APP, 600 * MB, 0, killable=False)
    session.until(MINUTE + 9 * SECOND)
    assert session.memory.free_bytes == 150 * MB
    assert session.noted(EVICTED) == []
    session.until(MINUTE + 11 * SECOND)
    assert session.noted(EVICTED) == [(MINUTE + 10 * SECOND, "other 1", 250 * MB)]


def test_the_next_launch_sends_who_is_in_front_to_the_back() -> None:
    """One app is in front at a time, however long it would have stayed."""
    session = Session(others=EVERY_MINUTE | {"foreground": "1 h"})
    session.until(3 * MINUTE + 1)
    assert session.noted(EVICTED) == [(3 * MINUTE, "other 1", 250 * MB)]


def test_a_launch_without_room_is_refused_once_everybody_is_gone() -> None:
    """All who may be killed are; what is left is too little, and the app that serves stays."""
    session = Session(others=EVERY_MINUTE)
    session.memory.claim("idle", 100 * MB, IDLE, killable=True)
    session.memory.claim(APP, 800 * MB, 0, killable=False)
    session.until(2 * MINUTE)
    assert session.noted(REFUSED) == [(MINUTE, "other 1", 250 * MB)]
    assert session.evicted == ["idle"]
    assert session.memory.free_bytes == 200 * MB
    assert session.memory.use[:2] == (1, 1)


def test_a_launch_that_only_its_own_death_could_relieve_is_refused() -> None:
    """It would leave less than the lowest watermark, where who is in front may be killed."""
    session = Session(others=EVERY_MINUTE)
    session.memory.claim(APP, 711 * MB, 0, killable=False)
    session.until(2 * MINUTE)
    assert [kind for _, kind, _, _ in session.notes] == [REFUSED]
    assert session.memory.free_bytes == 289 * MB


def test_a_launch_without_room_is_refused_where_no_watermark_kills_it() -> None:
    """Who is in front may not be killed here, but there are no bytes for it; all that there is may be taken."""
    session = Session(others=EVERY_MINUTE, watermarks={900: "300 MB"})
    session.memory.claim(APP, 750 * MB + 1, 0, killable=False)
    session.until(MINUTE + 1)
    assert session.noted(REFUSED) == [(MINUTE, "other 1", 250 * MB)]
    session.memory.claim(APP, 750 * MB, 0, killable=False)
    session.until(2 * MINUTE + 1)
    assert session.memory.free_bytes == 0


def test_of_too_many_others_the_oldest_ends() -> None:
    """It is closed, not killed."""
    session = Session(others=EVERY_MINUTE | {"memory": "1 MB", "most": 2})
    session.until(4 * MINUTE)
    assert session.noted(CLOSED) == [(3 * MINUTE, "other 1", MB)]
    assert session.memory.free_bytes == 998 * MB
    assert session.memory.use.evicted_others == 0


def test_others_may_be_there_at_the_start() -> None:
    """They are launched before anything is claimed, and all are cached."""
    session = Session(others=EVERY_MINUTE | {"at_start": 2})
    assert session.memory.free_bytes == 500 * MB
    session.memory.claim(APP, 650 * MB, 0, killable=False)
    assert session.noted(EVICTED) == [(0, "other 1", 250 * MB), (0, "other 2", 250 * MB)]
    session.until(MINUTE + 1)
    assert session.noted(LAUNCHED)[-1][:2] == (MINUTE, "other 3")


def test_time_below_each_watermark_is_counted() -> None:
    """Of 80, 50 and 250 MB for 1, 3 and 3 s the second is below two watermarks; a watermark is not below itself."""
    session = Session()
    for held, seconds in ((700, 2), (920, 1), (950, 3), (750, 3)):
        session.memory.claim(APP, held * MB, 0, killable=False)
        session.until(session.env.now + seconds * SECOND)
    assert session.memory.use.below_ns == {900: 7 * SECOND, 200: 3 * SECOND, 0: 0}
    assert session.memory.use.lowest_free_bytes == 50 * MB
