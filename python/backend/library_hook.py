"""Puts libsextant into the wheel, built from the tree that this folder is a part of."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TREE = Path(__file__).resolve().parents[2]
LIBRARY = TREE / "build" / "release" / "src" / "c_api" / "libsextant.so"


class LibraryHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not (TREE / "scripts" / "build").exists():
            raise RuntimeError("the wheel is built inside Sextant's tree: pip install ./python, or pip wheel ./python")
        subprocess.run([TREE / "scripts" / "build", "release", "sextant_shared"], check=True)
        build_data["force_include"][str(LIBRARY)] = "sextant/libsextant.so"
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-linux_x86_64"
