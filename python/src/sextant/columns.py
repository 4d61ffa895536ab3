"""Payloads as the engine takes them: the dicts of a list as JSON, columns through the Arrow PyCapsule interface."""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_json

# Of PyCapsule_GetPointer.
_STREAM, _ARRAY, _SCHEMA = b"arrow_array_stream", b"arrow_array", b"arrow_schema"


class _ArrowArray(ctypes.Structure):
    """struct ArrowArray of the Arrow C data interface."""


_ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.c_void_p),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_ArrowArray))),
    ("private_data", ctypes.c_void_p),
]


class _ArrowSchema(ctypes.Structure):
    """struct ArrowSchema."""


_ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_ArrowSchema))),
    ("private_data", ctypes.c_void_p),
]


class _ArrowArrayStream(ctypes.Structure):
    """struct ArrowArrayStream."""


_ArrowArrayStream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_ArrowArrayStream), ctypes.POINTER(_ArrowSchema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_ArrowArrayStream), ctypes.POINTER(_ArrowArray))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_ArrowArrayStream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_ArrowArrayStream))),
    ("private_data", ctypes.c_void_p),
]


def _pointer_of(capsule: object, name: bytes) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(get(capsule, name))


class Payloads:
    """The payloads of `count` points, in parts of at most so many rows as are asked for. ValueError and TypeError for
    payloads of another number or type; a stream of columns that ends early is noticed only at its end."""

    def __init__(self, payloads: Any, count: int) -> None:
        self._payloads, self._count = payloads, count
        self._is_columns = hasattr(payloads, "__arrow_c_stream__") or hasattr(payloads, "__arrow_c_array__")
        if payloads is None or self._is_columns:
            if self._is_columns and hasattr(payloads, "__len__") and len(payloads) != count:
                raise ValueError(f"payloads: {len(payloads)} rows for {count} vectors")
            return
        if isinstance(payloads, (str, bytes, dict)) or not isinstance(payloads, Sequence):
            raise TypeError(
                "payloads: a list of dicts, or columns with the Arrow PyCapsule interface (a data frame of pandas 2.2 "
                f"or Polars, a table of pyarrow) are needed, not {type(payloads).__name__}"
            )
        if len(payloads) != count:
            raise ValueError(f"payloads: {len(payloads)} for {count} vectors")

    def parts(self, rows: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """(begin, end, fields of the library's structure), which are lent until the next part is asked for."""
        if self._is_columns:
            yield from self._column_parts(rows)
            return
        for begin in range(0, self._count, rows):
            end = min(begin + rows, self._count)
            if self._payloads is None:
                yield begin, end, {}
                continue
            text = to_json({"payloads": self._payloads[begin:end]})
            yield begin, end, {"payloads": text, "payloads_size": len(text)}

    def _column_parts(self, rows: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
        at = 0
        for batch, schema in self._batches():
            if at + batch.length > self._count:
                raise ValueError(f"payloads: more rows than {self._count} vectors")
            for begin in range(0, batch.length, rows):
                length = min(rows, batch.length - begin)
                part = _ArrowArray.from_buffer_copy(batch)  # the same buffers, other rows; `batch` alone is released
                part.offset, part.length, part.null_count = batch.offset + begin, length, 0
                fields = {"columns": ctypes.addressof(part), "schema": schema}
                yield at + begin, at + begin + length, fields
            at += batch.length
        if at != self._count:
            raise ValueError(f"payloads: {at} rows for {self._count} vectors")

    def _batches(self) -> Iterator[tuple[_ArrowArray, int]]:
        """Each record batch with the address of its schema, both lent."""
        if not hasattr(self._payloads, "__arrow_c_stream__"):
            schema, array = self._payloads.__arrow_c_array__()
            yield _ArrowArray.from_address(_pointer_of(array, _ARRAY)), _pointer_of(schema, _SCHEMA)
            return
        capsule = self._payloads.__arrow_c_stream__()  # releases the stream when it goes
        stream = _ArrowArrayStream.from_address(_pointer_of(capsule, _STREAM))
        schema = _ArrowSchema()
        self._check(stream, stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)))
        try:
            while True:
                batch = _ArrowArray()
                self._check(stream, stream.get_next(ctypes.byref(stream), ctypes.byref(batch)))
                if not batch.release:
                    return
                try:
                    yield batch, ctypes.addressof(schema)
                finally:
                    batch.release(ctypes.byref(batch))
        finally:
            schema.release(ctypes.byref(schema))
            del capsule

    @staticmethod
    def _check(stream: _ArrowArrayStream, code: int) -> None:
        if code != 0:
            told = stream.get_last_error(ctypes.byref(stream))
            raise ValueError(f"payloads: the columns cannot be read: {(told or b'').decode(errors='replace')}")
