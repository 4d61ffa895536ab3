"""Sextant inside this process: a vector search engine without a server.

from sextant import QdrantClient       # the official client, its local mode replaced by the engine
client = QdrantClient(":memory:")      # or QdrantClient(path="./data")

import sextant                         # for arrays
engine = sextant.Engine("./data")      # or sextant.Engine() in memory
collection = engine.create_collection("texts", dim=384)
collection.insert(vectors, payloads=frame)      # [n, 384]; dicts or a data frame
ids, scores = collection.search(queries, 10)    # [q, 10] each
"""

from sextant.clients import AsyncQdrantClient, QdrantClient
from sextant.collection import Collection, SearchResult
from sextant.engine import Engine, set_log_level, version
from sextant.errors import LocalStoreError, SextantError
from sextant.local_mode import import_local_store, replace_local_mode

__all__ = [
    "AsyncQdrantClient",
    "Collection",
    "Engine",
    "LocalStoreError",
    "QdrantClient",
    "SearchResult",
    "SextantError",
    "import_local_store",
    "replace_local_mode",
    "set_log_level",
    "version",
]
