"""What a run of the tests found about the API: answers that break its schema, and the cells that requests used."""

import json
import os
import threading
from pathlib import Path

from contract import schema
from contract.cells import Cells
from contract.hooks import Exchange

FILE = Path(__file__).resolve().parent.parent.parent / "build" / "api-coverage.json"


def current_test() -> str:
    """Without its parameters and phase."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").split("[")[0].split(" ")[0].removeprefix("tests/")


class Record:
    """Safe to be told from several threads."""

    def __init__(self) -> None:
        self.schema = schema.load()
        self.cells = Cells(self.schema)
        self.problems: list[str] = []
        self.tests: dict[str, str] = {}  # cell → the first test that used it
        self.lock = threading.Lock()

    def see(self, exchange: Exchange) -> None:
        used = self.cells.used(exchange)
        problems = []
        if exchange.is_json:
            body = json.loads(exchange.answer)
            if "explain=true" in exchange.query:
                body.pop("explain", None)  # our own extension, which is there for who asks
            problems = self.schema.problems(exchange.method, exchange.path, exchange.status, body)
        with self.lock:
            self.problems += problems
            for cell in used:
                self.tests.setdefault(cell, current_test())

    def take_problems(self) -> list[str]:
        with self.lock:
            taken, self.problems = self.problems, []
        return taken

    def write(self) -> None:
        """Only the tests of this run: an older record may tell of tests that are gone."""
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(self.tests, indent=1, sort_keys=True))
