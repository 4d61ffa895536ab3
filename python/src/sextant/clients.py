"""The official client on the engine inside this process: itself, with another transport below it, past which plain
points go as arrays."""

import inspect
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, NoReturn, Optional

import anyio.to_thread
import qdrant_client
from qdrant_client.async_qdrant_remote import AsyncQdrantRemote
from qdrant_client.qdrant_remote import QdrantRemote

from sextant import plain_points
from sextant.engine import Engine
from sextant.transport import InProcessTransport

MEMORY = ":memory:"
# No host of this name is ever asked.
_URL = "http://sextant-in-this-process"
# The arguments of a client that mean something without a network.
_KEPT = ("timeout", "headers", "cloud_inference", "local_inference_batch_size")


class _SharedIterator:
    """One iterator for several threads."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items, self._lock = iter(items), Lock()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        with self._lock:
            return next(self._items)


def _arguments_for(official: type, engine: Engine, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments with which a class of the official client, of whatever version, talks to the engine."""
    known = inspect.signature(official.__init__).parameters
    made = {name: value for name, value in options.items() if name in known}
    if "check_compatibility" in known:
        made["check_compatibility"] = False  # it would ask the network
    return {"url": _URL, "transport": InProcessTransport(engine), **made}


class _InProcess:
    """What an in-process remote does otherwise than one on a network."""

    _official: type
    _engine: Engine

    def __init__(self, engine: Engine, **options: Any) -> None:
        self._engine = engine
        super().__init__(**_arguments_for(self._official, engine, options))

    def _upload_collection(self, batches_iterator: Iterable[Any], parallel: int = 1, **kwargs: Any) -> None:
        """Threads of this process in place of other processes, which would not have the engine."""
        shared: Iterable[Any] = _SharedIterator(batches_iterator)
        kwargs.pop("method", None)  # of starting processes
        conditions = {name: value for name, value in kwargs.items() if name not in ("max_retries", "wait")}
        collection = conditions.pop("collection_name")
        is_plain = all(value is None for value in conditions.values())

        def upload() -> None:
            batches = plain_points.upload(self._engine, collection, shared) if is_plain else shared
            super(_InProcess, self)._upload_collection(batches, parallel=1, **kwargs)

        with ThreadPoolExecutor(max(1, parallel)) as pool:
            for job in [pool.submit(upload) for _ in range(max(1, parallel))]:
                job.result()

    def _no_grpc(self) -> NoReturn:
        raise NotImplementedError("there is no gRPC inside a process; use the methods of the client")

    grpc_points = grpc_collections = grpc_snapshots = grpc_root = property(_no_grpc)


class InProcessRemote(_InProcess, QdrantRemote):
    """The REST half of the official client on an engine, which it closes with itself."""

    _official = QdrantRemote

    def upsert(self, collection_name: str, points: Any, wait: bool = True, **options: Any) -> Any:
        if wait and all(value is None for value in options.values()):
            result = plain_points.upsert(self._engine, collection_name, points)
            if result is not None:
                return result
        return super().upsert(collection_name, points, wait, **options)

    def close(self, grpc_grace: Optional[float] = None, **kwargs: Any) -> None:
        super().close(grpc_grace=grpc_grace, **kwargs)
        self._engine.close()


class AsyncInProcessRemote(_InProcess, AsyncQdrantRemote):
    _official = AsyncQdrantRemote

    async def upsert(self, collection_name: str, points: Any, wait: bool = True, **options: Any) -> Any:
        if wait and all(value is None for value in options.values()):
            result = await anyio.to_thread.run_sync(plain_points.upsert, self._engine, collection_name, points)
            if result is not None:
                return result
        return await super().upsert(collection_name, points, wait, **options)

    async def close(self, grpc_grace: Optional[float] = None, **kwargs: Any) -> None:
        await super().close(grpc_grace=grpc_grace, **kwargs)
        self._engine.close()


def _inspect_less(inspector: Any) -> None:
    """Spares the client's search for texts to embed the numbers of plain points, which it looks at one by one."""
    inspect_all = inspector.inspect

    def inspect(points: Any) -> Any:
        if all(plain_points.is_plain(point) for point in (points if isinstance(points, list) else [points])):
            return []
        return inspect_all(points)

    inspector.inspect = inspect


def _arguments_of(client: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    bound = inspect.signature(client.__init__).bind(None, *args, **kwargs).arguments
    bound.pop("self")
    return {**bound.pop("kwargs", {}), **bound}


def _engine_of(arguments: dict[str, Any]) -> Optional[Engine]:
    """The engine that the arguments of a client ask for; None for a server."""
    given = [name for name in ("engine", "location", "url", "host", "path") if arguments.get(name) is not None]
    if len(given) > 1:
        raise ValueError(f"only one of location, url, host, path and engine can be given, not {', '.join(given)}")
    if "engine" in given:
        return arguments["engine"].share()
    if arguments.get("location") == MEMORY:
        return Engine()
    if "path" in given:
        return Engine(arguments["path"])
    return None


class _Client:
    """What QdrantClient and AsyncQdrantClient have in common."""

    _official: type
    _remote: type
    engine: Optional[Engine] = None  # None: the client of a server

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        shared = {"engine": kwargs.pop("engine")} if "engine" in kwargs else {}
        arguments = _arguments_of(self._official, args, kwargs)
        engine = _engine_of({**arguments, **shared})
        if engine is None:
            super().__init__(*args, **kwargs)
            return
        kept = {name: arguments[name] for name in _KEPT if arguments.get(name) is not None}
        super().__init__(**_arguments_for(self._official, engine, kept))
        self._client = self._remote(engine, **kept)  # in place of one that would start processes, and never sent a byte
        self._init_options = {**arguments, **shared}
        if hasattr(self, "_inference_inspector"):  # old clients have none
            _inspect_less(self._inference_inspector)
        self.engine = engine


class QdrantClient(_Client, qdrant_client.QdrantClient):
    """qdrant_client.QdrantClient, whose `QdrantClient(":memory:")` and `QdrantClient(path=…)` run on the engine inside
    this process, and whose `url=` and `host=` talk to a server. `engine=` takes an open `sextant.Engine`.

    `engine` is the engine of the client (None for a server): `client.engine.collection(name)` is the interface for
    arrays to the same data. `path=` may be used by any number of clients of one process, and by one process at a time;
    a server can open the directory afterwards. `upload_collection(parallel=…)` uses threads.
    """

    _official, _remote = qdrant_client.QdrantClient, InProcessRemote


class AsyncQdrantClient(_Client, qdrant_client.AsyncQdrantClient):
    """qdrant_client.AsyncQdrantClient in the same way."""

    _official, _remote = qdrant_client.AsyncQdrantClient, AsyncInProcessRemote
