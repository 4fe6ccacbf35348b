"""The disk under a folder: its file system, what kind of device it is, and how much was read from it."""

import os
import re
from pathlib import Path

SECTOR_BYTES = 512
"""What ``/proc/diskstats`` counts in, whatever the device's own sectors are."""
_SYS = Path("/sys")
IN_MEMORY = ("tmpfs", "ramfs", "devtmpfs")
"""File systems whose files lie in memory: a read of one is no read of a disk."""
_PROC = Path("/proc")
_KINDS = {"vd": "virtio", "xvd": "xen", "nvme": "nvme", "mmcblk": "mmc", "sd": "scsi", "dm-": "mapped", "md": "raid",
          "loop": "loop", "zram": "memory", "ram": "memory"}  # fmt: skip
_VIRTUAL = {"virtio", "xen", "loop", "memory"}
_CLOUD_MODELS = re.compile(r"virtual|qemu|vbox|vmware|elastic block|ec2|nvme_card-pd|persistentdisk|msft|google", re.I)


def disk_facts(folder: Path) -> dict[str, object]:
    """Return the file system and the block device under a folder, and whether that device is virtual."""
    mount = _mount(folder)
    number = mount[0] if mount else None
    name = block_device(number) if number else None
    kind = next((kind for prefix, kind in _KINDS.items() if name and name.startswith(prefix)), None)
    model = _text(_SYS / "block" / name / "device/model") if name else None
    rotational = _text(_SYS / "block" / name / "queue/rotational") if name else None
    return {
        "file_system": mount[1] if mount else None,
        "disk": name,
        "disk_number": _text(_SYS / "block" / name / "dev") if name else None,
        "disk_kind": kind,
        "disk_model": model,
        "disk_virtual": None if name is None else kind in _VIRTUAL or bool(_CLOUD_MODELS.search(model or "")),
        "disk_rotational": None if rotational is None else rotational == "1",
    }


def _mount(folder: Path) -> tuple[str, str] | None:
    """Return number of the device and type of the file system of the mount that a folder lies in."""
    try:
        device = folder.stat().st_dev
        rows = [line.split() for line in (_PROC / "self/mountinfo").read_text().splitlines()]
    except OSError:
        return None
    path = folder.resolve()
    over = [row for row in rows if path.is_relative_to(_unescaped(row[4]))]
    if not over:
        return None
    row = max(reversed(over), key=lambda row: len(row[4]))  # of those at one place, the last covers the others
    number = f"{os.major(device)}:{os.minor(device)}"
    own = number if os.major(device) else row[2]  # btrfs invents a number for each subvolume
    source = row[row.index("-") + 2]
    if own.startswith("0:") and source.startswith("/dev/") and Path(source).exists():
        behind = Path(source).stat().st_rdev
        own = f"{os.major(behind)}:{os.minor(behind)}"
    return own, row[row.index("-") + 1]


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def block_device(number: str) -> str | None:
    """Return the name of the whole disk that a device number, ``major:minor``, or a partition with it belongs to."""
    try:
        path = (_SYS / "dev/block" / number).resolve(strict=True)
    except OSError:
        return None
    return path.parent.name if (path / "partition").exists() else path.name


def read_bytes(disk: str) -> int | None:
    """Return how many bytes were read from a disk since the system started; None where it does not tell.

    What a cache answered is not counted.
    """
    return _moved_bytes(disk, 5)


def written_bytes(disk: str) -> int | None:
    """Return how many bytes were written to a disk since the system started; None where it does not tell."""
    return _moved_bytes(disk, 9)


def _moved_bytes(disk: str, column: int) -> int | None:
    rows = (line.split() for line in (_text(_PROC / "diskstats") or "").splitlines())
    return next((int(row[column]) * SECTOR_BYTES for row in rows if row[2] == disk), None)


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError:
        return None
