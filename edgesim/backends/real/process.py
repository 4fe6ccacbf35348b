"""The loader's own process: it maps the shared memory, opens the files, and does one job after another.

Each line on standard input is a request in JSON, each line on standard output its answer. The process ends with its
standard input, and with the process that started it.
"""

import json
import mmap
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgesim.backends.real.jobs import Job, Read, Step
from edgesim.backends.real.loading import Loader, StoppedError
from edgesim.backends.real.reader import ShortReadError, open_file
from edgesim.host.placement import die_with_parent, placed


def main(parent: int) -> None:
    """Serve until standard input ends, or the process that has that number."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to everyone; who waits for this process ends it
    sys.setswitchinterval(1e-4)  # lanes are threads: none may keep the others from issuing
    setup = json.loads(sys.stdin.readline())
    with placed(setup["cpu"], setup["realtime"]) as placement:
        try:
            loader = _loader(setup)
        except OSError as error:
            _say(_failure(error))
            return
        answer = {"direct": all(file.direct for file in loader.files), "placement": asdict(placement)}
        _say(answer | {"why_not": next((file.why_not for file in loader.files if file.why_not), None)})
        for line in sys.stdin:
            _serve(loader, json.loads(line))


def _loader(setup: dict[str, Any]) -> Loader:
    memory = memoryview(mmap.mmap(setup["memory"], setup["control"] + setup["arena"]))
    words, arena = memory[: setup["control"]].cast("q"), memory[setup["control"] :]
    files = [open_file(Path(path), setup["direct"]) for path in setup["files"]]
    return Loader(words, arena, files, setup["spins"])


def _serve(loader: Loader, request: dict[str, Any]) -> None:
    job = parse(request["job"])
    reads = loader.prepare(job)
    _say({"ready": True})
    try:
        loader.run(job, request["number"], reads)
    except OSError as error:
        _say(_failure(error))
    except StoppedError:
        sys.exit(0)
    else:
        _say({"overruns": loader.overruns})


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


def _failure(error: OSError) -> dict[str, object]:
    short = isinstance(error, ShortReadError)
    return {"failed": str(error) if short else f"{error.filename or 'a shard file'}: {error.strerror}", "short": short}


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
