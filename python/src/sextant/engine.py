"""An open storage of this process."""

import ctypes
import json
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

from sextant import _library
from sextant.errors import LocalStoreError, SextantError

if TYPE_CHECKING:
    from sextant.clients import AsyncQdrantClient, QdrantClient
    from sextant.collection import Collection


class Answer(NamedTuple):
    """What a request got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class _Settings(NamedTuple):
    sync: bool
    build_threads: int
    memory_limit_bytes: int


class _Storage:
    """One open handle of the library, shared by the engines of this process that have the same directory.

    Threads: any. The handle is closed when its last engine goes and no call is running any more.
    """

    def __init__(self, path: Optional[str], settings: _Settings) -> None:
        self.path, self.settings = path, settings
        self._changed = threading.Condition()
        self._engines, self._running = 0, 0
        self._forked = False
        self._handle: Optional[ctypes.c_void_p] = self._open()

    def _open(self) -> ctypes.c_void_p:
        options = _library.Options(
            path=None if self.path is None else os.fsencode(self.path),
            no_sync=not self.settings.sync,
            build_threads=self.settings.build_threads,
            memory_limit_bytes=self.settings.memory_limit_bytes,
        )
        handle = ctypes.c_void_p()
        _call(_library.library().sextant_open, ctypes.byref(options), ctypes.byref(handle))
        return handle

    def add_engine(self) -> None:
        self._engines += 1

    def drop_engine(self) -> bool:
        """True when the last one went: the caller closes the storage then."""
        self._engines -= 1
        return self._engines == 0

    def close(self) -> None:
        if self._forked:
            return
        with self._changed:
            handle, self._handle = self._handle, None
            self._changed.wait_for(lambda: self._running == 0)
        if handle is not None:
            _library.library().sextant_close(handle)

    def forget(self) -> None:
        """After a fork, in the child: the threads behind the handle are the parent's, and a lock may be held."""
        self._changed = threading.Condition()
        self._handle, self._forked = None, True

    def enter(self) -> ctypes.c_void_p:
        """The handle, which is not closed before `leave`."""
        with self._changed:
            if self._handle is not None:
                self._running += 1
                return self._handle
        raise RuntimeError(
            "this engine was opened before a fork, in the parent process; open one after the fork"
            if self._forked
            else "this engine is closed"
        )

    def leave(self) -> None:
        with self._changed:
            self._running -= 1
            if self._handle is None:
                self._changed.notify_all()


class _Answer:
    """What a call of the library handed out; freed with this object."""

    def __init__(self) -> None:
        self.pointer = ctypes.c_void_p()

    def __del__(self) -> None:
        if self.pointer:
            _library.library().sextant_free(self.pointer)

    def body(self) -> bytes:
        return _library.take_bytes(_library.library().sextant_body, self.pointer) if self.pointer else b""

    def headers(self) -> str:
        return _library.take_bytes(_library.library().sextant_headers, self.pointer).decode()


def _call(function: Any, *arguments: Any) -> bytes:
    """The body of what a function of the library answers, its last argument. SextantError unless it succeeds."""
    answer = _Answer()
    status = function(*arguments, ctypes.byref(answer.pointer))
    if status != 200:
        raise SextantError.from_answer(status, answer.body())
    return answer.body()


_lock = threading.RLock()  # a finalizer may run inside any of the blocks that it guards
_open_storages: dict[str, _Storage] = {}  # by real path; guarded by _lock
_all_storages: "weakref.WeakSet[_Storage]" = weakref.WeakSet()


def _acquire(path: Optional[str], settings: _Settings) -> _Storage:
    with _lock:
        storage = _open_storages.get(path) if path is not None else None
        if storage is None:
            storage = _Storage(path, settings)
            _all_storages.add(storage)
            if path is not None:
                _open_storages[path] = storage
        elif storage.settings != settings:
            raise ValueError(f"{path} is open in this process already, with other settings: {storage.settings}")
        storage.add_engine()
        return storage


def _release(storage: _Storage) -> None:
    with _lock:
        if not storage.drop_engine():
            return
        try:
            storage.close()
        finally:
            if storage.path is not None:
                _open_storages.pop(storage.path, None)


def _forget_all() -> None:
    global _lock
    _lock = threading.RLock()
    _open_storages.clear()
    for storage in _all_storages:
        storage.forget()


os.register_at_fork(after_in_child=_forget_all)


def is_local_store(path: Path) -> bool:
    """Whether the local mode of qdrant_client wrote this directory."""
    return (path / "meta.json").is_file() and not (path / "catalog").exists()


