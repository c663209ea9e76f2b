"""The command ``serve``: checks everything that can be wrong first, then serves until it is told to stop."""

import errno
import ipaddress
import os
import socket
from contextlib import closing, suppress
from typing import Annotated, Final

import typer

from geo_service.bootstrap import open_context
from geo_service.cli.console import tell
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation import logs
from geo_service.foundation.errors import Conflict, InvalidInput
from geo_service.services import stores
from geo_service.services.durability import check_durable
from geo_service.settings import Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
_STOP_WITHIN_S: Final = 10
_CONNECTIONS_AT_ONCE: Final = 1000  # more are answered 503 at once, whatever they ask


Host = Annotated[str, typer.Option("--host", help="serve.host_help")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="serve.port_help")]
MetricsPort = Annotated[int | None, typer.Option("--metrics-port", min=0, max=65535, help="serve.metrics_port_help")]
LogLevel = Annotated[
    str | None, typer.Option("--log-level", metavar="debug|info|warning|error", help="serve.log_level_help")
]


def serve(
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Serve the map on this machine until interrupted; port 0 takes any free one."""
    stores.check_operator(LOCAL_ADMIN)
    # the app reads its settings itself, in this process
    for name, given in (("GEO_METRICS_PORT", metrics_port), ("GEO_LOG_LEVEL", log_level)):
        if given is not None:
            os.environ[name] = str(given)
    with closing(bound(host, port)) as listener:
        settings = Settings()
        check_free(settings.metrics_host, settings.metrics_port)
        with closing(open_context(settings).store) as store:
            check_durable(store, unsafe_allowed=settings.allow_unsafe_store)
        serve_on(listener)


def serve_on(listener: socket.socket) -> None:
    """Serve on a socket of :func:`bound` until interrupted; Conflict ``port_in_use``."""
    import uvicorn

    from geo_service.cli.connections import Deadlined

    address, port = listener.getsockname()[:2]
    try:
        listener.listen()
    except OSError:  # somebody else bound it too and was faster
        raise Conflict("port_in_use", port=port) from None
    logs.configure(Settings().log_level)
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
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )

    class Told(uvicorn.Server):
        """Says where it is once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                tell("serve.listening", address=f"http://{shown}:{port}/map")

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


def loopback(host: str) -> str:
    """Return the numeric loopback address ``host`` means; InvalidInput ``host_not_loopback`` for any other."""
    if host.lower() == "localhost":
        return DEFAULT_HOST
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise InvalidInput("host_not_loopback", host=host[:100]) from None
    if not address.is_loopback:
        raise InvalidInput("host_not_loopback", host=host[:100])
    return str(address)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket on a loopback address of this machine, taken but not answering yet.

    Raises InvalidInput ``host_not_loopback``, ``port_refused``; Conflict ``port_in_use``.
    """
    address = loopback(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns off Nagle's delay (40 ms an answer) only for sockets that say they are TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict("port_in_use", port=port) from None
        raise InvalidInput("port_refused", host=address, port=port, reason=error.strerror or "") from None
    return listener
