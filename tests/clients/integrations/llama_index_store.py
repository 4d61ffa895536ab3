"""Stores and searches through llama-index-vector-stores-qdrant: python llama_index_store.py URL NAME,
or with a path in place of the URL, `python -m sextant llama_index_store.py PATH NAME`: the engine inside the process."""

import sys

from embedder import TEXTS, embed, place_of
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters, VectorStoreQuery
from llama_index.vector_stores.qdrant import QdrantVectorStore
from qdrant_client import QdrantClient


def node(number: int, topic: str, text: str) -> TextNode:
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"document-{topic}")}
    metadata = {"topic": topic, "number": number}
    return TextNode(text=text, metadata=metadata, embedding=embed(text), relationships=source)


def main() -> None:
    where, name = place_of(sys.argv[1]), sys.argv[2]
    client = QdrantClient(**where)
    store = QdrantVectorStore(collection_name=name, client=client)
    nodes = [node(number, topic, text) for number, (topic, text) in enumerate(TEXTS.items())]
    assert len(store.add(nodes)) == 4

    def topics(text: str, filters: MetadataFilters | None = None, limit: int = 2) -> list[str]:
        answer = store.query(VectorStoreQuery(query_embedding=embed(text), similarity_top_k=limit, filters=filters))
        return [found.metadata["topic"] for found in answer.nodes]

    assert topics("cats in the sun") == ["cats", "boats"]
    small = MetadataFilters(filters=[MetadataFilter(key="number", value=2, operator=FilterOperator.GTE)])
    assert set(topics("cats in the sun", small, 4)) == {"trains", "boats"}
    named = MetadataFilters(filters=[MetadataFilter(key="topic", value=["dogs"], operator=FilterOperator.IN)])
    assert topics("anything", named) == ["dogs"]
    assert len(store.get_nodes(node_ids=[nodes[0].node_id])) == 1
    store.delete("document-cats")
    assert topics("cats in the sun", limit=1) == ["boats"]
    assert client.count(name).count == 3


if __name__ == "__main__":
    main()
