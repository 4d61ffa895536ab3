"""What the local mode of qdrant_client left behind, and programs that still ask for it."""

import contextlib
import os
import warnings
from pathlib import Path
from typing import Any, Union

import qdrant_client.async_qdrant_client
import qdrant_client.qdrant_client
from qdrant_client.local.qdrant_local import QdrantLocal
from qdrant_client.migrate.migrate import migrate

from sextant.clients import MEMORY, AsyncInProcessRemote, InProcessRemote, QdrantClient
from sextant.engine import Engine, is_local_store

_IMPORT_BATCH = 256


def import_local_store(
    source: Union[str, "os.PathLike[str]"], destination: Union[str, "os.PathLike[str]"]
) -> QdrantClient:
    """Copies the collections and aliases of a directory that qdrant_client's local mode wrote into one of the engine
    (new, or with other collections), and returns a client on it. The source stays as it is.

    Local mode keeps its points as pickles: read only directories that you trust.

    Errors: ValueError when the source is no such directory or is in the destination already. What was copied before an
    error stays; call it again with another destination.
    """
    if not is_local_store(Path(source)):
        raise ValueError(f"{source} was not written by the local mode of qdrant_client (there is no meta.json)")
    if os.path.realpath(source) == os.path.realpath(destination):
        raise ValueError("the destination must be another directory than the source")
    client = QdrantClient(path=os.fspath(destination))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Local mode is not recommended")
            local = QdrantLocal(location=os.fspath(source))
        with contextlib.closing(local):
            migrate(local, client, batch_size=_IMPORT_BATCH)
            for alias in local.get_aliases().aliases:
                client.update_collection_aliases([_creation_of(alias.alias_name, alias.collection_name)])
    except BaseException:
        client.close()
        raise
    return client


def _creation_of(alias: str, collection: str) -> Any:
    models = qdrant_client.models
    return models.CreateAliasOperation(create_alias=models.CreateAlias(alias_name=alias, collection_name=collection))


def _engine_at(location: str) -> Engine:
    return Engine(None if location == MEMORY else location)


class _LocalMode(InProcessRemote):
    """Takes the place of QdrantLocal."""

    def __init__(self, location: str, force_disable_check_same_thread: bool = False) -> None:
        super().__init__(_engine_at(location))


class _AsyncLocalMode(AsyncInProcessRemote):
    def __init__(self, location: str, force_disable_check_same_thread: bool = False) -> None:
        super().__init__(_engine_at(location))


class LocalModeReplacement:
    """What `replace_local_mode` did, until `close` or the end of a `with` block."""

    def __init__(self) -> None:
        self._undo = contextlib.ExitStack()
        self._replace(qdrant_client.qdrant_client, "QdrantLocal", _LocalMode)
        self._replace(qdrant_client.async_qdrant_client, "AsyncQdrantLocal", _AsyncLocalMode)

    def _replace(self, module: Any, name: str, by: type) -> None:
        self._undo.callback(setattr, module, name, getattr(module, name))
        setattr(module, name, by)

    def close(self) -> None:
        self._undo.close()

    def __enter__(self) -> "LocalModeReplacement":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def replace_local_mode() -> LocalModeReplacement:
    """From now on `:memory:` and `path=` of qdrant_client itself run on the engine, whoever asks for them: libraries
    that make their own client need no change. Clients made before stay as they are. `python -m sextant` does it for a
    whole program.
    """
    return LocalModeReplacement()
