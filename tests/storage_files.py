"""What tests ask about the files of a storage directory."""

from pathlib import Path

from datasets import Dataset

# Below this many bytes the fixed cost of an empty store (logs, options, manifests) would drown the ratio.
FIXED_BYTES = 1 << 20


def disk_bytes(directory: Path) -> int:
    """Blocks in use, so that sparse and preallocated files count as what they take."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue  # removed meanwhile
    return total


def live_bytes(data: Dataset, points: int, payload_bytes: int, links: int = 32) -> int:
    """What a sealed collection has to hold: rows, int8 codes, links, row identities, payloads."""
    return points * (data.dim * 4 + data.dim + links * 4 + 32) + payload_bytes


def fill_disk(directory: Path) -> Path:
    """The file that takes all room there is, by its last byte."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * (1 << 16))
        except OSError:
            pass
    return filler
