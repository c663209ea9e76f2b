"""What a proxy says of the client it passes on: believed of the configured proxies alone."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Forwarded:
    """ASGI middleware around everything: takes client and scheme from the proxy, and marks what came through it.

    Parameters
    ----------
    proxies
        Addresses and networks of the proxies.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        believing: Any = ProxyHeadersMiddleware(cast(Any, app), list(proxies))
        self._app, self._proxies = believing, believing.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] == "http":
            client = scope.get("client")
            scope.setdefault("state", {})["is_from_proxy"] = client is not None and client[0] in self._proxies
        await self._app(scope, receive, send)
