"""The loader's own process: it maps the shared memory, opens the files, and does one job after another.

Each line on standard input is a request in JSON, each line on standard output its answer. The process ends with its
standard input, and with the process that started it, which sees to it that Ctrl-C does not reach it.
"""

import json
import mmap
import sys
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Any

from edgesim.backends.real.jobs import Job, Read, Step
from edgesim.backends.real.lanes import perform
from edgesim.backends.real.loading import Loader, StoppedError
from edgesim.backends.real.reader import open_file, read_facts, refusal
from edgesim.host.placement import die_with_listener, die_with_parent, placed


def main(parent: int, by_main_thread: bool) -> None:
    """Serve until standard input ends, or the process that has that number.

    Parameters
    ----------
    parent
        Process that started this one.
    by_main_thread
        It was started by the thread that the process ends with; the kernel could only tell the end of the thread.
    """
    if by_main_thread:
        die_with_parent(parent)
    die_with_listener()
    sys.setswitchinterval(1e-4)  # lanes are threads: none may keep the others from issuing
    requests = takewhile(lambda line: line.endswith("\n"), sys.stdin)  # half a line: the starter has ended
    if (line := next(requests, None)) is None:
        return
    setup = json.loads(line)
    with placed(setup["cpu"], setup["realtime"]) as placement:
        try:
            loader = _loader(setup, parent)
        except OSError as error:
            _refuse(error)
            return
        _say(read_facts(loader.files) | {"placement": asdict(placement)})
        for line in requests:
            _serve(loader, json.loads(line))


def _loader(setup: dict[str, Any], parent: int) -> Loader:
    memory = memoryview(mmap.mmap(setup["memory"], setup["bytes"]))
    words, arena = memory[: setup["control"]].cast("q"), memory[setup["control"] :]
    files = [open_file(Path(path), setup["direct"]) for path in setup["files"]]
    return Loader(words, arena, files, setup["spins"], parent)


def _serve(loader: Loader, request: dict[str, Any]) -> None:
    job = parse(request["job"])
    reads = loader.prepare(job)
    _say({"ready": True})
    try:
        overruns = perform(loader, job, request["number"], reads)
    except OSError as error:
        _refuse(error)
    except StoppedError:
        sys.exit(0)
    else:
        _say({"overruns": overruns})


def parse(job: list[Any]) -> Job:
    """Turn a job that came as JSON back into what it was."""
    steps, lanes = job
    return Job(
        tuple(
            Step(room, after, tuple(Read(layer, offset, tuple(map(tuple, places))) for layer, offset, places in reads),
                 tuple(emulated))
            for room, after, reads, emulated in steps
        ),
        lanes,
    )  # fmt: skip


def _refuse(error: OSError) -> None:
    refused = refusal(error)
    _say({"refused": str(refused), "exit_code": refused.exit_code})


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
