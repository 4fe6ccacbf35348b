"""What kind of machine this is: CPU, kernel, memory, and the disk under a folder."""

import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edgesim.host.disks import disk_facts
from edgesim.host.placement import available_cpus

_SYS = Path("/sys")
_PROC = Path("/proc")
_PACKAGES = ("numpy", "numba", "torch")


def machine_facts(folder: Path) -> dict[str, object]:
    """Return what a measurement on this machine should be read with; None where the system does not tell.

    Parameters
    ----------
    folder
        Its block device and file system are told.

    Returns
    -------
    dict
        Of text, numbers and booleans, as JSON has them.
    """
    facts: dict[str, object] = {
        "cpu": _cpu_name(),
        "cpus": os.cpu_count(),
        "cpus_available": len(available_cpus()),
        "governor": _text(_SYS / "devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "hypervisor": _has_hypervisor(),
        "memory_bytes": _memory_bytes(),
        "load": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
    }
    return facts | disk_facts(folder)


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError:
        return None


def _cpu_name() -> str | None:
    text = _text(_PROC / "cpuinfo") or ""
    found = re.search(r"^(?:model name|Hardware|Model)\s*:\s*(.+)$", text, re.MULTILINE)
    tree = (_text(_SYS / "firmware/devicetree/base/model") or "").strip("\0")
    return found[1] if found else tree or platform.processor() or None


def _has_hypervisor() -> bool | None:
    """Tell whether this is a virtual machine, as far as the CPU or the system says."""
    text = _text(_PROC / "cpuinfo")
    if text is None:
        return None
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return (flags is not None and "hypervisor" in flags[1].split()) or (_SYS / "hypervisor/type").exists()


def _memory_bytes() -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", _text(_PROC / "meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _version(package: str) -> str | None:
    module = sys.modules.get(package)
    try:
        return str(getattr(module, "__version__", None) or version(package))
    except PackageNotFoundError:
        return None
