"""A bar for long loads: tqdm's where it is installed, else a line on stderr."""

import importlib.util
import sys
import time
from typing import Any, Optional

_SHOWN_AFTER_S = 2.0


def _can_be_seen() -> bool:
    """On a terminal or in a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class Progress:
    """`wanted`: True shows it from the start, None once it has taken a while and can be seen, False never."""

    def __init__(self, total: int, wanted: Optional[bool]) -> None:
        self._total, self._start = total, time.monotonic()
        self._hidden = wanted is False or (wanted is None and not _can_be_seen())
        self._wait_s = 0.0 if wanted else _SHOWN_AFTER_S
        self._bar: Any = None
        self._line_is_open = False

    def show(self, done: int) -> None:
        if self._hidden or time.monotonic() - self._start < self._wait_s:
            return
        if self._bar is None and importlib.util.find_spec("tqdm") is not None:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self._total, unit=" points", unit_scale=True)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
            return
        rate = done / max(time.monotonic() - self._start, 1e-9)
        sys.stderr.write(f"\r{100 * done // self._total:3d} %  {done:,} of {self._total:,} points, {rate:,.0f}/s")
        sys.stderr.flush()
        self._line_is_open = True

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._line_is_open:
            sys.stderr.write("\n")
