"""libsextant through ctypes: the structures and functions of sextant.h, and nothing else.

ctypes releases the GIL for every call. The library is the one beside this file, or what SEXTANT_LIBRARY names.
"""

import ctypes
import functools
import os
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path

ABI_VERSION = 1


class _Struct(ctypes.Structure):
    """Sets struct_size, which the library asks for."""

    def __init__(self, **values: object) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **values)


class Options(_Struct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("path", c_char_p),
        ("no_sync", c_int32),
        ("search_threads", c_int32),
        ("build_threads", c_int32),
        ("memory_limit_bytes", c_uint64),
    ]


class Request(_Struct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("method", c_char_p),
        ("target", c_char_p),
        ("body", c_char_p),
        ("body_size", c_size_t),
        ("headers", c_char_p),
    ]


class Vectors(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("values", c_void_p), ("dim", c_uint32), ("row_stride", c_uint64)]


class Points(_Struct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("count", c_uint64),
        ("numbers", c_void_p),
        ("uuids", c_void_p),
        ("vectors", POINTER(Vectors)),
        ("vectors_count", c_size_t),
        ("payloads", c_char_p),
        ("payloads_size", c_size_t),
        ("columns", c_void_p),
        ("schema", c_void_p),
        ("at_once", c_int32),
    ]


class Search(_Struct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("body", c_char_p),
        ("body_size", c_size_t),
        ("queries", c_void_p),
        ("count", c_uint64),
        ("dim", c_uint32),
        ("row_stride", c_uint64),
    ]


class Hits(_Struct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("limit", c_uint64),
        ("ids", c_void_p),
        ("uuids", c_void_p),
        ("is_uuid", c_void_p),
        ("scores", c_void_p),
        ("counts", c_void_p),
    ]


_ANSWER = POINTER(c_void_p)
_SIGNATURES = {
    "sextant_abi_version": (c_uint32, []),
    "sextant_version": (c_char_p, []),
    "sextant_set_log_level": (c_int32, [c_char_p]),
    "sextant_open": (c_int32, [POINTER(Options), POINTER(c_void_p), _ANSWER]),
    "sextant_close": (None, [c_void_p]),
    "sextant_status": (c_int32, [c_void_p]),
    "sextant_body": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "sextant_headers": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "sextant_free": (None, [c_void_p]),
    "sextant_send": (c_int32, [c_void_p, POINTER(Request), _ANSWER]),
    "sextant_upsert": (c_int32, [c_void_p, c_char_p, POINTER(Points), _ANSWER]),
    "sextant_search_batch": (c_int32, [c_void_p, c_char_p, POINTER(Search), POINTER(Hits), _ANSWER]),
}


@functools.cache
def library() -> ctypes.CDLL:
    """Loaded at the first use. OSError when it is missing or of another version."""
    path = os.environ.get("SEXTANT_LIBRARY") or str(Path(__file__).with_name("libsextant.so"))
    loaded = ctypes.CDLL(path)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    found = loaded.sextant_abi_version()
    if found != ABI_VERSION:
        raise OSError(f"{path} has version {found} of its interface, this package needs {ABI_VERSION}")
    return loaded


def take_bytes(read: Callable[..., int], answer: c_void_p) -> bytes:
    """What sextant_body or sextant_headers returns, copied."""
    size = c_size_t()
    address = read(answer, ctypes.byref(size))
    return ctypes.string_at(address, size.value)
