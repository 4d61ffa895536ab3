"""A client's quantization: recall at every setting, what `rescore`, `oversampling` and `ignore` do, changes, placement."""

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

import collections_rest as rest
import datasets
from datasets import Dataset
from server import Server

SETTINGS = {
    "scalar": models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    ),
    "product_x16": models.ProductQuantization(
        product=models.ProductQuantizationConfig(compression=models.CompressionRatio.X16)
    ),
    "binary": models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=False)),
    "turbo": models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS2)),
}
# Of the ten nearest, with 64 candidates; without rescoring one bit a dimension says little.
FLOORS = {"scalar": 0.97, "product_x16": 0.96, "binary": 0.90, "turbo": 0.96}
UNRESCORED_FLOORS = {"scalar": 0.93, "product_x16": 0.72, "binary": 0.5, "turbo": 0.72}
OPTIMIZERS = models.OptimizersConfigDiff(indexing_threshold=1000, default_segment_number=1)


def fill(server: Server, client: QdrantClient, name: str, data: Dataset, **settings) -> None:
    vectors = models.VectorParams(size=data.dim, distance=models.Distance.COSINE, on_disk=settings.pop("on_disk", None))
    client.create_collection(name, vectors_config=vectors, optimizers_config=OPTIMIZERS, **settings)
    rest.upsert(server, name, list(range(len(data.vectors))), data.vectors)
    indexed = rest.wait_until_optimized(server, name)["indexed_vectors_count"]
    assert indexed >= 0.9 * len(data.vectors), indexed


def recall(server: Server, name: str, data: Dataset, **quantization) -> float:
    params = {"hnsw_ef": 64, "quantization": quantization}
    exact = datasets.exact_answers(data, np.arange(len(data.vectors)), len(data.queries))
    return datasets.recall(data, rest.search_all(server, name, data.queries, params=params), exact)


def errors(server: Server, name: str, data: Dataset, **quantization) -> np.ndarray:
    """How far scores are from the true ones."""
    params = {"hnsw_ef": 64, "quantization": quantization}
    searches = [{"query": query.tolist(), "limit": 10, "params": params} for query in data.queries]
    found = rest.search_batch(server, name, searches)
    return np.array(
        [abs(hit["score"] - data.queries[i] @ data.vectors[hit["id"]]) for i, hits in enumerate(found) for hit in hits]
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_reaches_its_floor_and_rescoring_gives_true_scores(
    server: Server, sample: Dataset, setting: str
) -> None:
    client, name = server.client(), f"quantized_{setting}"
    fill(server, client, name, sample, quantization_config=SETTINGS[setting])
    assert client.get_collection(name).config.quantization_config == SETTINGS[setting]
    plain = recall(server, name, sample)
    assert plain >= FLOORS[setting]
    assert recall(server, name, sample, oversampling=8.0) >= plain
    assert recall(server, name, sample, ignore=True) >= max(plain, 0.95)
    assert recall(server, name, sample, rescore=False) >= UNRESCORED_FLOORS[setting]
    assert errors(server, name, sample).max() < datasets.SCORE_TOLERANCE
    assert errors(server, name, sample, ignore=True, rescore=False).max() < datasets.SCORE_TOLERANCE
    unrescored = errors(server, name, sample, rescore=False)
    assert unrescored.max() > datasets.SCORE_TOLERANCE, "rescored although the client said not to"
    assert unrescored.mean() < 0.1


def test_quantization_comes_goes_and_survives_a_restart(make_server, sample: Dataset) -> None:
    server = make_server().start()
    client, name = server.client(), "changing"
    fill(server, client, name, sample, on_disk=True)
    assert errors(server, name, sample, rescore=False).max() < datasets.SCORE_TOLERANCE, "nothing was asked for"
    sizes = {}
    for setting in ("scalar", "binary"):
        client.update_collection(name, quantization_config=SETTINGS[setting])
        rest.wait_until_optimized(server, name)
        assert errors(server, name, sample, rescore=False).max() > datasets.SCORE_TOLERANCE
        assert recall(server, name, sample) >= FLOORS[setting]
        codes = [path.stat().st_size for path in server.storage.rglob("codes.bin")]
        sizes[setting] = sum(codes)
    assert sizes["binary"] < 0.3 * sizes["scalar"], sizes
    server.restart()
    assert recall(server, name, sample) >= FLOORS["binary"]
    server.client().update_collection(name, quantization_config=models.Disabled.DISABLED)
    rest.wait_until_optimized(server, name)
    assert errors(server, name, sample, rescore=False).max() < datasets.SCORE_TOLERANCE
