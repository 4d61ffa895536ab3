"""Options, environment and settings file; what makes the server refuse to start; how it stops."""

import json
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from server import BINARY, ROOT, Server, clean_environment, free_port

OPTIONS = ["--host", "--http-port", "--grpc-port", "--storage-path", "--config-path", "--log-level"]


def run_to_exit(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Starts the server with arguments that make it stop by itself."""
    command = [BINARY, *arguments]
    environment = {**clean_environment(), **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment)


def free_ports() -> list[str]:
    return ["--http-port", str(free_port()), "--grpc-port", str(free_port())]


def quiet_arguments(tmp_path: Path) -> list[str]:
    return [*free_ports(), "--storage-path", str(tmp_path / "storage")]


class Configured(Server):
    """A server whose address and storage come from elsewhere than its options."""

    def start_with(self, *arguments: str) -> "Configured":
        command = [BINARY, *arguments]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment, cwd=self.log_path.parent)
        self.wait_until_ready()
        return self


@pytest.fixture
def configured(tmp_path: Path):
    made = []

    def make(**environment: str) -> Configured:
        made.append(Configured(tmp_path, tmp_path / "storage", environment))
        return made[-1]

    yield make
    for server in made:
        if server.running():
            assert server.stop() == 0


def test_help_explains_every_option() -> None:
    done = run_to_exit("--help")
    assert done.returncode == 0
    for option in OPTIONS:
        line = re.search(rf"{option}\b(.*(?:\n {{8,}}.*)*)", done.stdout)
        assert line and len(re.findall(r"[a-z]{2,}", line.group(1))) >= 3, option


def test_unknown_option_is_an_error(tmp_path: Path) -> None:
    done = run_to_exit("--no-such-option", *quiet_arguments(tmp_path))
    assert done.returncode != 0 and "--no-such-option" in done.stderr


@pytest.mark.parametrize("value", ["0x", "-1", "65536", "http"])
def test_bad_port_is_an_error(value: str, tmp_path: Path) -> None:
    done = run_to_exit("--http-port", value, "--storage-path", str(tmp_path / "storage"))
    assert done.returncode != 0 and value in done.stderr


@pytest.mark.parametrize("prefix", ["SEXTANT", "QDRANT"])
def test_environment(configured, prefix: str, tmp_path: Path) -> None:
    server: Configured = configured()
    server.environment[f"{prefix}__SERVICE__HTTP_PORT"] = str(server.port)
    server.environment[f"{prefix}__STORAGE__STORAGE_PATH"] = str(tmp_path / "elsewhere")
    server.start_with()
    assert (tmp_path / "elsewhere").is_dir() and not (tmp_path / "storage").exists()


def test_settings_file_environment_and_options_in_rising_order(configured, tmp_path: Path) -> None:
    server: Configured = configured()
    wrong = [str(free_port()) for _ in range(3)]
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"service:\n  http_port: {wrong[0]}\nstorage:\n  storage_path: {tmp_path / 'from-file'}\nlog_level: WARN\n")
    server.environment["QDRANT__SERVICE__HTTP_PORT"] = wrong[1]
    server.environment["SEXTANT__SERVICE__HTTP_PORT"] = wrong[2]
    server.start_with("--config-path", str(settings), "--http-port", str(server.port))
    assert (tmp_path / "from-file").is_dir()


def test_own_names_win_over_the_reference_names(configured, tmp_path: Path) -> None:
    server: Configured = configured()
    server.environment["QDRANT__SERVICE__HTTP_PORT"] = str(free_port())
    server.environment["SEXTANT__SERVICE__HTTP_PORT"] = str(server.port)
    server.start_with("--storage-path", str(tmp_path / "storage"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "secret"),
        ("ALT_API_KEY", "secret"),
        ("READ_ONLY_API_KEY", "secret"),
        ("JWT_RBAC", "true"),
        ("ENABLE_TLS", "true"),
    ],
)
@pytest.mark.parametrize("source", ["SEXTANT", "QDRANT", "file"])
def test_settings_that_restrict_access_are_not_ignored(name: str, value: str, source: str, tmp_path: Path) -> None:
    arguments, environment = quiet_arguments(tmp_path), {}
    if source == "file":
        settings = tmp_path / "settings.yaml"
        settings.write_text(f"service:\n  {name.lower()}: {value}\n")
        arguments += ["--config-path", str(settings)]
    else:
        environment[f"{source}__SERVICE__{name}"] = value
    done = run_to_exit(*arguments, environment=environment)
    assert done.returncode != 0
    assert name.lower() in done.stderr.lower()
    assert value == "true" or value not in done.stderr, "the secret is printed"


def test_access_settings_that_are_off_do_no_harm(configured, tmp_path: Path) -> None:
    server: Configured = configured(QDRANT__SERVICE__ENABLE_TLS="false", QDRANT__SERVICE__JWT_RBAC="false")
    server.start_with("--http-port", str(server.port), "--storage-path", str(tmp_path / "storage"))


def test_without_a_key_only_loopback_is_served(tmp_path: Path) -> None:
    done = run_to_exit("--host", "0.0.0.0", *quiet_arguments(tmp_path))
    assert done.returncode != 0
    assert "0.0.0.0" in done.stderr


def test_known_but_unused_settings_are_logged_once(configured, tmp_path: Path) -> None:
    server: Configured = configured()
    settings = tmp_path / "settings.yaml"
    settings.write_text("storage:\n  snapshots_path: elsewhere\ntelemetry_disabled: true\n")
    arguments = ["--http-port", str(server.port), "--storage-path", str(tmp_path / "storage")]
    server.start_with("--config-path", str(settings), *arguments)
    log = server.log_path.read_text()
    assert len([line for line in log.splitlines() if "snapshots_path" in line]) == 1
    assert len([line for line in log.splitlines() if "telemetry_disabled" in line]) == 1


def test_missing_or_malformed_settings_file_is_an_error(tmp_path: Path) -> None:
    done = run_to_exit("--config-path", str(tmp_path / "absent.yaml"), *quiet_arguments(tmp_path))
    assert done.returncode != 0 and "absent.yaml" in done.stderr
    malformed = tmp_path / "malformed.yaml"
    malformed.write_text("service: [\n")
    done = run_to_exit("--config-path", str(malformed), *quiet_arguments(tmp_path))
    assert done.returncode != 0 and "malformed.yaml" in done.stderr


def test_one_line_says_where_it_listens_and_where_the_data_is(configured, tmp_path: Path) -> None:
    server: Configured = configured()
    storage = tmp_path / "storage"
    server.start_with("--http-port", str(server.port), "--storage-path", str(storage))
    end = time.monotonic() + 10  # it answers before it says so
    while not (lines := [line for line in server.log_path.read_text().splitlines() if str(server.port) in line]):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert len(lines) == 1 and str(storage) in lines[0] and str(server.grpc_port) in lines[0]


def test_port_in_use_is_an_error_that_names_it(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        for option, other in (("--http-port", "--grpc-port"), ("--grpc-port", "--http-port")):
            ports = [option, port, other, str(free_port())]
            done = run_to_exit(*ports, "--storage-path", str(tmp_path / "storage"))
            assert done.returncode != 0 and port in done.stderr, option


def test_storage_is_used_by_one_server_at_a_time(make_server, tmp_path: Path) -> None:
    server: Server = make_server().start()
    done = run_to_exit(*free_ports(), "--storage-path", str(server.storage))
    assert done.returncode != 0 and str(server.storage) in done.stderr
    assert server.running()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_stops_cleanly_on_signals(make_server, signal_number: int) -> None:
    server: Server = make_server().start()
    server.ask("PUT", "/collections/c", {"vectors": {"size": 2, "distance": "Dot"}})
    server.ask("PUT", "/collections/c/points", {"points": [{"id": 1, "vector": [1, 2]}]})
    assert server.stop(signal_number) == 0
    server.start()
    assert server.ask("POST", "/collections/c/points/count", {}) == {"count": 1}


def test_run_starts_the_server_from_any_directory(tmp_path: Path) -> None:
    """`./run` with nothing to build: the arguments arrive, and an interrupt reaches the server."""
    server = Server(tmp_path, tmp_path / "data-here")
    command = [ROOT / "run", "--http-port", str(server.port), "--storage-path", "data-here"]
    with server.log_path.open("ab") as log:
        server.process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, env=server.environment)
    server.wait_until_ready()
    assert json.loads(server.call("GET", "/collections").text)["status"] == "ok"
    assert server.stop(signal.SIGINT) == 0
    assert (tmp_path / "data-here").is_dir()
