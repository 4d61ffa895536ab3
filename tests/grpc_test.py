"""The gRPC interface as the official client uses it, and what happens at its edges."""

import os
import time
import uuid
from contextlib import closing

import grpc
import numpy as np
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client import grpc as q

from server import Server

ROWS = {1: [1.0, 0.0, 0.0, 0.0], 2: [0.0, 2.0, 0.0, 0.0], 3: [0.0, 0.0, 3.0, 0.0], 4: [1.0, 1.0, 1.0, 1.0]}
PAYLOADS = {
    1: {"color": "red", "n": 10, "deep": {"x": 1, "y": [None, True, -0.5, {"z": []}]}},
    2: {"color": "green", "n": 20},
    3: {"color": ["red", "blue"], "n": 30},
    4: {},
}


@pytest.fixture(scope="module")
def client(server: Server):
    made = server.client(prefer_grpc=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def channel(server: Server):
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}", options=unlimited) as made:
        yield made


@pytest.fixture
def points(client: QdrantClient, request: pytest.FixtureRequest) -> str:
    """A fresh collection of four points; returns its name."""
    name = request.node.name.replace("[", "-").replace("]", "").replace("/", "-")
    client.create_collection(name, models.VectorParams(size=4, distance=models.Distance.DOT))
    structs = [models.PointStruct(id=point, vector=ROWS[point], payload=PAYLOADS[point]) for point in ROWS]
    result = client.upsert(name, structs, wait=True)
    assert result.status == models.UpdateStatus.COMPLETED and result.operation_id is not None
    return name


def ids(points: list) -> list:
    return [point.id for point in points]


# --- collections


def test_info_is_that_of_the_other_interface(client: QdrantClient, server: Server) -> None:
    client.create_collection(
        "everything",
        vectors_config={
            "": models.VectorParams(size=4, distance=models.Distance.EUCLID, on_disk=True),
            "text": models.VectorParams(
                size=8,
                distance=models.Distance.MANHATTAN,
                hnsw_config=models.HnswConfigDiff(m=8),
                quantization_config=models.ProductQuantization(
                    product=models.ProductQuantizationConfig(compression=models.CompressionRatio.X16)
                ),
            ),
        },
        hnsw_config=models.HnswConfigDiff(m=24, ef_construct=200, on_disk=True, payload_m=4),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=5000, max_optimization_threads=3),
        wal_config=models.WalConfigDiff(wal_capacity_mb=7),
        quantization_config=models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True)),
        shard_number=2,
        on_disk_payload=False,
        strict_mode_config=models.StrictModeConfig(enabled=False, max_query_limit=1000),
        metadata={"owner": {"name": "tests", "floor": 2}},
    )
    client.create_payload_index("everything", "k", models.KeywordIndexParams(type="keyword", is_tenant=True))
    client.create_payload_index("everything", "f", models.PayloadSchemaType.FLOAT)
    with closing(server.client()) as other:
        expected, found = other.get_collection("everything"), client.get_collection("everything")
    assert found.config == expected.config
    assert found.payload_schema == expected.payload_schema
    assert found.model_dump(exclude={"config", "payload_schema"}) == expected.model_dump(
        exclude={"config", "payload_schema"}
    )


def test_collections_live_change_and_die(client: QdrantClient, points: str) -> None:
    assert client.collection_exists(points) and not client.collection_exists("never")
    assert points in [entry.name for entry in client.get_collections().collections]
    client.update_collection(
        points,
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=123),
        vectors_config={"": models.VectorParamsDiff(on_disk=True)},
        quantization_config=models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(type="int8")),
        metadata={"a": 1},
    )
    config = client.get_collection(points).config
    assert config.optimizer_config.indexing_threshold == 123
    assert config.params.vectors.on_disk is True
    assert config.quantization_config.scalar.type == models.ScalarType.INT8
    assert config.metadata == {"a": 1}
    client.update_collection(points, quantization_config=models.Disabled.DISABLED)
    assert client.get_collection(points).config.quantization_config is None
    assert client.delete_collection(points) is True
    assert client.delete_collection(points) is False


