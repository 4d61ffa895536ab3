"""Random operations on the server and on the official client's local mode must answer the same."""

import pytest

from differential.spaces import SPACES
from differential.twins import Twins, run
from server import Server

# Where local mode is allowed to differ, why, and how the operations keep away from it.
DIVERGENCES = [
    ("a set, overwrite, delete or clear of payload that names a missing id", "the server applies nothing and answers"
     " 404; local mode applies the rest and raises", "only existing ids are named"),
    ("an update of vectors that names a missing id", "likewise", "only existing ids are named, in a batch by its first"
     " operation"),
    ("one id twice in a conditional upsert", "the server asks the filter of the point as it was before the request;"
     " local mode of what the first one left", "ids are drawn once"),
    ("null in set_payload on a point without payload", "the server stores the null; local mode drops it",
     "nulls are set only where there is a payload"),
    ("an id asked for twice in retrieve", "the server answers once; local mode twice", "ids are drawn once"),
    ("points that tie in order_by", "the server breaks ties by id; local mode by insertion", "compared as sets"),
    ("the condition {is_null: {key}} on an array that holds a null", "the server, as its reference without an index,"
     " does not look inside; local mode does", "not asked of the field that may hold one"),
    ("hit versions", "the server gives the operation number; local mode 0", "not compared"),
    ("text match without an index", "another feature of the reference's versions", "not generated"),
    ("integral floats under an integer index", "the server's index holds them as integers", "integer fields hold no"
     " floats"),
    ("UUID strings under a UUID index", "the server's index knows every form of a UUID", "fields hold one form"),
    ("a geo polygon that crosses itself, or a point on its edge", "winding number here, crossings there", "triangles"
     " with corners at random"),
    ("an empty payload over gRPC", "the client cannot tell it from none; local mode can", "both count as empty"),
    ("queries by several examples on no points", "local mode fails in numpy", "not asked of an empty collection"),
    ("points that tie at the limit of a prefetch", "which of them pass is free, and which rank they get there", "no"
     " prefetch by context, whose best score many points share; no fusion of fusions, and no limit to a fused prefetch or"
     " one by discovery, whose scores lose digits"),
    ("points that a prefetch names", "the server leaves them out of all leaves; local mode out of that prefetch",
     "prefetches name none"),
    ("filters of several levels of prefetches", "local mode asks each again when it ranks anew, the server in the leaves"
     " alone", "those of prefetches are conditions of a `must`"),
    ("relevance feedback on points", "the server refuses points without the vector and leaves the others out of all"
     " leaves, as for the other kinds; local mode does neither", "examples are vectors"),
    ("relevance feedback on multivectors and sparse vectors", "the server gives it, local mode refuses",
     "not asked, see Limits"),
    ("datatypes", "the server keeps and asks for what fits in float16 or uint8, local mode keeps all digits", "numbers fit;"
     " no averages of examples, which need not; no cosine, which scales what is stored"),
    ("one row asked of multivectors", "the server takes it for a multivector, local mode refuses", "not asked"),
    ("limits of prefetches of groups", "scaled by the size of groups; in local mode by the collection", "no groups of"
     " prefetches"),
    ("maximal marginal relevance among bytes", "their distances tie, and which of the tied comes first decides the rest",
     "not asked"),
    ("operation ids of writes", "local mode has none", "not compared"),
]  # fmt: skip

# In all; each collection gets its share, over either transport.
QUICK_OPS, LONG_OPS = 4_800, 20_000


@pytest.mark.parametrize("transport", ["rest", "grpc"])
@pytest.mark.parametrize("kind", SPACES)
def test_answers_as_local_mode(
    server: Server, seed: int, kind: str, transport: str, request: pytest.FixtureRequest
) -> None:
    operations = request.config.getoption("--ops") or QUICK_OPS // len(SPACES) // 2
    client = server.client(prefer_grpc=transport == "grpc")
    twins = Twins(client, f"twins-{kind}-{transport}", SPACES[kind], prefer_grpc=transport == "grpc")
    run(twins, SPACES[kind], seed, operations)
    twins.close()


@pytest.mark.full
@pytest.mark.parametrize("kind", SPACES)
def test_answers_as_local_mode_for_long(server: Server, seed: int, kind: str, request: pytest.FixtureRequest) -> None:
    operations = request.config.getoption("--ops") or LONG_OPS // len(SPACES)
    twins = Twins(server.client(), f"long-twins-{kind}", SPACES[kind])
    run(twins, SPACES[kind], seed + 1, operations)
    twins.close()
