"""What `need` and `sensitivity` are asked with: several ways to write the same, and mistakes in one sentence."""

from typing import Any

import numpy as np
import pytest

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.questions.need import need

MEANT: list[dict[str, Any]] = [
    {"fidelity": "0.103"}, {"fidelity": "10.3 %"}, {"met": "100 %"}, {"planners": "wrx"}, {"precision": "1 %"},
    {"planners": PlannerChoice(name="wrx")}, {"memory": 120e6}, {"memory": "120 MB"}, {"target": 2e8},
    {"between": ["0 B", 10**6]}, {"fidelity": np.float32(0.5)}, {"memory": np.int64(120_000_000)},
]  # fmt: skip


@pytest.mark.parametrize("options", MEANT, ids=str)
def test_numbers_may_be_texts_and_one_planner_need_not_be_in_a_list(options: dict[str, Any]) -> None:
    """What is meant is asked, as if it had been written in the usual way."""
    usual = {"between": (0, 10**6), "planners": ["wrx"]}
    plain = {"fidelity": 0.103, "memory": 120_000_000, "target": 200_000_000, "met": 1.0, "precision": 0.01}
    same = {name: plain[name] for name in options if name in plain}
    if "fidelity" in options and not isinstance(options["fidelity"], str):
        same["fidelity"] = 0.5
    found, wanted = (need("quickstart", "preload", **(usual | each)) for each in (options, same))
    assert (found.goal, found.precision, found.answers) == (wanted.goal, wanted.precision, wanted.answers)


def test_an_exact_precision_may_be_said_in_words() -> None:
    """As on the command line."""
    assert need("quickstart", "preload", between=(0, 9), precision="exact").precision == 0


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"fidelity": "much"}, "fidelity: must be a number from 0 to 1, got 'much'"),
    ({"fidelity": [0.1]}, "fidelity: must be a share such as '5 %' or 0.05, got [0.1]"),
    ({"accuracy": "90"}, "accuracy: must be from 0 to 1, got 90"),
    ({"met": "0.9"}, "met: must be a share such as '5 %', got 0.9"),
    ({"met": float("nan")}, "met: must be a share such as '5 %' or 0.05, got nan"),
    ({"between": ("1 MB/s",)}, "between: must be two values, a smaller and a larger one, got ('1 MB/s',)"),
    ({"between": "1 MB"}, "between: must be two values, a smaller and a larger one, got '1 MB'"),
    ({"between": ()}, "between: must be two values, a smaller and a larger one, got ()"),
    ({"between": (0.5, 9)}, "between: must be '1 MB' or a whole number of B, got 0.5"),
    ({"between": (-1, 9)}, "between: must be from 0 to 2**53, got -1"),
    ({"memory": [1]}, "memory: must be '1 MB' or a whole number of B, got [1]"),
    ({"target": True}, "target: must be '1 ms' or a whole number of ns, got True"),
    ({"planners": [5]}, "planners: must be a label such as 'std_pipeline[bitwidth=6]', got 5"),
    ({"planners": 5}, "planners: must be a label such as 'std_pipeline[bitwidth=6]', got 5"),
    ({"precision": "often"}, "precision: must be a share such as '5 %', got often"),
]


@pytest.mark.parametrize(("options", "says"), MISTAKES, ids=[says for _, says in MISTAKES])
def test_an_option_of_another_kind_is_one_sentence(options: dict[str, Any], says: str) -> None:
    """Not Python's complaint about types."""
    with pytest.raises(InputError) as error:
        need("quickstart", "preload", **options)
    assert str(error.value) == says


def test_a_key_of_another_kind_is_one_sentence() -> None:
    """As options are."""
    with pytest.raises(InputError, match="find: must be the key of a number such as 'preload_buffer', got 5"):
        need("quickstart", 5)  # type: ignore[arg-type]
