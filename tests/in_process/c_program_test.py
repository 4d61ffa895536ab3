"""sextant.h is C, and enough for a program in C."""

import subprocess
from pathlib import Path

from server import ROOT

FLAGS = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror")


def test_a_program_in_c(package: Path, tmp_path: Path) -> None:
    library = package / "sextant"
    source = Path(__file__).with_name("c_program.c")
    build = ["gcc", *FLAGS, "-I", ROOT / "src", source, "-o", tmp_path / "program", library / "libsextant.so"]
    rpath = f"-Wl,-rpath,{library},-rpath-link,{package / 'sextant.libs'}"
    subprocess.run([*build, rpath], check=True)
    done = subprocess.run([tmp_path / "program", tmp_path / "data"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["8", "0.9", "404"]