def test_aliases(client: QdrantClient, points: str) -> None:
    create = models.CreateAlias(collection_name=points, alias_name="grpc-front")
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=create)])
    assert client.count("grpc-front").count == 4
    assert [alias.alias_name for alias in client.get_collection_aliases(points).aliases] == ["grpc-front"]
    rename = models.RenameAlias(old_alias_name="grpc-front", new_alias_name="grpc-door")
    client.update_collection_aliases([models.RenameAliasOperation(rename_alias=rename)])
    assert ("grpc-door", points) in [(a.alias_name, a.collection_name) for a in client.get_aliases().aliases]
    delete = models.DeleteAlias(alias_name="grpc-door")
    client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=delete)])
    assert not client.collection_exists("grpc-door")


# --- points


def test_points_come_back_as_they_were(client: QdrantClient, points: str) -> None:
    found = client.retrieve(points, [3, 99, 1, 3], with_payload=True, with_vectors=True)
    assert ids(found) == [3, 1]
    assert [point.payload for point in found] == [PAYLOADS[3], PAYLOADS[1]]
    assert [point.vector for point in found] == [ROWS[3], ROWS[1]]
    name = str(uuid.UUID(int=0xABCDEF))
    client.upsert(points, [models.PointStruct(id=name.upper(), vector=ROWS[1], payload={})])
    assert ids(client.retrieve(points, [name])) == [name]


def test_both_interfaces_see_the_same(client: QdrantClient, server: Server, points: str) -> None:
    """Payloads written over gRPC read over REST and the other way around, numbers with their kinds."""
    payload = {"i": 9007199254740993, "f": 5.0, "neg": -(2**63), "text": "é\u0000\t", "o": {"": [[]]}, "n": None}
    client.upsert(points, [models.PointStruct(id=50, vector=ROWS[1], payload=payload)])
    with closing(server.client()) as other:
        assert other.retrieve(points, [50])[0].payload == payload
        other.overwrite_payload(points, payload={"u": 2**64 - 1, "back": payload}, points=[50])
    found = client.retrieve(points, [50])[0].payload
    assert found["back"] == payload and isinstance(found["back"]["f"], float) and isinstance(found["back"]["i"], int)
    assert found["u"] == float(2**64 - 1)


def test_named_vectors(client: QdrantClient) -> None:
    vectors = {
        "image": models.VectorParams(size=2, distance=models.Distance.COSINE),
        "text": models.VectorParams(size=3, distance=models.Distance.EUCLID),
    }
    client.create_collection("grpc-named", vectors)
    structs = [
        models.PointStruct(id=1, vector={"image": [3.0, 4.0], "text": [1.0, 2.0, 3.0]}),
        models.PointStruct(id=2, vector={"text": [0.0, 0.0, 0.0]}),
        models.PointStruct(id=3, vector={}),
    ]
    client.upsert("grpc-named", structs)
    found = client.retrieve("grpc-named", [1, 3], with_vectors=True)
    assert found[0].vector["image"] == pytest.approx([0.6, 0.8]) and found[0].vector["text"] == [1.0, 2.0, 3.0]
    assert not found[1].vector
    hits = client.query_points("grpc-named", [0.0, 0.0, 0.0], using="text", with_vectors=["image"]).points
    assert ids(hits) == [2, 1] and [hit.score for hit in hits] == pytest.approx([0, 14**0.5])
    assert list(hits[1].vector) == ["image"]
    has_image = models.Filter(must=[models.HasVectorCondition(has_vector="image")])
    assert client.count("grpc-named", has_image).count == 1


def test_queries(client: QdrantClient, points: str) -> None:
    hits = client.query_points(points, ROWS[4], limit=2, offset=1, with_payload=["color"]).points
    assert ids(hits) == [3, 2] and hits[0].score == 3.0 and hits[0].payload == {"color": ["red", "blue"]}
    assert ids(client.query_points(points, 4).points) == [3, 2, 1]
    assert [(hit.id, hit.score, hit.version) for hit in client.query_points(points, limit=1).points] == [(1, 1.0, 0)]
    assert ids(client.query_points(points, ROWS[4], score_threshold=2.0).points) == [4, 3]
    requests = [models.QueryRequest(query=ROWS[1], limit=1), models.QueryRequest(limit=1, with_payload=True)]
    answers = client.query_batch_points(points, requests)
    assert [ids(answer.points) for answer in answers] == [[1], [1]] and answers[1].points[0].payload == PAYLOADS[1]
    exact = models.SearchParams(exact=True, hnsw_ef=8)
    assert ids(client.query_points(points, ROWS[2], search_params=exact, limit=1).points) == [2]


