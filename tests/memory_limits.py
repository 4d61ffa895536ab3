"""Memory cgroups, and what the kernel keeps of files."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

CGROUP_V1, CGROUP_V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@contextlib.contextmanager
def memory_cgroup() -> Iterator[Path]:
    """An empty memory cgroup of the caller's own. OSError where none can be made."""
    controllers = CGROUP_V2 / "cgroup.controllers"
    unified = controllers.exists() and "memory" in controllers.read_text()
    group = (CGROUP_V2 if unified else CGROUP_V1) / f"sextant-test-{os.getpid()}"
    if unified:
        (CGROUP_V2 / "cgroup.subtree_control").write_text("+memory")
    group.mkdir()
    try:
        if not (group / ("memory.max" if unified else "memory.limit_in_bytes")).exists():
            raise OSError("no memory controller here")
        yield group
    finally:
        group.rmdir()


def drop_cached_pages(directory: Path) -> None:
    """Whatever the kernel keeps of these files goes, unless a process has it mapped."""
    for path in directory.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            os.fsync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)
