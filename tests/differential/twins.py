"""One collection on the engine and on the official client's local mode, under the same operations."""

from random import Random

from qdrant_client import QdrantClient

from differential import compare
from differential.operations import Limits, Operation, OperationMaker
from differential.spaces import Space

COMPARE_ALL_EVERY = 100


class Twins:
    """The two sides of one collection."""

    limits = Limits(feedback_on_all_kinds=False, datatypes=False)

    def __init__(self, client: QdrantClient, name: str, space: Space, prefer_grpc: bool = False):
        """`client` is that of the engine; the twins close it."""
        self.server, self.local, self.name = client, QdrantClient(":memory:"), name
        self.prefer_grpc = prefer_grpc
        for client in (self.server, self.local):
            client.create_collection(name, **space.config())

    def existing(self) -> dict:
        records, _ = self.local.scroll(self.name, limit=1000, with_payload=True)
        return {record.id: record.payload for record in records}

    def call(self, client: QdrantClient, operation: Operation) -> tuple[object, Exception | None]:
        try:
            return getattr(client, operation.method)(self.name, **operation.arguments), None
        except Exception as error:  # each side has exceptions of its own; the comparison says which it expected
            return None, error

    def comparable(self, _operation: Operation) -> bool:
        """Whether the other side knows the operation."""
        return True

    def apply(self, operation: Operation) -> None:
        if not self.comparable(operation):
            return
        local, local_error = self.call(self.local, operation)
        server, server_error = self.call(self.server, operation)
        assert (server_error is None) == (local_error is None), f"server: {server_error!r} {server_error}, local: {local_error!r}"
        if server_error is None:
            if self.prefer_grpc:
                compare.forget_missing_payloads(local)
                compare.forget_missing_payloads(server)
            operation.check(server, local)

    def close(self) -> None:
        self.server.close()
        self.local.close()


def run(twins: Twins, space: Space, seed: int, operations: int) -> None:
    maker = OperationMaker(Random(f"{seed}/{twins.name}"), space, twins.existing, twins.limits)
    everything = {"limit": 1000, "with_payload": True, "with_vectors": True}
    for number in range(operations):
        operation = maker.next()
        try:
            twins.apply(operation)
            if (number + 1) % COMPARE_ALL_EVERY == 0:
                twins.apply(Operation("scroll", everything, compare.pages))
        except AssertionError as error:
            raise AssertionError(
                f"--seed {seed}, {twins.name}, operation {number}: {operation.method} {operation.arguments}\n"
                f"indexed: {sorted(maker.indexed)}\n{error}"
            ) from None
