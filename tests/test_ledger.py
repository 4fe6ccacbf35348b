"""A long measurement that is killed is taken up again, and never mixed with another."""

import subprocess
import sys
from pathlib import Path

import pytest

from edgesim.errors import InputError
from edgesim.nets.ledger import Ledger


def known(path: Path) -> dict[str, object]:
    """Return what a ledger knows."""
    ledger = Ledger(path, {"of": 1})
    ledger.close(done=False)
    return ledger.known


def test_findings_are_found_again(tmp_path: Path) -> None:
    """What was added is known to the next."""
    path = tmp_path / "l"
    first = Ledger(path, {"of": 1})
    first.add("a", [1.5])
    first.close(done=False)
    assert known(path) == {"a": [1.5]}


def test_a_torn_line_is_dropped(tmp_path: Path) -> None:
    """A kill in the middle of a line costs that finding only, and what follows is whole."""
    path = tmp_path / "l"
    first = Ledger(path, {"of": 1})
    first.add("a", 1)
    first.add("b", 2)
    first.close(done=False)
    path.write_text(path.read_text()[:-5])
    again = Ledger(path, {"of": 1})
    assert again.known == {"a": 1}
    again.add("c", 3)
    again.close(done=False)
    assert known(path) == {"a": 1, "c": 3}


def test_another_measurement_is_refused(tmp_path: Path) -> None:
    """With a sentence that says what to do, and the file untouched."""
    path = tmp_path / "l"
    Ledger(path, {"of": 1}).close(done=False)
    before = path.read_bytes()
    with pytest.raises(InputError, match="was begun with other weights, tasks or options; remove it to begin anew"):
        Ledger(path, {"of": 2})
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["no json\nx\n", '{"of": 1}\n{"key": 1}\n', '{"of": 1}\n[]\n'])
def test_a_damaged_ledger_is_refused(tmp_path: Path, content: str) -> None:
    """Whatever is in it."""
    path = tmp_path / "l"
    path.write_text(content)
    with pytest.raises(InputError, match="remove it to begin anew"):
        Ledger(path, {"of": 1})


def test_a_finding_survives_a_kill(tmp_path: Path) -> None:
    """It is on disk as soon as it was added."""
    path = tmp_path / "l"
    code = (
        "import os, signal, sys; from pathlib import Path; from edgesim.nets.ledger import Ledger;"
        "ledger = Ledger(Path(sys.argv[1]), {'of': 1}); ledger.add('a', 7); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert known(path) == {"a": 7}


def test_what_is_done_leaves_nothing(tmp_path: Path) -> None:
    """The file goes when its findings were written elsewhere."""
    ledger = Ledger(tmp_path / "l", {"of": 1})
    ledger.close(done=True)
    assert list(tmp_path.iterdir()) == []
