"""Strict mode as the official client meets it: the same limits, with the same words, over REST and gRPC."""

import re
from collections.abc import Callable, Iterator

import grpc
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import UnexpectedResponse

from server import Server

ROME = models.FieldCondition(key="city", match=models.MatchValue(value="Rome"))
IN_ROME = models.Filter(must=[ROME])


@pytest.fixture(scope="module", params=["rest", "grpc"])
def client(server: Server, request: pytest.FixtureRequest) -> Iterator[QdrantClient]:
    made = server.client(prefer_grpc=request.param == "grpc")
    yield made
    made.close()


@pytest.fixture
def name(client: QdrantClient, request: pytest.FixtureRequest) -> str:
    """A fresh collection of five points."""
    fresh = re.sub(r"\W", "-", request.node.name)
    client.create_collection(fresh, models.VectorParams(size=2, distance=models.Distance.DOT))
    points = [models.PointStruct(id=i, vector=[1.0, i], payload={"city": "Rome", "n": i}) for i in range(5)]
    client.upsert(fresh, points, wait=True)
    return fresh


def limit(client: QdrantClient, name: str, **limits) -> None:
    config = models.StrictModeConfig(enabled=True, **limits)
    client.update_collection(name, strict_mode_config=config)


def refusal(call: Callable[[], object]) -> str:
    """The text of a 400, or of INVALID_ARGUMENT."""
    with pytest.raises((UnexpectedResponse, grpc.RpcError)) as caught:
        call()
    if isinstance(caught.value, UnexpectedResponse):
        assert caught.value.status_code == 400
        return caught.value.content.decode()
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    return caught.value.details()


def test_the_configuration_is_echoed_and_merged(client: QdrantClient, name: str) -> None:
    limit(client, name, max_query_limit=7)
    limit(client, name, search_allow_exact=False)
    config = client.get_collection(name).config.strict_mode_config
    assert (config.enabled, config.max_query_limit, config.search_allow_exact) == (True, 7, False)


def test_query_limits(client: QdrantClient, name: str) -> None:
    limit(client, name, max_query_limit=3)
    assert len(client.query_points(name, query=[1.0, 0.0], limit=3).points) == 3
    text = refusal(lambda: client.query_points(name, query=[1.0, 0.0], limit=4))
    assert "Bad request: Limit exceeded 4 > 3 for" in text and "Help: Reduce the" in text
    assert "Limit exceeded 4 > 3" in refusal(lambda: client.scroll(name, limit=4))
    prefetch = models.Prefetch(query=[1.0, 0.0], limit=9)
    fusion = models.FusionQuery(fusion=models.Fusion.RRF)
    assert "Limit exceeded 9 > 3" in refusal(
        lambda: client.query_points(name, query=fusion, prefetch=[prefetch], limit=2)
    )
    assert "Limit exceeded 4 > 3" in refusal(
        lambda: client.query_points_groups(name, "n", query=[1.0, 0.0], limit=2, group_size=2)
    )


def test_a_client_that_sets_no_timeout_is_not_refused_for_it(client: QdrantClient, name: str) -> None:
    limit(client, name, max_timeout=2)
    client.query_points(name, query=[1.0, 0.0])
    client.query_points(name, query=[1.0, 0.0], timeout=2)
    assert "Limit exceeded 3 > 2" in refusal(lambda: client.query_points(name, query=[1.0, 0.0], timeout=3))


def test_filters_need_indexes(client: QdrantClient, name: str) -> None:
    limit(client, name, unindexed_filtering_retrieve=False, unindexed_filtering_update=False)
    text = refusal(lambda: client.scroll(name, scroll_filter=IN_ROME))
    assert "Index required but not found for" in text and "of one of the following types: [keyword]" in text
    assert "Index required" in refusal(lambda: client.delete(name, models.FilterSelector(filter=IN_ROME)))
    client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD, wait=True)
    assert len(client.scroll(name, scroll_filter=IN_ROME)[0]) == 5
    client.delete(name, models.FilterSelector(filter=IN_ROME))
    assert client.count(name).count == 0


def test_search_parameters(client: QdrantClient, name: str) -> None:
    limit(client, name, search_max_hnsw_ef=8, search_allow_exact=False, search_max_oversampling=1.5)

    def search(**params) -> object:
        return client.query_points(name, query=[1.0, 0.0], search_params=models.SearchParams(**params))

    search(hnsw_ef=8)
    assert "Limit exceeded 9 > 8" in refusal(lambda: search(hnsw_ef=9))
    assert "Exact search disabled!. Help: Set exact=false." in refusal(lambda: search(exact=True))
    assert "Exact search disabled!" in refusal(lambda: client.count(name, exact=True))
    oversampling = models.QuantizationSearchParams(oversampling=2.0)
    assert "Limit exceeded 2 > 1.5" in refusal(lambda: search(quantization=oversampling))


def test_updates(client: QdrantClient, name: str) -> None:
    limit(client, name, upsert_max_batchsize=2, max_points_count=6, max_payload_index_count=1)
    points = [models.PointStruct(id=i, vector=[1.0, 1.0]) for i in range(10, 13)]
    assert "Limit exceeded 3 > 2" in refusal(lambda: client.upsert(name, points))
    client.upsert(name, points[:1])
    assert "Max points count limit of 6 reached!" in refusal(lambda: client.upsert(name, points[1:]))
    client.create_payload_index(name, "n", models.PayloadSchemaType.INTEGER, wait=True)
    assert "maximum number of payload indices (1)" in refusal(
        lambda: client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD)
    )


def test_rates_tell_when_to_retry(client: QdrantClient, name: str) -> None:
    limit(client, name, read_rate_limit=2, write_rate_limit=1)
    client.retrieve(name, [1, 2])
    with pytest.raises(ResourceExhaustedResponse) as caught:
        client.retrieve(name, [1])
    assert "Read rate limit exceeded: Operation requires 1 tokens" in caught.value.message
    assert 1 <= int(caught.value.retry_after_s) <= 30
    client.delete(name, [1])
    with pytest.raises(ResourceExhaustedResponse):
        client.delete(name, [2])


def test_limits_out_of_range_are_invalid(server: Server) -> None:
    for limits in ({"max_query_limit": 0}, {"read_rate_limit": 0}, {"max_timeout": 0}):
        body = {"vectors": {"size": 2, "distance": "Dot"}, "strict_mode_config": limits}
        answer = server.session.put(f"{server.url}/collections/invalid", json=body)
        assert answer.status_code == 422, limits
        assert next(iter(limits)) in answer.json()["status"]["error"]