def test_searches_in_the_older_form(channel: grpc.Channel, points: str) -> None:
    stub = q.PointsStub(channel)
    search = q.SearchPoints(collection_name=points, vector=ROWS[4], limit=2)
    assert [hit.id.num for hit in stub.Search(search).result] == [4, 3]
    batch = q.SearchBatchPoints(collection_name=points, search_points=[search, search])
    assert [[hit.id.num for hit in one.result] for one in stub.SearchBatch(batch).result] == [[4, 3]] * 2


def test_flat_vectors_of_old_clients(channel: grpc.Channel, points: str) -> None:
    vectors = q.Vectors(vector=q.Vector(data=[9, 9, 9, 9]))
    point = q.PointStruct(id=q.PointId(num=9), vectors=vectors)
    q.PointsStub(channel).Upsert(q.UpsertPoints(collection_name=points, points=[point], wait=True))
    got = q.GetPoints(collection_name=points, ids=[q.PointId(num=9)], with_vectors=q.WithVectorsSelector(enable=True))
    output = q.PointsStub(channel).Get(got).result[0].vectors.vector
    assert list(output.dense.data) == [9, 9, 9, 9] and not output.data


def test_scrolls(client: QdrantClient, points: str) -> None:
    page, offset = client.scroll(points, limit=3, with_payload=False)
    assert ids(page) == [1, 2, 3] and offset == 4
    page, offset = client.scroll(points, limit=3, offset=offset)
    assert ids(page) == [4] and offset is None
    client.create_payload_index(points, "n", models.PayloadSchemaType.INTEGER)
    order = models.OrderBy(key="n", direction=models.Direction.DESC, start_from=20)
    page, offset = client.scroll(points, order_by=order)
    assert [(record.id, record.order_value) for record in page] == [(2, 20), (1, 10)] and offset is None


def test_deletions_and_payload_changes(client: QdrantClient, points: str) -> None:
    client.set_payload(points, payload={"z": 9}, key="deep", points=[1])
    assert client.retrieve(points, [1])[0].payload["deep"] == {**PAYLOADS[1]["deep"], "z": 9}
    client.set_payload(points, payload={"color": None}, points=[1])
    assert "color" not in client.retrieve(points, [1])[0].payload
    client.delete_payload(points, keys=["n"], points=models.Filter(must=[models.HasIdCondition(has_id=[1, 2])]))
    client.clear_payload(points, points_selector=[3])
    assert [record.payload for record in client.retrieve(points, [2, 3])] == [{"color": "green"}, {}]
    green = models.FieldCondition(key="color", match=models.MatchAny(any=["green"]))
    client.delete(points, models.Filter(must=[green]))
    client.delete(points, [4, 99])
    assert ids(client.scroll(points)[0]) == [1, 3]


def test_payload_indexes(client: QdrantClient, points: str) -> None:
    client.create_payload_index(points, "n", models.IntegerIndexParams(type="integer", lookup=True, range=False))
    schema = client.get_collection(points).payload_schema["n"]
    assert schema.data_type == models.PayloadSchemaType.INTEGER and schema.params.range is False
    assert schema.points == 3
    client.delete_payload_index(points, "n")
    assert client.get_collection(points).payload_schema == {}


def test_answers_say_how_long_they_took(channel: grpc.Channel, points: str) -> None:
    nothing = q.PointsSelector(filter=q.Filter(must=[q.Condition(has_id=q.HasIdCondition())]))
    answers = [
        q.PointsStub(channel).Count(q.CountPoints(collection_name=points)),
        q.CollectionsStub(channel).List(q.ListCollectionsRequest()),
        q.PointsStub(channel).Delete(q.DeletePoints(collection_name=points, points=nothing)),
    ]
    assert all(0 < answer.time < 60 for answer in answers)


# --- errors

CODE = grpc.StatusCode


def call(channel: grpc.Channel, service: str, method: str, request: object, **options) -> object:
    stub = {"Points": q.PointsStub, "Collections": q.CollectionsStub}[service](channel)
    return getattr(stub, method)(request, timeout=60, **options)


