"""The command ``serve``: checks everything that can be wrong first, then serves until it is told to stop."""

import errno
import os
import socket
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.bootstrap import open_context
from geo_service.cli.binding import LOOPBACK, bound, check_accounts, check_transport, numeric
from geo_service.cli.console import tell
from geo_service.cli.context import actor
from geo_service.foundation import logs
from geo_service.foundation.errors import Conflict, InvalidInput
from geo_service.services import stores
from geo_service.services.audit import note_settings
from geo_service.services.durability import check_durable
from geo_service.settings import Settings

DEFAULT_PORT: Final = 8000
_STOP_WITHIN_S: Final = 10
_CONNECTIONS_AT_ONCE: Final = 1000  # more are answered 503 at once, whatever they ask


Host = Annotated[str, typer.Option("--host", help="serve.host_help")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="serve.port_help")]
MetricsPort = Annotated[int | None, typer.Option("--metrics-port", min=0, max=65535, help="serve.metrics_port_help")]
LogLevel = Annotated[
    str | None, typer.Option("--log-level", metavar="debug|info|warning|error", help="serve.log_level_help")
]
Cert = Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help="serve.tls_cert_help")]
Key = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="serve.tls_key_help")]
BehindProxy = Annotated[bool, typer.Option("--behind-proxy", help="serve.behind_proxy_help")]
Proxies = Annotated[list[str] | None, typer.Option("--proxy", metavar="ADDRESS", help="serve.proxy_help")]


def serve(
    *,
    host: Host = LOOPBACK,
    port: Port = DEFAULT_PORT,
    tls_cert: Cert = None,
    tls_key: Key = None,
    behind_proxy: BehindProxy = False,
    proxy: Proxies = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Serve until interrupted; port 0 takes any free one. On a network only with accounts, a key and TLS."""
    stores.check_operator(actor())
    # the app reads its settings itself, in this process
    for name, given in (
        ("GEO_METRICS_PORT", metrics_port),
        ("GEO_LOG_LEVEL", log_level),
        ("GEO_TLS_CERT", tls_cert),
        ("GEO_TLS_KEY", tls_key),
        ("GEO_BEHIND_PROXY", "1" if behind_proxy else None),
        ("GEO_PROXIES", ",".join(proxy) if proxy else None),
    ):
        if given is not None:
            os.environ[name] = str(given)
    settings, address = Settings(), numeric(host)
    check_transport(settings, address)
    with closing(bound(address, port)) as listener:
        check_free(settings.metrics_host, settings.metrics_port)
        ctx = open_context(settings)
        with closing(ctx.store):
            check_accounts(ctx, settings, address)
            check_durable(ctx.store, unsafe_allowed=settings.allow_unsafe_store)
            with ctx.store.writing() as conn:
                note_settings(conn, replace(ctx, actor=actor()), told_settings(settings, address))
        serve_on(listener)


def told_settings(settings: Settings, address: str) -> dict[str, Any]:
    """Return the settings without secrets, as JSON values, and the address that is served on."""
    secret = {name for name, field in Settings.model_fields.items() if not field.repr} | {"database_url"}
    return {**settings.model_dump(mode="json", exclude=secret), "address": address}


def serve_on(listener: socket.socket) -> None:
    """Serve on a socket of :func:`binding.bound` until interrupted; Conflict ``port_in_use``."""
    import uvicorn

    from geo_service.cli.connections import Deadlined

    address, port = listener.getsockname()[:2]
    try:
        listener.listen()
    except OSError:  # somebody else bound it too and was faster
        raise Conflict("port_in_use", port=port) from None
    settings = Settings()
    logs.configure(settings.log_level)
    scheme = "http" if settings.tls_cert is None else "https"
    shown = f"[{address}]" if ":" in address else address
    config = uvicorn.Config(
        "geo_service.main:create_app",
        factory=True,
        http=Deadlined,
        ws="none",
        limit_concurrency=_CONNECTIONS_AT_ONCE,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe about the client decides the app (api/forwarded.py)
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )

    class Told(uvicorn.Server):
        """Says where it is once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                tell("serve.listening", address=f"{scheme}://{shown}:{port}/map")

    with suppress(KeyboardInterrupt):
        Told(config).run(sockets=[listener])
    tell("serve.stopped")


def check_free(host: str, port: int) -> None:
    """Refuse a port of metrics that cannot be had; 0: none. Conflict ``port_in_use``, InvalidInput ``port_refused``."""
    if not port:
        return
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Conflict("port_in_use", port=port) from None
        raise InvalidInput("port_refused", host=host[:100], port=port, reason=error.strerror or "") from None
