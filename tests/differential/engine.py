"""The reference's own engine, from its package for programs without a server, under the names of the official client.

Takes the same models as `QdrantClient`, so that the calls of an OperationMaker run on both. What the package has not is
not here: groups, matrices, collections.
"""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from qdrant_client import models
from qdrant_client.http.models import QueryResponse

from differential.engine_queries import QueryTranslator, plain_id
from differential.spaces import Dense, Space, Sparse

# A point has at most so many values of a field.
MOST_VALUES = 8


class Engine:
    """One collection of one shard in `directory`, which must exist; `package` is the imported package."""

    def __init__(self, package: ModuleType, directory: Path, space: Space):
        self.package = package
        vectors = {name: self.dense_params(kind) for name, kind in space.dense().items()}
        sparse = {name: self.sparse_params(kind) for name, kind in space.sparse().items()}
        config = package.EdgeConfig(vectors=vectors, sparse_vectors=sparse)
        self.shard = package.EdgeShard.create(str(directory), config)
        self.translate = QueryTranslator(package, self.vector_of)

    def dense_params(self, kind: Dense) -> Any:
        package = self.package
        return package.EdgeVectorParams(
            size=kind.size,
            distance=getattr(package.Distance, kind.distance.value),
            multivector_config=package.MultiVectorConfig(package.MultiVectorComparator.MaxSim) if kind.multi else None,
            datatype=self.datatype(kind.datatype),
        )

    def sparse_params(self, kind: Sparse) -> Any:
        modifier = self.package.Modifier.Idf if kind.idf else None
        return self.package.EdgeSparseVectorParams(modifier=modifier, datatype=self.datatype(kind.datatype))

    def datatype(self, given: models.Datatype | None) -> Any:
        return getattr(self.package.VectorStorageDatatype, given.value.capitalize()) if given else None

    def close(self) -> None:
        self.shard.close()

    # --- writes

    def update(self, operation: str, *arguments: Any) -> None:
        self.shard.update(getattr(self.package.UpdateOperation, operation)(*arguments))

    def update_selected(self, operation: str, selector: object, *arguments: Any) -> None:
        """`selector`: ids, a filter, or one of the client's models of either."""
        if isinstance(selector, models.PointIdsList):
            selector = selector.points
        if isinstance(selector, models.FilterSelector):
            selector = selector.filter
        if isinstance(selector, models.Filter):
            self.update(f"{operation}_by_filter", self.translate.filter(selector), *arguments)
        else:
            self.update(operation, selector, *arguments)

    def upsert(
        self,
        _name: str,
        points: Iterable[models.PointStruct] | models.Batch,
        update_filter: models.Filter | None = None,
        update_mode: models.UpdateMode | None = None,
    ) -> None:
        given = rows_of(points) if isinstance(points, models.Batch) else points
        converted = [self.package.Point(one.id, self.translate.vector(one.vector), one.payload) for one in given]
        modes = self.package.UpdateMode
        mode = {"insert_only": modes.InsertOnly, "update_only": modes.UpdateOnly}.get(update_mode, modes.Upsert)
        self.update("upsert_points", converted, self.translate.filter(update_filter), mode)

    def update_vectors(self, _name: str, points: list[models.PointVectors], update_filter: object = None) -> None:
        converted = [self.package.PointVectors(one.id, self.translate.vector(one.vector)) for one in points]
        self.update("update_vectors", converted, self.translate.filter(update_filter))

    def delete_vectors(self, _name: str, vectors: list[str], points: object) -> None:
        self.update_selected("delete_vectors", points, vectors)

    def delete(self, _name: str, points_selector: object) -> None:
        self.update_selected("delete_points", points_selector)

    def set_payload(self, _name: str, payload: dict, points: object, key: str | None = None) -> None:
        self.update_selected("set_payload", points, payload, key)

    def overwrite_payload(self, _name: str, payload: dict, points: object) -> None:
        self.update_selected("overwrite_payload", points, payload, None)

    def delete_payload(self, _name: str, keys: list[str], points: object) -> None:
        self.update_selected("delete_payload", points, keys)

    def clear_payload(self, _name: str, points_selector: object) -> None:
        self.update_selected("clear_payload", points_selector)

    def batch_update_points(self, name: str, update_operations: list) -> None:
        for operation in update_operations:
            ((kind, change),) = dict(operation).items()
            selector = getattr(change, "points", None) or getattr(change, "filter", None)
            if kind == "upsert":
                self.upsert(name, change.points, change.update_filter, change.update_mode)
            elif kind == "update_vectors":
                self.update_vectors(name, change.points, change.update_filter)
            elif kind == "delete_vectors":
                self.delete_vectors(name, change.vector, selector)
            elif kind == "set_payload":
                self.set_payload(name, change.payload, selector, change.key)
            elif kind == "overwrite_payload":
                self.overwrite_payload(name, change.payload, selector)
            elif kind == "delete_payload":
                self.delete_payload(name, change.keys, selector)
            else:
                {"delete": self.delete, "clear_payload": self.clear_payload}[kind](name, change)

    def create_payload_index(self, _name: str, field_name: str, field_schema: models.PayloadSchemaType) -> None:
        kind = getattr(self.package.PayloadSchemaType, field_schema.value.capitalize())
        self.update("create_field_index", field_name, kind)

    def delete_payload_index(self, _name: str, field_name: str) -> None:
        self.update("delete_field_index", field_name)

    # --- reads

    def scroll(self, _name: str, scroll_filter: object = None, order_by: object = None, **options: Any) -> tuple:
        limit = options.get("limit", 10)
        request = self.package.ScrollRequest(
            offset=options.get("offset"),
            limit=limit * MOST_VALUES if order_by else limit,
            filter=self.translate.filter(scroll_filter),
            with_payload=self.translate.with_payload(options.get("with_payload", True)),
            with_vector=options.get("with_vectors", False),
            order_by=self.translate.order_by(order_by) if order_by else None,
        )
        records, following = self.shard.scroll(request)
        return [self.record(one) for one in records[:limit]], plain_id(following)

    def count(self, _name: str, count_filter: object, exact: bool) -> models.CountResult:
        request = self.package.CountRequest(exact=exact, filter=self.translate.filter(count_filter))
        return models.CountResult(count=self.shard.count(request))

    def facet(self, _name: str, key: str, facet_filter: object, limit: int, exact: bool) -> models.FacetResponse:
        request = self.package.FacetRequest(key, limit, exact, self.translate.filter(facet_filter))
        found = [hit for hit in self.shard.facet(request).hits if hit.count > 0]  # a collection leaves out zeros
        hits = [models.FacetValueHit(value=hit.value, count=hit.count) for hit in found]
        return models.FacetResponse(hits=hits)

    def retrieve(self, _name: str, ids: list, with_payload: object = True, with_vectors: object = False) -> list:
        """In the order of `ids`."""
        records = self.shard.retrieve(ids, self.translate.with_payload(with_payload), with_vectors)
        return sorted(map(self.record, records), key=lambda record: ids.index(record.id))

    def query_points(self, _name: str, **arguments: Any) -> QueryResponse:
        hits = self.shard.query(self.translate.request(arguments))
        return QueryResponse(points=[self.hit(one, arguments.get("with_vectors")) for one in hits])

    @staticmethod
    def hit(found: Any, with_vectors: bool | list[str] | None) -> models.ScoredPoint:
        """Diverse hits come with all their vectors, whatever was asked for."""
        vector = plain(found.vector) if with_vectors else None
        if isinstance(vector, dict) and isinstance(with_vectors, list):
            vector = {name: one for name, one in vector.items() if name in with_vectors}
        elif isinstance(with_vectors, list) and "" not in with_vectors:
            vector = None
        fields = {field: getattr(found, field) for field in ("version", "score", "payload", "order_value")}
        return models.ScoredPoint(id=plain_id(found.id), vector=vector, **fields)

    def record(self, found: Any) -> models.Record:
        vector, order_value = plain(found.vector), found.order_value
        return models.Record(id=plain_id(found.id), payload=found.payload, vector=vector, order_value=order_value)

    def vector_of(self, point: int | str, name: str) -> list | models.SparseVector:
        """The stored vector that a query means by an id."""
        records = self.shard.retrieve([point], False, True)
        if not records:
            raise ValueError(f"No point with id {point} found")
        vectors = plain(records[0].vector)
        named = vectors if isinstance(vectors, dict) else {"": vectors}
        vector = named.get(name)
        if vector is None:
            raise ValueError(f"point {point} has no vector {name!r}")
        return vector


def rows_of(batch: models.Batch) -> list[models.PointStruct]:
    def vector(at: int) -> list | dict:
        if isinstance(batch.vectors, dict):
            return {name: column[at] for name, column in batch.vectors.items()}
        return batch.vectors[at]

    payloads = batch.payloads or [None] * len(batch.ids)
    return [
        models.PointStruct(id=point, vector=vector(at), payload=payloads[at]) for at, point in enumerate(batch.ids)
    ]


def plain(vector: object) -> object:
    """Lists of Python's numbers, or the client's model of a sparse vector."""
    if isinstance(vector, dict):
        return {name: plain(one) for name, one in vector.items()}
    if hasattr(vector, "indices"):
        return models.SparseVector(indices=vector.indices, values=vector.values)
    return vector if vector is None else np.asarray(vector, dtype=np.float32).tolist()

