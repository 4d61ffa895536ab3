"""Collections for people with arrays."""

import ctypes
import dataclasses
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union
from urllib.parse import quote

import numpy as np
from pydantic_core import to_json

from sextant import _library, arrays
from sextant.columns import Payloads
from sextant.errors import SextantError
from sextant.progress import Progress

if TYPE_CHECKING:
    from sextant.engine import Engine

PointId = Union[int, str, uuid.UUID]
Vectors = Union[np.ndarray, Mapping[str, np.ndarray]]

_CHUNK_BYTES = 32 << 20  # of vectors, handed to the engine at once
_RETRY_S = 0.5
_PATIENCE_S = 60.0


def to_json_object(model: Any) -> Any:
    """A model of qdrant_client, or what stands for one, as its JSON."""
    if hasattr(model, "model_dump"):
        return model.model_dump(mode="json", exclude_none=True)
    if hasattr(model, "dict"):  # pydantic 1
        return json.loads(model.json(exclude_none=True))
    return model


class _Found:
    """Memory for the hits of searches, one piece: an address takes longer to ask for than a small array to make."""

    def __init__(self, queries: int, limit: int) -> None:
        cells, self._shape = queries * limit, (queries, limit)
        self._uuids_at = 8 * (queries + cells)
        self._scores_at = self._uuids_at + 8 * cells
        self._flags_at = self._scores_at + 4 * cells
        self._memory = np.zeros(self._flags_at + cells, np.uint8)
        self.counts = np.ndarray(queries, np.uint64, self._memory)
        self.ids: np.ndarray = np.ndarray(self._shape, np.uint64, self._memory, 8 * queries)
        self.scores = np.ndarray(self._shape, np.float32, self._memory, self._scores_at)

    def hits(self) -> _library.Hits:
        """Where the library writes."""
        begin, (queries, limit) = self._memory.ctypes.data, self._shape
        return _library.Hits(
            limit=limit,
            ids=begin + 8 * queries,
            uuids=begin + self._uuids_at,
            is_uuid=begin + self._flags_at,
            scores=begin + self._scores_at,
            counts=begin,
        )

    def finish(self) -> None:
        """Marks what is behind the last hit, and makes ids objects where there are UUIDs."""
        queries, limit = self._shape
        if (self.counts[0] if queries == 1 else self.counts.min(initial=limit)) < limit:
            behind = np.arange(limit, dtype=np.uint64) >= self.counts[:, None]
            self.ids[behind], self.scores[behind] = arrays.LARGEST_ID, np.nan
        is_uuid = np.ndarray(self._shape, np.uint8, self._memory, self._flags_at)
        if is_uuid.any():
            uuids = np.ndarray(self._shape, np.uint64, self._memory, self._uuids_at)
            self.ids = _with_uuids(self.ids, uuids, is_uuid, self.counts)


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """The nearest points of each query, best first. `ids, scores = result` works.

    Attributes:
        ids: [q, limit] uint64, or Python objects (int and str) when there are UUIDs among them; [limit] for one query
            given as [dim]. 2**64 - 1 (None among objects) stands behind the last hit of a query.
        scores: [q, limit] float32; NaN behind the last hit.
        counts: [q] hits of each query.
    """

    ids: np.ndarray
    scores: np.ndarray
    counts: np.ndarray

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.ids, self.scores))

    def __repr__(self) -> str:
        queries = "1 query" if self.ids.ndim == 1 else f"{len(self.ids)} queries"
        return f"<sextant.SearchResult of {queries}: ids {list(self.ids.shape)}, scores {list(self.scores.shape)}>"

    def _repr_html_(self) -> str:
        ids, scores = np.atleast_2d(self.ids), np.atleast_2d(self.scores)
        shown = range(min(5, len(ids)))
        columns = range(min(10, ids.shape[1]))
        cells = [
            "".join(f"<td>{ids[q, i]}<br><small>{scores[q, i]:.4f}</small></td>" for i in columns if i < self.counts[q])
            for q in shown
        ]
        rows = "".join(f"<tr><th>{q}</th>{row}</tr>" for q, row in zip(shown, cells))
        rest = f"<caption>and {len(ids) - len(shown):,} more queries</caption>" if len(ids) > len(shown) else ""
        return f"<table>{rest}<tr><th>query</th>{''.join(f'<th>{i + 1}</th>' for i in columns)}</tr>{rows}</table>"


