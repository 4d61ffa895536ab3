"""Stores and searches through langchain-qdrant: python langchain_store.py URL NAME, or with a path in
place of the URL, `python -m sextant langchain_store.py PATH NAME`: the engine inside the process."""

import sys

from embedder import SIZE, TEXTS, embed, place_of
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore
from qdrant_client import QdrantClient, models


class Words(Embeddings):
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [embed(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return embed(text)


def main() -> None:
    where, name = place_of(sys.argv[1]), sys.argv[2]
    client = QdrantClient(**where)
    client.create_collection(name, vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE))
    store = QdrantVectorStore(client=client, collection_name=name, embedding=Words())
    documents = [Document(page_content=text, metadata={"topic": topic}) for topic, text in TEXTS.items()]
    ids = store.add_documents(documents)
    assert len(ids) == 4
    found = store.similarity_search("cats in the sun", k=2)
    assert [document.metadata["topic"] for document in found] == ["cats", "boats"], found
    only = models.Filter(must=[models.FieldCondition(key="metadata.topic", match=models.MatchValue(value="dogs"))])
    ((document, score),) = store.similarity_search_with_score("the ball", k=3, filter=only)
    assert document.page_content == TEXTS["dogs"] and 0 < score <= 1
    diverse = store.max_marginal_relevance_search("cats in the sun", k=2, fetch_k=4)
    assert len(diverse) == 2 and diverse[0].metadata["topic"] == "cats", diverse
    assert store.get_by_ids([ids[2]])[0].metadata["topic"] == "trains"
    assert store.delete([ids[0]])
    assert client.count(name).count == 3
    retriever = store.as_retriever(search_kwargs={"k": 1})
    assert retriever.invoke("sail on the sea")[0].metadata["topic"] == "boats"
    again = QdrantVectorStore.from_existing_collection(embedding=Words(), collection_name=name, **where)
    assert again.similarity_search("station", k=1)[0].metadata["topic"] == "trains"


if __name__ == "__main__":
    main()
