"""Points as the library takes them: rows of vectors, and ids, where they are in memory."""

import ctypes
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from sextant import _library

if TYPE_CHECKING:
    from sextant.engine import Engine

LARGEST_ID = int(np.iinfo(np.uint64).max)


def as_rows(values: np.ndarray) -> np.ndarray:
    """float32 whose rows are contiguous; the array itself when it is so already."""
    values = np.asarray(values, dtype=np.float32)
    fits = values.strides[1] == 4 and values.strides[0] % 4 == 0 and values.strides[0] >= 4 * values.shape[1]
    return values if fits or values.size == 0 else np.ascontiguousarray(values)


def matrix_of(values: Any, what: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise ValueError(f"{what}: an array of numbers of shape [n, dim] is needed, not {array.dtype} {array.shape}")
    return array


class Ids:
    """The ids of points: `numbers` [n], or the 16 bytes of UUIDs [n, 16] in `uuids`."""

    def __init__(self, ids: Any, count: int) -> None:
        self.numbers: Optional[np.ndarray] = None
        self.uuids: Optional[np.ndarray] = None
        if isinstance(ids, (np.ndarray, range)):
            self.numbers = _numbers_of(np.asarray(ids))
            given = len(self.numbers)
        else:
            given = self._take_list(list(ids))
        if given != count:
            raise ValueError(f"ids: {given} for {count} vectors")

    def _take_list(self, ids: list[Any]) -> int:
        if all(isinstance(one, (int, np.integer)) and not isinstance(one, bool) for one in ids):
            if any(not 0 <= one <= LARGEST_ID for one in ids):
                raise ValueError("ids: numbers are between 0 and 2**64 - 1")
            self.numbers = np.array(ids, dtype=np.uint64)
        elif all(isinstance(one, (str, uuid.UUID)) for one in ids):
            raw = b"".join((one if isinstance(one, uuid.UUID) else uuid.UUID(one)).bytes for one in ids)
            self.uuids = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 16)
        else:
            raise TypeError("ids: all must be integers, or all UUIDs (insert both kinds one after the other)")
        return len(ids)

    def part(self, begin: int, end: int) -> dict[str, Any]:
        """Rows [begin, end) as fields of the library's structure, for `upsert`."""
        if self.numbers is not None:
            return {"numbers": self.numbers[begin:end]}
        assert self.uuids is not None
        return {"uuids": self.uuids[begin:end]}


def _numbers_of(ids: np.ndarray) -> np.ndarray:
    if ids.dtype.kind not in "iu" or ids.ndim != 1:
        raise ValueError(f"ids: integers of shape [n] are needed, not {ids.dtype} {ids.shape}")
    if ids.dtype.kind == "i" and ids.size and ids.min() < 0:
        raise ValueError(f"ids: {ids.min()} is negative")
    return np.ascontiguousarray(ids, dtype=np.uint64)


def upsert(engine: "Engine", collection: str, vectors: Mapping[str, np.ndarray], rest: dict[str, Any]) -> bytes:
    """Writes points and returns the body of the answer.

    Parameters:
        vectors: [n, dim] numbers by the vectors' names.
        rest: ids, payloads and at_once, as fields of the library's structure; arrays for their addresses.
    """
    rows = {name: as_rows(matrix) for name, matrix in vectors.items()}
    made = (_library.Vectors * len(rows))(
        *(
            _library.Vectors(name.encode(), values.ctypes.data, values.shape[1], values.strides[0] // 4)
            for name, values in rows.items()
        )
    )
    count = len(next(iter(rows.values())))
    fields = {name: value.ctypes.data if isinstance(value, np.ndarray) else value for name, value in rest.items()}
    points = _library.Points(count=count, vectors=made, vectors_count=len(rows), **fields)
    return engine.run("sextant_upsert", collection.encode(), ctypes.byref(points))
