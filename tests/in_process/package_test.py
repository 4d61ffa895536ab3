"""The wheel, installed as a user installs it, under every Python at hand."""

import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

from server import ROOT

INTERPRETERS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
MOST_BYTES, MOST_IMPORT_S = 30_000_000, 0.150


def first_screen() -> str:
    """The first program of the package's README."""
    return re.search(r"```python\n(.*?)```", (ROOT / "python" / "README.md").read_text(), re.DOTALL)[1]


def find_interpreter(version: str) -> str | None:
    """Of this minor version: on the path, or one of those that pyenv keeps."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}")


def run(*command: str | Path, **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def try_in_fresh_environment(python: Path, wheel: Path) -> str:
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, "zstandard")
    return run(python, "-c", first_screen(), cwd=ROOT)


def test_one_wheel_for_all(wheel: Path) -> None:
    assert re.fullmatch(r"sextant-[\d.]+-py3-none-manylinux_\d_\d+_(x86_64|aarch64)\.whl", wheel.name)
    assert wheel.stat().st_size < MOST_BYTES
    names = zipfile.ZipFile(wheel).namelist()
    assert {"sextant/libsextant.so", "sextant/py.typed"} <= set(names)
    (metadata,) = (name for name in names if name.endswith("METADATA"))
    needed = re.findall(r"^Requires-Dist: ([\w-]+)", zipfile.ZipFile(wheel).read(metadata).decode(), re.MULTILINE)
    assert sorted(needed) == ["numpy", "qdrant-client"]


def test_first_screen_of_the_readme(wheel: Path, tmp_path: Path) -> None:
    """Installed into a fresh environment, as a user would."""
    venv.create(tmp_path / "env", with_pip=True)
    told = try_in_fresh_environment(tmp_path / "env" / "bin" / "python", wheel)
    assert len(re.findall(r"^0\.\d+ \{", told, re.MULTILINE)) >= 6, told


@pytest.mark.full
@pytest.mark.parametrize("version", INTERPRETERS)
def test_under_each_python(wheel: Path, tmp_path: Path, version: str) -> None:
    interpreter = find_interpreter(version)
    if interpreter is None:
        pytest.skip(f"there is no Python {version} here")
    run(interpreter, "-m", "venv", tmp_path / "env")
    told = try_in_fresh_environment(tmp_path / "env" / "bin" / "python", wheel)
    assert len(re.findall(r"^0\.\d+ \{", told, re.MULTILINE)) >= 6, told


def test_import_is_quick(run_python) -> None:
    program = (
        "import time, qdrant_client; start = time.perf_counter(); import sextant; print(time.perf_counter() - start)"
    )
    assert np.median([float(run_python(program)) for _ in range(3)]) < MOST_IMPORT_S


def test_uses_the_libraries_of_the_wheel_and_shows_nothing_else(run_python) -> None:
    program = "import sextant; sextant.Engine().close(); print(open('/proc/self/maps').read())"
    mapped = {line.split()[-1] for line in run_python(program).splitlines() if "/" in line}
    ours = [path for path in mapped if "rocksdb" in path or "icu" in path or "absl" in path]
    assert ours and all("/sextant.libs/" in path for path in ours), ours


def test_module_runs_programs(run_python, package: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom qdrant_client import QdrantClient\nprint(QdrantClient(':memory:')._client, sys.argv[1:])\n"
    )
    environment = {"PYTHONPATH": str(package)}
    told = run(sys.executable, "-m", "sextant", program, "a", "-m", "b", env=environment)
    assert "sextant.local_mode" in told and "['a', '-m', 'b']" in told
    told = run(sys.executable, "-m", "sextant", "-m", "program", "x", env=environment, cwd=tmp_path)
    assert "sextant.local_mode" in told and "['x']" in told
    refused = subprocess.run([sys.executable, "-m", "sextant"], env=environment, capture_output=True, text=True)
    assert refused.returncode == 1 and "python -m sextant program.py" in refused.stderr
