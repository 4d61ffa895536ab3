"""Sees every exchange over REST of this process: through `requests`, and through the official client's `httpx`."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import orjson
import pytest
import requests

JSON = "application/json"
# A larger body is data, of which smaller ones have the same shape.
MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    query: str
    request: bytes
    status: int
    answer: bytes
    is_json: bool

    def body(self) -> object:
        """Of the request; None when there is none that can be read."""
        if not self.request or len(self.request) > MAX_BODY_BYTES:
            return None
        try:
            return orjson.loads(self.request)
        except orjson.JSONDecodeError:
            return None


Watcher = Callable[[Exchange], None]


def of_requests(sent: requests.PreparedRequest, answer: requests.Response) -> Exchange:
    path, _, query = sent.path_url.partition("?")
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    is_json = answer.headers.get("content-type", "").startswith(JSON)
    content = body if isinstance(body, bytes) else b""
    return Exchange(sent.method, path, query, content, answer.status_code, answer.content, is_json)


def of_httpx(sent: httpx.Request, answer: httpx.Response) -> Exchange:
    is_json = answer.headers.get("content-type", "").startswith(JSON)
    path, query = sent.url.path, sent.url.query.decode()
    return Exchange(sent.method, path, query, sent.content, answer.status_code, answer.content, is_json)


def watch(patch: pytest.MonkeyPatch, watcher: Watcher) -> None:
    """Until `patch` is undone. An answer that is streamed is not seen."""
    send_requests, send_httpx, send_async = requests.Session.send, httpx.Client.send, httpx.AsyncClient.send

    def requests_send(self: requests.Session, request: requests.PreparedRequest, **options) -> requests.Response:
        answer = send_requests(self, request, **options)
        if not options.get("stream"):
            watcher(of_requests(request, answer))
        return answer

    def httpx_send(self: httpx.Client, request: httpx.Request, **options) -> httpx.Response:
        answer = send_httpx(self, request, **options)
        if not options.get("stream"):
            watcher(of_httpx(request, answer))
        return answer

    async def httpx_send_async(self: httpx.AsyncClient, request: httpx.Request, **options) -> httpx.Response:
        answer = await send_async(self, request, **options)
        if not options.get("stream"):
            watcher(of_httpx(request, answer))
        return answer

    patch.setattr(requests.Session, "send", requests_send)
    patch.setattr(httpx.Client, "send", httpx_send)
    patch.setattr(httpx.AsyncClient, "send", httpx_send_async)
