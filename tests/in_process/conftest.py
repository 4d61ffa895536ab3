"""The package as it is installed: a wheel made of the tree, unpacked where the tests import it from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "build" / "in_process"


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="session")
def wheel() -> Path:
    """Made by pip as a user makes it, once a run. SEXTANT_WHEEL names another."""
    if "SEXTANT_WHEEL" in os.environ:
        return Path(os.environ["SEXTANT_WHEEL"])
    for old in MADE.glob("*.whl"):
        old.unlink()
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", MADE, ROOT / "python")
    (made,) = MADE.glob("*.whl")
    return made


@pytest.fixture(scope="session", autouse=True)
def package(wheel: Path) -> Path:
    """The folder that has the package, importable here and by `run_python`."""
    folder = MADE / "site"
    pip("install", "--quiet", "--no-deps", "--upgrade", "--target", folder, wheel)
    sys.path.insert(0, str(folder))
    return folder


@pytest.fixture
def run_python(package: Path):
    """Runs a program in a process of its own, with the package, and returns what it prints."""

    def run(program: str, *arguments: str | Path, timeout_s: int = 120, **environment: str) -> str:
        variables = {**os.environ, "PYTHONPATH": str(package), **environment}
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=timeout_s)
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    return run
