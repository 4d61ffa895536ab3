"""What stands in place of the network below the official client."""

import anyio.to_thread
import httpx

from sextant.engine import Engine


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands the requests of httpx to an engine. Closing it leaves the engine open.

    Threads: any. Asynchronous requests run on threads, so that the event loop goes on meanwhile.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._handle(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        return await anyio.to_thread.run_sync(self._handle, request, body)

    def _handle(self, request: httpx.Request, body: bytes) -> httpx.Response:
        headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
        answer = self._engine.request(request.method, request.url.raw_path, body, headers)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
