"""The pytest plugin: the fixture ``edgesim``, and the option that records golden files.

It is loaded in every pytest run wherever edgesim is installed: nothing else is imported before a test uses it.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from edgesim.testing.golden import Golden


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--edgesim-record``."""
    group = parser.getgroup("edgesim", "edgesim: plans and metrics as golden files")
    text = "write the golden files of the tests that run, instead of comparing with them"
    group.addoption("--edgesim-record", action="store_true", help=text)


@pytest.fixture
def edgesim(request: pytest.FixtureRequest) -> "Golden":
    """Compare plans and metrics with golden files: ``edgesim.check("scenario.yaml", planner="mine")``."""
    from edgesim.testing.golden import Golden

    record = bool(request.config.getoption("--edgesim-record"))
    accept = f"pytest --edgesim-record '{request.node.nodeid}'"
    return Golden(request.path.parent, request.config.rootpath, record=record, accept=accept)
