"""A day of a Qdrant user, in the official client's own words; run by story_test.py under two client versions.

    python user_story.py URL INPUT.npz ANSWERS.json [GRPC_PORT]

INPUT has `vectors` and `queries`. ANSWERS gets what the server said, for the test to judge. With a gRPC port, gRPC is
what the client prefers.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from qdrant_client import QdrantClient
from qdrant_client.models import (
    Distance,
    FieldCondition,
    Filter,
    MatchValue,
    OptimizersConfigDiff,
    PayloadSchemaType,
    PointIdsList,
    PointStruct,
    ScalarQuantization,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
    VectorParams,
)

USERS = 50
FILTERED_USER = 7
# Two published articles of that user: one is taken back, the other deleted.
UNPUBLISHED, DELETED = FILTERED_USER, FILTERED_USER + 2 * USERS


def payload_of(point: int) -> dict:
    return {"user_id": point % USERS, "is_published": point % 3 != 0, "title": f"article {point}"}


def two_conditions(user: int) -> Filter:
    return Filter(
        must=[
            FieldCondition(key="user_id", match=MatchValue(value=user)),
            FieldCondition(key="is_published", match=MatchValue(value=True)),
        ]
    )


def create_collections(client: QdrantClient, size: int) -> None:
    client.create_collection(
        collection_name="articles_mmap",
        vectors_config=VectorParams(size=size, distance=Distance.COSINE),
        optimizers_config=OptimizersConfigDiff(memmap_threshold=20000),
    )
    client.create_collection(
        collection_name="articles_int8",
        vectors_config=VectorParams(size=size, distance=Distance.COSINE),
        quantization_config=ScalarQuantization(
            scalar=ScalarQuantizationConfig(type=ScalarType.INT8, quantile=0.99, always_ram=True)
        ),
    )


def load(client: QdrantClient, vectors: np.ndarray) -> None:
    client.upload_collection(
        collection_name="articles_mmap",
        vectors=vectors,
        payload=(payload_of(point) for point in range(len(vectors))),
        ids=range(len(vectors)),
        batch_size=256,
    )
    for start in range(0, len(vectors), 256):
        points = [
            PointStruct(id=point, vector=vectors[point].tolist(), payload=payload_of(point))
            for point in range(start, min(start + 256, len(vectors)))
        ]
        client.upsert(collection_name="articles_int8", points=points, wait=True)
    client.create_payload_index("articles_mmap", "user_id", field_schema=PayloadSchemaType.INTEGER)


def search(client: QdrantClient, collection: str, query: np.ndarray, **options) -> list:
    """`client.search` where the client still has it, `client.query_points` in the newest."""
    if hasattr(client, "search"):
        return client.search(collection_name=collection, query_vector=query.tolist(), limit=10, **options)
    return client.query_points(collection_name=collection, query=query.tolist(), limit=10, **options).points


def ids(hits: list) -> list[int]:
    return [hit.id for hit in hits]


def search_everything(client: QdrantClient, queries: np.ndarray) -> dict:
    answers = {}
    for name in ("articles_mmap", "articles_int8"):
        answers[name] = {
            "plain": [ids(search(client, name, query)) for query in queries],
            "ef_256": [ids(search(client, name, query, search_params=SearchParams(hnsw_ef=256))) for query in queries],
            "filtered": [
                ids(search(client, name, query, query_filter=two_conditions(FILTERED_USER))) for query in queries
            ],
        }
    return answers


def edit(client: QdrantClient) -> dict:
    """Small changes, and what is seen of them."""
    name = "articles_mmap"
    client.set_payload(name, payload={"is_published": False}, points=[UNPUBLISHED])
    client.delete(name, points_selector=PointIdsList(points=[DELETED]))
    page, offset = client.scroll(name, scroll_filter=two_conditions(FILTERED_USER), limit=5, with_payload=True)
    return {
        "unpublished": client.retrieve(name, ids=[UNPUBLISHED])[0].payload,
        "deleted": len(client.retrieve(name, ids=[DELETED])),
        "count": client.count(name, exact=True).count,
        "filtered_count": client.count(name, count_filter=two_conditions(FILTERED_USER), exact=True).count,
        "page": [record.id for record in page],
        "next": offset,
    }


def main() -> None:
    url, input_path, output_path, *grpc_port = sys.argv[1:]
    data = np.load(input_path)
    grpc = {"grpc_port": int(grpc_port[0]), "prefer_grpc": True} if grpc_port else {}
    client = QdrantClient(url=url, timeout=120, **grpc)
    create_collections(client, data["vectors"].shape[1])
    load(client, data["vectors"])
    first_hit = search(client, "articles_int8", data["queries"][0], with_payload=True)[0]
    answers = {
        "client": version("qdrant-client"),
        "collections": sorted(entry.name for entry in client.get_collections().collections),
        "memmap_threshold": client.get_collection("articles_mmap").config.optimizer_config.memmap_threshold,
        "quantization": json.loads(client.get_collection("articles_int8").config.quantization_config.json()),
        "first_hit": {"id": first_hit.id, "score": first_hit.score, "payload": first_hit.payload},
        "searches": search_everything(client, data["queries"]),
        "edits": edit(client),
    }
    with open(output_path, "w") as output:
        json.dump(answers, output)


if __name__ == "__main__":
    main()
