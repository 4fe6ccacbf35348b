"""A disk that runs full: a tmpfs that only some commands see, so that any user may mount it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SmallDisk:
    """Commands see it at a folder when they are entered with `enter`; others in `seen`."""

    folder: Path
    pid: int

    @property
    def seen(self) -> Path:
        """Where it is for everybody else."""
        return Path(f"/proc/{self.pid}/root{self.folder}")

    @property
    def enter(self) -> tuple[str, ...]:
        """What a command begins with."""
        return ("nsenter", "--preserve-credentials", f"--target={self.pid}", "--user", "--mount")

    def resize(self, size_bytes: int) -> None:
        """Change how much it holds."""
        subprocess.run([*self.enter, "mount", "-o", f"remount,size={size_bytes}", self.folder], check=True)


def can_mount() -> bool:
    """Tell whether this user may mount a disk here."""
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        return False
    words = ["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", "/tmp"]
    return not subprocess.run(words, capture_output=True, check=False).returncode


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Have a disk of some size for the time of a context."""
    mounted = f'mount -t tmpfs -o size={size_bytes} none "$0" && echo mounted && exec cat'
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted, str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mounted\n"
        yield SmallDisk(folder, holder.pid)
        holder.stdin.close()
