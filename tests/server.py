"""A Sextant process under test: its own port, storage and log."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests
from qdrant_client import QdrantClient

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("SEXTANT_BINARY", ROOT / "build" / "release" / "src" / "app" / "sextant"))
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60
GRPC_PORT = "SEXTANT__SERVICE__GRPC_PORT"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment() -> dict[str, str]:
    """Without the settings of a server that the caller may have."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SEXTANT__", "QDRANT__"))}


class Server:
    """Starts, stops, kills and restarts one server. `storage` None means ephemeral."""

    def __init__(self, directory: Path, storage: Path | None, environment: dict[str, str] | None = None):
        self.storage = storage
        self.port, self.grpc_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = directory / "server.log"
        self.environment = {**clean_environment(), GRPC_PORT: str(self.grpc_port), **(environment or {})}
        self.wrapper: list[str | Path] = []  # a command that starts the server's own
        self.process: subprocess.Popen | None = None
        self.session = requests.Session()

    def start(self) -> "Server":
        assert BINARY.exists(), f"no server at {BINARY}: build it first (scripts/build release sextant)"
        command = [*self.wrapper, BINARY, "--http-port", str(self.port), "--log-level", "info"]
        command += ["--storage-path", ":memory:" if self.storage is None else str(self.storage)]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"the server exited with {self.process.returncode}:\n{self.log_tail()}")
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.02)
        raise AssertionError(f"the server is not ready after {START_TIMEOUT_S} s:\n{self.log_tail()}")

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Asks the server to stop; its exit code."""
        self.process.send_signal(signal_number)
        code = self.process.wait(STOP_TIMEOUT_S)
        self.session.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.session.close()

    def restart(self) -> None:
        assert self.stop() == 0, self.log_tail()
        self.start()

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def client(self, **options) -> QdrantClient:
        return QdrantClient(url=self.url, grpc_port=self.grpc_port, timeout=120, check_compatibility=False, **options)

    def call(self, method: str, path: str, body: object = None, **options) -> requests.Response:
        """One REST request; `body` goes as JSON."""
        return self.session.request(method, self.url + path, json=body, timeout=120, **options)

    def ask(self, method: str, path: str, body: object = None) -> object:
        """The `result` of a request that must succeed."""
        response = self.call(method, path, body)
        assert response.status_code == 200, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()["result"]

    def limit_memory(self, cgroup: Path, limit: int) -> None:
        """From its next start on, the server lives in the memory cgroup: everything it maps and allocates counts."""
        limit_file = cgroup / "memory.max"
        if not limit_file.exists():
            limit_file = cgroup / "memory.limit_in_bytes"
        limit_file.write_text(str(limit))
        self.wrapper = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', cgroup / "cgroup.procs"]

    def resident_bytes(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in fields.splitlines() if line.startswith("VmRSS:"))
        return int(kilobytes) * 1024