class Engine:
    """The engine inside this process: in memory, or in a directory that a server can open afterwards.

    Parameters:
        path: the directory, made when absent; None keeps everything in memory and forgets it at the end. Engines of one
            process with the same directory share it; another process is refused (SextantError, status 503).
        sync: False: acknowledged writes survive the process, but not a power cut.
        build_threads: of one index build; 0 is one per core.
        memory_limit_bytes: of all data in memory; 0 is three quarters of what the process may use.

    Threads: any number may use it at the same time; the GIL is released in the engine. `close` waits for running calls.
    A process made by fork cannot use the engines of its parent, and can open none if its parent had.
    Closing, garbage collection and the end of the interpreter write what is not on disk yet, and free everything.
    """

    def __init__(
        self,
        path: Union[str, "os.PathLike[str]", None] = None,
        *,
        sync: bool = True,
        build_threads: int = 0,
        memory_limit_bytes: int = 0,
    ) -> None:
        real = None if path is None else os.path.realpath(path)
        if real is not None and is_local_store(Path(real)):
            raise LocalStoreError(
                409,
                f"{path} was written by the local mode of qdrant_client: "
                f"sextant.import_local_store({str(path)!r}, new_path) reads it into a directory of the engine",
            )
        self._attach(_acquire(real, _Settings(sync, build_threads, memory_limit_bytes)))

    def _attach(self, storage: _Storage) -> None:
        self._storage = storage
        self._finalizer = weakref.finalize(self, _release, storage)

    def share(self) -> "Engine":
        """Another engine of the same storage, which stays open until both are closed."""
        shared = Engine.__new__(Engine)
        with _lock:
            if self.closed:
                raise RuntimeError("this engine is closed")
            self._storage.add_engine()
            shared._attach(self._storage)
        return shared

    @property
    def path(self) -> Optional[str]:
        """The directory; None in memory."""
        return self._storage.path

    @property
    def closed(self) -> bool:
        return not self._finalizer.alive

    def close(self) -> None:
        """Writes what is not on disk yet and frees everything, unless another engine has the same directory."""
        self._finalizer()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else repr(self.path)
        return f"<sextant.Engine {where}{', closed' if self.closed else ''}>"

    def request(self, method: str, target: Union[str, bytes], body: bytes = b"", headers: str = "") -> Answer:
        """Any request of the REST interface.

        Parameters:
            target: percent-encoded path, with its query: "/collections/c/points?wait=true".
            body: JSON.
            headers: each "name: value" and a line break.
        """
        library = _library.library()
        request = _library.Request(
            method=method.encode(),
            target=target.encode() if isinstance(target, str) else target,
            body=body,
            body_size=len(body),
            headers=headers.encode(),
        )
        answer = _Answer()
        handle = self._enter()
        try:
            status = library.sextant_send(handle, ctypes.byref(request), ctypes.byref(answer.pointer))
        finally:
            self._storage.leave()
        lines = answer.headers().splitlines()
        fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        return Answer(status, fields, answer.body())

    def call(self, method: str, target: str, body: Any = None) -> Any:
        """The `result` of a request whose body is given as an object. SextantError unless it succeeds."""
        answer = self.request(method, target, b"" if body is None else json.dumps(body, allow_nan=False).encode())
        if answer.status != 200:
            raise SextantError.from_answer(answer.status, answer.body)
        return json.loads(answer.body)["result"]

    def run(self, function: str, *arguments: Any) -> bytes:
        """One of the library's functions on arrays: the body of its answer, if it has one. SextantError unless it
        succeeds."""
        handle = self._enter()
        try:
            return _call(getattr(_library.library(), function), handle, *arguments)
        finally:
            self._storage.leave()

    def _enter(self) -> ctypes.c_void_p:
        if self.closed:
            raise RuntimeError("this engine is closed")
        return self._storage.enter()

    def client(self, **options: Any) -> "QdrantClient":
        """The official client on this engine, which stays open as long as the client is."""
        from sextant.clients import QdrantClient

        return QdrantClient(engine=self, **options)

    def async_client(self, **options: Any) -> "AsyncQdrantClient":
        from sextant.clients import AsyncQdrantClient

        return AsyncQdrantClient(engine=self, **options)

    def collection(self, name: str) -> "Collection":
        """The collection of this name, for arrays. SextantError (404) when there is none."""
        from sextant.collection import Collection

        return Collection(self, name)

    def collections(self) -> list[str]:
        return [entry["name"] for entry in self.call("GET", "/collections")["collections"]]

    def create_collection(self, name: str, dim: int, distance: str = "Cosine", **config: Any) -> "Collection":
        """A collection with one unnamed vector of `dim` numbers.

        Parameters:
            distance: "Cosine", "Dot", "Euclid" or "Manhattan".
            config: more of the body of PUT /collections/{name}, as models of qdrant_client or as dicts:
                quantization_config, on_disk_payload, … `vectors` stands for the dimension and the distance.
        """
        from sextant.collection import Collection, to_json_object

        body = {"vectors": {"size": dim, "distance": distance}, **{key: to_json_object(v) for key, v in config.items()}}
        self.call("PUT", Collection.target_of(name), body)
        return Collection(self, name)


def set_log_level(level: str) -> None:
    """What the engine logs on stderr: "trace", "debug", "info", "warn" (the default), "error" or "off"."""
    if _library.library().sextant_set_log_level(level.encode()) != 200:
        raise ValueError(f"no log level: {level!r}")


def version() -> str:
    """Of the engine."""
    return str(_library.library().sextant_version().decode())