VECTORS = q.VectorsConfig(params=q.VectorParams(size=4, distance=q.Distance.Dot))
REFUSALS = {
    "missing collection": ("Points", "Count", q.CountPoints(collection_name="absent"), CODE.NOT_FOUND,
                           "Not found: Collection `absent` doesn't exist!"),
    "create twice": ("Collections", "Create", q.CreateCollection(collection_name="NAME", vectors_config=VECTORS),
                     CODE.ALREADY_EXISTS, "already exists"),
    "bad name": ("Collections", "Create", q.CreateCollection(collection_name="a/b", vectors_config=VECTORS),
                 CODE.INVALID_ARGUMENT, ""),
    "size 0": ("Collections", "Create", q.CreateCollection(
        collection_name="new", vectors_config=q.VectorsConfig(params=q.VectorParams(distance=q.Distance.Dot))),
        CODE.INVALID_ARGUMENT, "Validation error in body: [vectors.size: value 0 invalid"),
    "no distance": ("Collections", "Create", q.CreateCollection(
        collection_name="new", vectors_config=q.VectorsConfig(params=q.VectorParams(size=4))),
        CODE.INVALID_ARGUMENT, ""),
    "wrong dimension": ("Points", "Upsert", q.UpsertPoints(collection_name="NAME", wait=True, points=[
        q.PointStruct(id=q.PointId(num=1), vectors=q.Vectors(vector=q.Vector(dense=q.DenseVector(data=[1]))))]),
        CODE.INVALID_ARGUMENT, "Wrong input: Vector dimension error: expected dim: 4, got 1"),
    "no vectors": ("Points", "Upsert", q.UpsertPoints(collection_name="NAME", points=[
        q.PointStruct(id=q.PointId(num=1))]), CODE.INVALID_ARGUMENT, "Expected some vectors"),
    "no points": ("Points", "Upsert", q.UpsertPoints(collection_name="NAME"), CODE.INVALID_ARGUMENT, "Empty update"),
    "empty id": ("Points", "Get", q.GetPoints(collection_name="NAME", ids=[q.PointId()]), CODE.INVALID_ARGUMENT,
                 "Empty ID is not allowed"),
    "payload of a missing point": ("Points", "SetPayload", q.SetPayloadPoints(
        collection_name="NAME", wait=True, payload={"a": q.Value(integer_value=1)},
        points_selector=q.PointsSelector(points=q.PointsIdsList(ids=[q.PointId(num=404)]))),
        CODE.NOT_FOUND, "No point with id 404 found"),
    "query of a missing id": ("Points", "Query", q.QueryPoints(collection_name="NAME", query=q.Query(
        nearest=q.VectorInput(id=q.PointId(num=404)))), CODE.NOT_FOUND, "No point with id 404 found"),
    "limit 0": ("Points", "Search", q.SearchPoints(collection_name="NAME", vector=[1, 2, 3, 4]),
                CODE.INVALID_ARGUMENT, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]"),
    "timeout 0": ("Points", "Count", q.CountPoints(collection_name="NAME", timeout=0), CODE.INVALID_ARGUMENT, "timeout"),
    "prefetch": ("Points", "Query", q.QueryPoints(collection_name="NAME", prefetch=[q.PrefetchQuery()]),
                 CODE.INVALID_ARGUMENT, "A query is needed to merge the prefetches"),
    "cluster": ("Collections", "ListShardKeys", q.ListShardKeysRequest(collection_name="NAME"), CODE.UNIMPLEMENTED,
                "ListShardKeys"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_with_the_code_of_its_class(channel: grpc.Channel, client: QdrantClient, points: str, name: str) -> None:
    service, method, request, code, message = REFUSALS[name]
    sent = type(request).FromString(request.SerializeToString())
    if sent.collection_name == "NAME":
        sent.collection_name = points
    with pytest.raises(grpc.RpcError) as refused:
        call(channel, service, method, sent)
    assert refused.value.code() == code and message in refused.value.details()
    assert client.count(points).count == 4 and not client.collection_exists("new")


def test_errors_without_waiting_for_missing_points_are_silent(client: QdrantClient, points: str) -> None:
    result = client.set_payload(points, payload={"a": 1}, points=[404], wait=False)
    assert result.status == models.UpdateStatus.ACKNOWLEDGED


# --- messages of every size and kind


def test_large_messages_in_both_directions(client: QdrantClient, channel: grpc.Channel, points: str) -> None:
    """40 MB of payload in one message each way; the usual limit of clients and servers is 4 MB."""
    text = os.urandom(10 << 20).hex()
    structs = [models.PointStruct(id=100 + i, vector=ROWS[1], payload={"text": text}) for i in range(2)]
    assert client.upsert(points, structs).status == models.UpdateStatus.COMPLETED
    everything = q.WithPayloadSelector(enable=True)
    wanted = q.GetPoints(collection_name=points, ids=[q.PointId(num=100), q.PointId(num=101)], with_payload=everything)
    found = q.PointsStub(channel).Get(wanted).result
    assert [point.payload["text"].string_value == text for point in found] == [True, True]


def test_compressed_messages(server: Server, points: str) -> None:
    with closing(server.client(prefer_grpc=True, grpc_compression=grpc.Compression.Gzip)) as compressing:
        structs = [models.PointStruct(id=7, vector=ROWS[2], payload={"text": "many times over " * 5000})]
        compressing.upsert(points, structs)
        assert ids(compressing.retrieve(points, [7])) == [7]


def test_deep_nesting_is_refused_not_followed(channel: grpc.Channel, server: Server, points: str) -> None:
    for depth in (40, 60, 5_000):
        encoded = b""
        for _ in range(depth):  # Filter.must (2) of Condition.filter (4), from the inside out
            encoded = b"\x22" + varint(len(encoded)) + encoded
            encoded = b"\x12" + varint(len(encoded)) + encoded
        request = q.CountPoints(collection_name=points).SerializeToString() + b"\x12" + varint(len(encoded)) + encoded
        method = channel.unary_unary("/qdrant.Points/Count")
        if depth == 40:
            assert q.CountResponse.FromString(method(request)).result.count == 4
            continue
        with pytest.raises(grpc.RpcError):
            method(request, timeout=60)
    assert server.running()


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def test_random_bytes_do_not_hurt(channel: grpc.Channel, server: Server, points: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    for service in ("Points", "Collections", "Snapshots", "Qdrant"):
        for method in q.points_service_pb2.DESCRIPTOR.pool.FindServiceByName(f"qdrant.{service}").methods:
            for size in (1, 7, 100, 5000):
                try:
                    channel.unary_unary(f"/qdrant.{service}/{method.name}")(random.bytes(size), timeout=60)
                except grpc.RpcError as error:
                    assert error.code() in (CODE.INVALID_ARGUMENT, CODE.NOT_FOUND, CODE.UNIMPLEMENTED, CODE.INTERNAL)
    assert server.running()
    assert q.PointsStub(channel).Count(q.CountPoints(collection_name=points)).result.count == 4


# --- what stands beside the services


def test_version(channel: grpc.Channel, server: Server) -> None:
    reply = q.QdrantStub(channel).HealthCheck(q.HealthCheckRequest())
    assert {"title": reply.title, "version": reply.version} == server.call("GET", "/").json()


def test_standard_health(channel: grpc.Channel) -> None:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    serving = b"\x08\x01"
    for name in (b"", b"qdrant.Points", b"qdrant.Collections"):
        assert check(b"\x0a" + varint(len(name)) + name if name else b"") == serving
    with pytest.raises(grpc.RpcError) as unknown:
        check(b"\x0a\x07nothing")
    assert unknown.value.code() == CODE.NOT_FOUND


@pytest.mark.parametrize("symbol", [b"qdrant.Points", b"qdrant.Collections", b"qdrant.Qdrant", b"grpc.health.v1.Health"])
def test_reflection(channel: grpc.Channel, symbol: bytes) -> None:
    reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    listed, described = reflect(iter([b"\x3a\x00", b"\x22" + varint(len(symbol)) + symbol]))
    assert symbol in listed
    assert symbol.rsplit(b".", 1)[1] in described and b"proto3" in described


def test_stopping_with_connected_clients(make_server) -> None:
    server: Server = make_server().start()
    with closing(server.client(prefer_grpc=True)) as connected:
        assert connected.get_collections().collections == []
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 15