class Collection:
    """A collection of an engine, for arrays; `client` has everything else.

    Threads: any number may use it at the same time; the GIL is released while the engine works.
    """

    def __init__(self, engine: "Engine", name: str) -> None:
        self.engine, self.name = engine, name
        engine.call("GET", self.target_of(name))  # raises when there is none

    @staticmethod
    def target_of(name: str) -> str:
        return f"/collections/{quote(name, safe='')}"

    def __repr__(self) -> str:
        info = self.info()
        vectors = info["config"]["params"].get("vectors") or {}
        if "size" in vectors:
            vectors = {"": vectors}
        shapes = ", ".join(f"{f'{name}: ' if name else ''}{v['size']}-d {v['distance']}" for name, v in vectors.items())
        return f"<sextant.Collection {self.name!r}: {info['points_count']:,} points, {shapes}, {info['status']}>"

    def __len__(self) -> int:
        return self.count()

    def info(self) -> dict[str, Any]:
        """What GET /collections/{name} tells."""
        return dict(self.engine.call("GET", self.target_of(self.name)))

    def count(self, filter: Any = None) -> int:
        """Points, or those that match a `models.Filter`."""
        body = {"exact": True} if filter is None else {"exact": True, "filter": to_json_object(filter)}
        return int(self.engine.call("POST", f"{self.target_of(self.name)}/points/count", body)["count"])

    def insert(self, vectors: Vectors, ids: Any = None, payloads: Any = None, progress: Optional[bool] = None) -> int:
        """Writes points, whole ones in place of those with the same ids, and returns how many.

        Parameters:
            vectors: [n, dim] numbers, or a dict of such arrays by the vectors' names. float32 rows are read where they
                are; other types are converted some at a time.
            ids: [n] integers, or a list of UUIDs (also as text). Left out: 0 … n-1, of an empty collection only.
            payloads: n dicts (or None), or columns: anything with the Arrow PyCapsule interface, as the data frames
                and tables of pandas (2.2 on), Polars and pyarrow have it. A null, a NaN or an infinity is an absent
                field; dates and times become RFC 3339 texts.
            progress: a progress bar; None shows one where it can be seen, once it has taken two seconds.

        Everything is on disk and found by searches when it returns. Errors: ValueError and TypeError for arrays of
        wrong shapes or types, before anything is written. SextantError of the engine (a wrong dimension, a value that
        is not finite, a full disk): of large arrays, the parts before stay.
        """
        named = {"": vectors} if not isinstance(vectors, Mapping) else vectors
        matrices = {
            name: arrays.matrix_of(array, f"vectors {name!r}" if name else "vectors") for name, array in named.items()
        }
        counts = {len(matrix) for matrix in matrices.values()}
        if len(counts) != 1:
            raise ValueError(f"vectors: arrays of different lengths: {sorted(counts)}")
        (count,) = counts
        if count == 0:
            return 0
        checked = arrays.Ids(self._own_ids(count) if ids is None else ids, count)
        row_bytes = 4 * sum(matrix.shape[1] for matrix in matrices.values())
        chunk = max(1, _CHUNK_BYTES // row_bytes)
        bar = Progress(count, progress)
        for begin, end, payload in Payloads(payloads, count).parts(chunk):
            self._insert_part(
                {name: matrix[begin:end] for name, matrix in matrices.items()}, {**checked.part(begin, end), **payload}
            )
            bar.show(end)
        bar.finish()
        return count

    def _own_ids(self, count: int) -> range:
        if self.count() > 0:
            raise ValueError("ids: needed, the collection has points already")
        return range(count)

    def _insert_part(self, matrices: dict[str, np.ndarray], rest: dict[str, Any]) -> None:
        give_up = time.monotonic() + _PATIENCE_S
        while True:
            try:
                arrays.upsert(self.engine, self.name, matrices, rest)
                return
            except SextantError as error:  # 429: no memory until the engine has written more to disk
                if error.status != 429 or time.monotonic() > give_up:
                    raise
                time.sleep(_RETRY_S)

    def search(
        self, queries: Any, limit: int = 10, filter: Any = None, params: Any = None, using: str = ""
    ) -> SearchResult:
        """The nearest points of each query.

        Parameters:
            queries: [q, dim] or [dim] numbers.
            limit: hits of each query.
            filter: a `models.Filter`, or a dict of its JSON.
            params: a `models.SearchParams`, or a dict of its JSON: exact, hnsw_ef, quantization, recall_target, …
            using: the name of the vector.

        Errors: ValueError for queries of a wrong shape, SextantError of the engine. Each few hundred queries have the
        API's time limit of a minute.
        """
        given = np.asarray(queries)
        one = given.ndim == 1
        matrix = arrays.as_rows(arrays.matrix_of(given[None] if one else given, "queries"))
        if limit < 1:
            raise ValueError(f"limit: {limit} is less than 1")
        found = _Found(len(matrix), limit)
        body = {"limit": limit, "filter": to_json_object(filter), "params": to_json_object(params)}
        text = to_json({**body, "using": using} if using else body)
        search = _library.Search(
            body=text,
            body_size=len(text),
            queries=matrix.ctypes.data,
            count=len(matrix),
            dim=matrix.shape[1],
            row_stride=matrix.strides[0] // 4,
        )
        if len(matrix) > 0:
            hits = found.hits()
            self.engine.run("sextant_search_batch", self.name.encode(), ctypes.byref(search), ctypes.byref(hits))
        found.finish()
        if one:
            return SearchResult(found.ids[0], found.scores[0], found.counts)
        return SearchResult(found.ids, found.scores, found.counts)

    def payloads(self, ids: Sequence[PointId]) -> list[Optional[dict[str, Any]]]:
        """The payload of each id; None where there is no such point."""
        wanted = _json_ids(ids)
        body = {"ids": list(dict.fromkeys(wanted)), "with_payload": True}
        found = self.engine.call("POST", f"{self.target_of(self.name)}/points", body)
        by_id = {record["id"]: record.get("payload") or {} for record in found}
        return [by_id.get(one) for one in wanted]

    def delete(self, ids: Sequence[PointId]) -> None:
        """Missing ones are ignored."""
        wanted = _json_ids(ids)
        self.engine.call("POST", f"{self.target_of(self.name)}/points/delete?wait=true", {"points": wanted})

    def wait_until_optimized(self, timeout_s: float = 600.0) -> None:
        """Until the engine has nothing left to build, so that searches are as fast as they get. Points are found
        before, too. TimeoutError after `timeout_s`."""
        give_up = time.monotonic() + timeout_s
        while self.info()["status"] != "green":
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.name!r} is not optimized after {timeout_s} s")
            time.sleep(0.05)

    def drop(self) -> None:
        """Deletes the collection."""
        self.engine.call("DELETE", self.target_of(self.name))


def _json_ids(ids: Sequence[PointId]) -> list[Union[int, str]]:
    return [str(one) if isinstance(one, (str, uuid.UUID)) else int(one) for one in ids]


def _with_uuids(ids: np.ndarray, uuids: np.ndarray, is_uuid: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Ids as Python objects."""
    mixed = np.full(ids.shape, None, object)
    for row, count in enumerate(counts.tolist()):
        for i in range(count):
            low = int(ids[row, i])
            mixed[row, i] = str(uuid.UUID(int=(int(uuids[row, i]) << 64) | low)) if is_uuid[row, i] else low
    return mixed
