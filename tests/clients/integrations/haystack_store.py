"""Stores and searches through qdrant-haystack: python haystack_store.py URL NAME, or with a path
in place of the URL, `python -m sextant haystack_store.py PATH NAME`: the engine inside the process."""

import sys

from embedder import SIZE, TEXTS, embed, place_of
from haystack.dataclasses import Document
from haystack.document_stores.types import DuplicatePolicy
from haystack_integrations.components.retrievers.qdrant import QdrantEmbeddingRetriever
from haystack_integrations.document_stores.qdrant import QdrantDocumentStore


def main() -> None:
    where, name = place_of(sys.argv[1]), sys.argv[2]
    store = QdrantDocumentStore(**where, index=name, embedding_dim=SIZE, return_embedding=True, wait_result_from_api=True)
    documents = [
        Document(content=text, meta={"topic": topic, "number": number}, embedding=embed(text))
        for number, (topic, text) in enumerate(TEXTS.items())
    ]
    assert store.write_documents(documents, policy=DuplicatePolicy.OVERWRITE) == 4
    assert store.count_documents() == 4
    retriever = QdrantEmbeddingRetriever(document_store=store, top_k=2)
    found = retriever.run(query_embedding=embed("cats in the sun"))["documents"]
    assert [document.meta["topic"] for document in found] == ["cats", "boats"], found
    some = {"field": "meta.number", "operator": ">=", "value": 2}
    assert {document.meta["topic"] for document in store.filter_documents(some)} == {"trains", "boats"}
    either = {
        "operator": "OR",
        "conditions": [
            {"field": "meta.topic", "operator": "==", "value": "dogs"},
            {"field": "meta.topic", "operator": "in", "value": ["trains"]},
        ],
    }
    found = retriever.run(query_embedding=embed("the ball"), filters=either)["documents"]
    assert [document.meta["topic"] for document in found] == ["dogs", "trains"]
    store.delete_documents([documents[0].id])
    assert store.count_documents() == 3


if __name__ == "__main__":
    main()
