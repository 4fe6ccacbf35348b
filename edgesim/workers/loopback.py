"""A Dask cluster of this machine alone, in a process of its own: it ends with its caller, however that ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from edgesim.errors import ExecutionError
from edgesim.nets.extra import needs_extra
from edgesim.workers.folders import temporary_folder
from edgesim.workers.worker import THREADS

_PROGRAM = "import sys; from edgesim.workers.loopback import serve; serve(int(sys.argv[1]))"
_SETTINGS = {
    "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",  # what is left when all end at once, it removes
    "DASK_LOGGING__DISTRIBUTED": "critical",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # it would take some per cent of the time
}
_ENDS_S = 10.0


@contextmanager
def started(workers: int) -> Iterator[str]:
    """Start a scheduler and some workers of one thread, and end them; yields the address.

    Raises
    ------
    InputError
        If Dask is not installed.
    ExecutionError
        If it does not start.
    """
    with needs_extra("Dask", "cluster"):
        import distributed  # noqa: F401  (the other process could only say it on standard error)

    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | dict.fromkeys(THREADS, "1") | _SETTINGS | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,  # Ctrl-C is for the caller
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said = process.stdout.readline().strip()
            if "://" not in said:
                raise ExecutionError(f"cluster local: it does not start here, {said or 'for no known reason'}")
            yield said
        finally:
            process.stdin.close()  # which ends it
            try:
                process.wait(_ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()


def serve(workers: int) -> None:
    """Run a cluster until standard input ends, be it closed by the caller or because there is no caller any more."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a plugin prints is no answer
    try:
        with temporary_folder() as folder:
            os.environ["DASK_TEMPORARY_DIRECTORY"] = str(folder)
            _serve(workers, answers)
    finally:
        os._exit(0)  # at once; workers see that and end, too


def _serve(workers: int, answers: int) -> None:
    try:
        from distributed import LocalCluster

        cluster = LocalCluster(
            workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,  # a worker that pauses or ends because the machine is full would help nobody
            silence_logs="CRITICAL",
        )
        said = cluster.scheduler_address
    except Exception as error:  # the caller says it
        said = f"{type(error).__name__}: {error}".replace("\n", " ")
    with suppress(BrokenPipeError):
        os.write(answers, f"{said}\n".encode())
    sys.stdin.read()
