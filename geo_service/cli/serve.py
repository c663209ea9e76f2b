"""The command ``serve``: checks everything that can be wrong first, then serves until it is told to stop."""

import errno
import ipaddress
import socket
from contextlib import closing, suppress
from typing import Annotated, Final

import typer

from geo_service.bootstrap import configure_log, open_context
from geo_service.cli.console import say, tell
from geo_service.foundation.errors import Conflict, InvalidInput
from geo_service.settings import Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
_STOP_WITHIN_S: Final = 10


def serve(
    host: Annotated[str, typer.Option("--host", help=say("serve.host_help"))] = DEFAULT_HOST,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=say("serve.port_help"))] = DEFAULT_PORT,
) -> None:
    """Serve the map on this machine until interrupted; port 0 takes any free one."""
    import uvicorn

    address = loopback(host)
    configure_log()
    open_context(Settings()).store.close()
    with closing(listen(address, port)) as listener:
        bound = listener.getsockname()[1]
        shown = f"[{address}]" if ":" in address else address
        config = uvicorn.Config(
            "geo_service.main:create_app",
            factory=True,
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
                    tell("serve.listening", address=f"http://{shown}:{bound}/map")

        with suppress(KeyboardInterrupt):
            Told(config).run(sockets=[listener])
        tell("serve.stopped")


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


def listen(address: str, port: int) -> socket.socket:
    """Return a bound socket; Conflict ``port_in_use``, InvalidInput ``port_refused``."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns off Nagle's delay (40 ms an answer) only for sockets that say they are TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict("port_in_use", port=port) from None
        raise InvalidInput("port_refused", host=address, port=port, reason=error.strerror or "") from None
    return listener
