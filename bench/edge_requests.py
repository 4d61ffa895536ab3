"""Requests of the REST interface as calls of the real Qdrant engine (qdrant-edge-py), as far as benchmarks make them."""

from collections.abc import Callable

import qdrant_edge as edge

DISTANCES = {"Cosine": edge.Distance.Cosine, "Dot": edge.Distance.Dot, "Euclid": edge.Distance.Euclid}
FIELD_TYPES = {"float": edge.PayloadSchemaType.Float, "keyword": edge.PayloadSchemaType.Keyword}
ENCODINGS = {
    "one_bit": edge.BinaryQuantizationEncoding.OneBit,
    "one_and_half_bits": edge.BinaryQuantizationEncoding.OneAndHalfBits,
    "two_bits": edge.BinaryQuantizationEncoding.TwoBits,
}
TURBO_BITS = {
    "bits1": edge.TurboQuantBitSize.Bits1,
    "bits1_5": edge.TurboQuantBitSize.Bits1_5,
    "bits2": edge.TurboQuantBitSize.Bits2,
    "bits4": edge.TurboQuantBitSize.Bits4,
}


def quantization(config: dict | None) -> object:
    """The peer's form of a `quantization_config`."""
    if config is None:
        return None
    ((kind, given),) = config.items()
    placed = {"always_ram": given.get("always_ram")}
    match kind:
        case "scalar":
            return edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=given.get("quantile"), **placed)
        case "product":
            return edge.ProductQuantizationConfig(getattr(edge.CompressionRatio, given["compression"].upper()), **placed)
        case "binary":
            return edge.BinaryQuantizationConfig(encoding=ENCODINGS[given["encoding"]], **placed)
        case "turbo":
            return edge.TurboQuantQuantizationConfig(bits=TURBO_BITS[given["bits"]], **placed)
    raise ValueError(f"unknown quantization: {kind}")


def collection(body: dict) -> edge.EdgeConfig:
    """One search thread: with more the peer answers a single query later, not sooner."""
    vectors = body["vectors"]
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(
            size=vectors["size"],
            distance=DISTANCES[vectors["distance"]],
            on_disk=vectors.get("on_disk"),
            quantization_config=quantization(body.get("quantization_config")),
        ),
        optimizers=edge.EdgeOptimizersConfig(**body.get("optimizers_config", {})),
        max_search_threads=1,
        wal_enabled=body.get("wal_enabled"),
    )


def search_filter(body: dict | None) -> edge.Filter | None:
    if body is None:
        return None
    return edge.Filter(must=[edge.FieldCondition(c["key"], range=edge.RangeFloat(**c["range"])) for c in body["must"]])


def search_params(body: dict) -> edge.SearchParams:
    acorn, codes = body.get("acorn"), body.get("quantization")
    return edge.SearchParams(
        hnsw_ef=body.get("hnsw_ef"),
        exact=body.get("exact", False),
        quantization=edge.QuantizationSearchParams(**codes) if codes else None,
        acorn=edge.AcornSearchParams(**acorn) if acorn else None,
    )


Call = Callable[[edge.EdgeShard], object]


def query(body: dict) -> Call:
    request = edge.QueryRequest(
        limit=body["limit"],
        query=edge.Query.Nearest(body["query"], using=body.get("using")),
        filter=search_filter(body.get("filter")),
        params=search_params(body.get("params", {})),
        with_payload=False,
    )
    return lambda shard: shard.query(request)


def upsert(points: list[dict]) -> Call:
    """Acknowledged means durable, as it does to us."""
    made = edge.UpdateOperation.upsert_points([edge.Point(p["id"], p["vector"], p["payload"]) for p in points])

    def call(shard: edge.EdgeShard) -> None:
        shard.update(made)
        shard.flush()

    return call


def create_index(body: dict) -> Call:
    operation = edge.UpdateOperation.create_field_index(body["field_name"], FIELD_TYPES[body["field_schema"]])
    return lambda shard: shard.update(operation)


def result(answer: object) -> dict:
    """What a call answered, as the `result` of a REST answer."""
    return {"points": [{"id": hit.id, "score": hit.score} for hit in answer]} if isinstance(answer, list) else {}
