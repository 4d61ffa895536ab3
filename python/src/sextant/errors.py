"""What the native interface raises."""

import json


class SextantError(Exception):
    """The engine refused or failed. `status` is the status code that the REST interface would answer: 400 and 422 for
    wrong input, 404 for what does not exist, 409 for what does already, 429 for no memory left, 503 for a storage that
    another process has open, 507 for a full disk."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @classmethod
    def from_answer(cls, status: int, body: bytes) -> "SextantError":
        try:
            message = json.loads(body)["status"]["error"]
        except (ValueError, KeyError, TypeError):
            message = body.decode(errors="replace") or f"status {status}"
        return cls(status, message)


class LocalStoreError(SextantError):
    """The directory was written by the local mode of qdrant_client; `sextant.import_local_store` reads it."""
