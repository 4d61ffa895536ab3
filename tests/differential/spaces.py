"""Collections with vectors of every kind, one kind or several at once, and random vectors for them."""

from dataclasses import dataclass, field
from random import Random

import numpy as np
from qdrant_client import models

# Few, so that vectors often share some; the last is the greatest there is.
SPARSE_INDICES = [*range(24), 2**31, 2**32 - 1]
MOST_ROWS = 4
FALLING = (models.Distance.EUCLID, models.Distance.MANHATTAN)


def in_half_precision(value: float) -> float:
    return float(np.float16(value))


@dataclass(frozen=True)
class Dense:
    """Vectors of numbers, or with `multi` multivectors. `exact`: only of numbers that the datatype holds as they are."""

    size: int
    distance: models.Distance
    multi: bool = False
    datatype: models.Datatype | None = None
    exact: bool = True

    @property
    def larger_first(self) -> bool:
        """How the best hits of a nearest search are ordered."""
        return self.distance not in FALLING

    @property
    def nearest_tie(self) -> bool:
        """Distances that are sums of few small integers."""
        return self.datatype == models.Datatype.UINT8 and self.distance == models.Distance.MANHATTAN

    @property
    def examples_tie(self) -> bool:
        """Products of large integers, which a sigmoid takes to nearly one."""
        return self.datatype == models.Datatype.UINT8

    def params(self) -> models.VectorParams:
        comparator = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        return models.VectorParams(
            size=self.size,
            distance=self.distance,
            datatype=self.datatype,
            multivector_config=comparator if self.multi else None,
        )

    def number(self, random: Random) -> float:
        if self.datatype == models.Datatype.UINT8:
            return float(random.randint(0, 255)) if self.exact else random.uniform(-20, 280)
        number = random.gauss(0, 1)
        return in_half_precision(number) if self.datatype == models.Datatype.FLOAT16 and self.exact else number

    def row(self, random: Random) -> list[float]:
        return [self.number(random) for _ in range(self.size)]

    def vector(self, random: Random) -> list[float] | list[list[float]]:
        return [self.row(random) for _ in range(random.randint(1, MOST_ROWS))] if self.multi else self.row(random)


@dataclass(frozen=True)
class Sparse:
    idf: bool = False
    datatype: models.Datatype | None = None

    larger_first = True
    multi = False
    nearest_tie = False
    examples_tie = True  # many share nothing with any example

    def params(self) -> models.SparseVectorParams:
        index = models.SparseIndexParams(datatype=self.datatype) if self.datatype else None
        return models.SparseVectorParams(index=index, modifier=models.Modifier.IDF if self.idf else None)

    def vector(self, random: Random) -> models.SparseVector:
        """Now and then empty."""
        indices = random.sample(SPARSE_INDICES, random.choice([0, 1, 2, 4, 8, 12]))
        values = [random.gauss(0, 1) for _ in indices]
        if self.datatype == models.Datatype.FLOAT16:
            values = list(map(in_half_precision, values))
        return models.SparseVector(indices=indices, values=values)


@dataclass(frozen=True)
class Space:
    """The vectors of a collection: name → kind; "" is the unnamed one."""

    vectors: dict[str, Dense | Sparse] = field(default_factory=dict)
    indexing_threshold_kb: int = 10_000

    def always_scanned(self) -> bool:
        return self.indexing_threshold_kb >= 10_000

    def dense(self) -> dict[str, Dense]:
        return {name: kind for name, kind in self.vectors.items() if isinstance(kind, Dense)}

    def sparse(self) -> dict[str, Sparse]:
        return {name: kind for name, kind in self.vectors.items() if isinstance(kind, Sparse)}

    def config(self) -> dict:
        """The arguments of `create_collection` that say it."""
        vectors = {name: kind.params() for name, kind in self.dense().items()}
        sparse = {name: kind.params() for name, kind in self.sparse().items()}
        return {
            "vectors_config": vectors[""] if list(vectors) == [""] else vectors,
            "sparse_vectors_config": sparse or None,
            "optimizers_config": models.OptimizersConfigDiff(indexing_threshold=self.indexing_threshold_kb),
        }


COSINE, DOT, EUCLID, MANHATTAN = (models.Distance[name] for name in ("COSINE", "DOT", "EUCLID", "MANHATTAN"))
HALF, BYTE = models.Datatype.FLOAT16, models.Datatype.UINT8

SPACES = {
    **{distance.value: Space({"": Dense(9, distance)}) for distance in (COSINE, DOT, EUCLID, MANHATTAN)},
    # Seals and merges while it runs: there only exact searches must agree.
    "sealing": Space({"": Dense(64, COSINE)}, indexing_threshold_kb=5),
    "named": Space({"image": Dense(5, COSINE), "text": Dense(33, EUCLID)}),
    "multi": Space({"": Dense(7, COSINE, multi=True)}),
    "hybrid": Space({"": Dense(9, COSINE), "words": Sparse(idf=True)}),
    "kinds": Space(
        {
            "cosine": Dense(5, COSINE),
            "manhattan": Dense(6, MANHATTAN),
            "rows dot": Dense(4, DOT, multi=True),
            "rows euclid": Dense(5, EUCLID, multi=True),
            "sparse": Sparse(),
            "words": Sparse(idf=True),
        }
    ),
    "datatypes": Space(
        {
            "half": Dense(9, DOT, datatype=HALF),
            "half manhattan": Dense(8, MANHATTAN, datatype=HALF),
            "half rows": Dense(5, EUCLID, multi=True, datatype=HALF),
            "byte": Dense(12, DOT, datatype=BYTE),
            "byte manhattan": Dense(9, MANHATTAN, datatype=BYTE),
            "byte rows": Dense(6, EUCLID, multi=True, datatype=BYTE),
            "half sparse": Sparse(datatype=HALF),
        }
    ),
    "sealing kinds": Space(
        {
            "half": Dense(48, EUCLID, datatype=HALF),
            "rows": Dense(16, COSINE, multi=True),
            "rows manhattan": Dense(16, MANHATTAN, multi=True),
            "sparse": Sparse(),
            "words": Sparse(idf=True),
        },
        indexing_threshold_kb=5,
    ),
}
# With numbers that the datatypes have to round.
ROUNDED = Space(
    {
        "half": Dense(9, COSINE, datatype=HALF, exact=False),
        "half euclid": Dense(8, EUCLID, datatype=HALF, exact=False),
        "half rows": Dense(5, COSINE, multi=True, datatype=HALF, exact=False),
        "byte": Dense(12, COSINE, datatype=BYTE, exact=False),
        "byte manhattan": Dense(9, MANHATTAN, datatype=BYTE, exact=False),
        "byte rows": Dense(6, COSINE, multi=True, datatype=BYTE, exact=False),
    }
)
