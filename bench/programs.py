"""Programs that measure what they are asked for, one thing at a time, so that several take turns."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUEST_BENCH = [ROOT / "build/release/bench/request_bench"]


class Program:
    """One of them, running: it prints a JSON object when it is ready, and one for each line that it reads."""

    def __init__(self, command: list):
        self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.measured: list[str] = []  # in order of the first measurement
        self.ready = self.read()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit(f"{self.process.args[0]} failed")

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended early")
        return json.loads(line)

    def measure(self, label: str) -> dict:
        self.process.stdin.write(label + "\n")
        self.process.stdin.flush()
        if label not in self.measured:
            self.measured.append(label)
        return self.read()


class RequestProgram(Program):
    """request_bench or edge_bench, which measure the requests of a label."""

    def __init__(self, command: list, files: Path, **options: object):
        """Reads `files`/requests, writes `files`/answers; `options` are the program's own."""
        given = {"requests": files / "requests", "answers": files / "answers", **options}
        self.files = files
        super().__init__([*command, *(part for name, value in given.items() for part in (f"--{name}", value))])

    def answers(self, count: int) -> dict[str, list[dict]]:
        """The `result` of each answer by label, so many of each, once the program is closed."""
        with (self.files / "answers").open() as lines:
            return {label: [json.loads(lines.readline())["result"] for _ in range(count)] for label in self.measured}

    def found(self, count: int) -> dict[str, list[list[int]]]:
        """The same of searches: the ids of their hits."""
        answers = self.answers(count)
        return {label: [[hit["id"] for hit in result["points"]] for result in results] for label, results in answers.items()}

    def resident_bytes(self) -> int:
        """Bytes resident now beyond those before the storage was opened: anonymous ones, and of mapped files in `files`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        anonymous = int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024 - self.ready["anonymous_bytes_before"]
        maps, mapped, is_ours = Path(f"/proc/{self.process.pid}/smaps").read_text(), 0, False
        for line in maps.splitlines():
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                is_ours = str(self.files) in line
            elif is_ours and line.startswith("Rss:"):
                mapped += int(line.split()[1]) * 1024
        return anonymous + mapped
