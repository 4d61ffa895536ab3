"""Stores and finds through mcp-server-qdrant's connector: `python -m sextant mcp_server.py PATH NAME` has the engine inside
the process (its server is this connector behind a protocol, with a model that has to be downloaded)."""

import asyncio
import sys

from embedder import SIZE, TEXTS, embed
from mcp_server_qdrant.embeddings.base import EmbeddingProvider
from mcp_server_qdrant.qdrant import Entry, QdrantConnector


class Words(EmbeddingProvider):
    async def embed_documents(self, documents: list[str]) -> list[list[float]]:
        return [embed(text) for text in documents]

    async def embed_query(self, query: str) -> list[float]:
        return embed(query)

    def get_vector_name(self) -> str:
        return "words"

    def get_vector_size(self) -> int:
        return SIZE


async def main() -> None:
    path, name = sys.argv[1:]
    connector = QdrantConnector(None, None, name, Words(), path)
    assert await connector.search("cats") == []
    for topic, text in TEXTS.items():
        await connector.store(Entry(content=text, metadata={"topic": topic}))
    assert await connector.get_collection_names() == [name]
    found = await connector.search("cats in the sun", limit=2)
    assert [entry.metadata["topic"] for entry in found] == ["cats", "boats"], found
    assert type(connector._client._client).__module__ == "sextant.local_mode"


if __name__ == "__main__":
    asyncio.run(main())
