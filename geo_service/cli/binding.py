"""Where a server may listen: anywhere on this machine itself; on a network only with accounts, a key and TLS."""

import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from geo_service.bootstrap import key_source
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput
from geo_service.services import accounts
from geo_service.services.context import Context
from geo_service.settings import Settings

LOOPBACK: Final = "127.0.0.1"


def numeric(host: str) -> str:
    """Return the numeric address ``host`` means; InvalidInput ``host_unknown`` for anything else than one."""
    if host.lower() == "localhost":
        return LOOPBACK
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        raise InvalidInput("host_unknown", host=host[:100]) from None


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches a numeric address."""
    return ipaddress.ip_address(address).is_loopback


def loopback(host: str) -> str:
    """Return the numeric loopback address ``host`` means; InvalidInput ``host_not_loopback`` for any other."""
    try:
        address = numeric(host)
    except InvalidInput:
        raise InvalidInput("host_not_loopback", host=host[:100]) from None
    if not is_loopback(address):
        raise InvalidInput("host_not_loopback", host=host[:100])
    return address


def check_transport(settings: Settings, address: str) -> None:
    """Refuse settings of TLS and proxies that do not fit each other or the address.

    Raises InvalidInput ``tls_incomplete``, ``tls_and_proxy``, ``tls_files_wrong``, ``proxy_address_wrong``,
    ``proxy_everybody``, ``serve_needs_hosts``; Forbidden ``serve_needs_tls``.
    """
    cert, key = settings.tls_cert, settings.tls_key
    if (cert is None) != (key is None):
        raise InvalidInput("tls_incomplete")
    if cert is not None and settings.behind_proxy:
        raise InvalidInput("tls_and_proxy")
    if cert is not None and key is not None:
        _check_certificate(cert, key)
    if settings.behind_proxy:
        _check_proxies(settings.proxy_addresses)
    if is_loopback(address):
        return
    if cert is None and not settings.behind_proxy:
        raise Forbidden("serve_needs_tls", host=address)
    if not settings.host_names:
        raise InvalidInput("serve_needs_hosts", host=address)


def check_accounts(ctx: Context, settings: Settings, address: str) -> None:
    """Refuse to be reached from elsewhere without an administrator's account and the service's key.

    Raises Forbidden ``serve_needs_admin``, ``serve_needs_key``; StoreFault ``secret_key_unreadable``.
    """
    if is_loopback(address) and not settings.behind_proxy:
        return
    with ctx.store.reading() as conn:
        if accounts.needs_admin(conn):
            raise Forbidden("serve_needs_admin", host=address)
    if key_source(settings).read() is None:
        raise Forbidden("serve_needs_key", host=address)


def bound(address: str, port: int) -> socket.socket:
    """Return a socket on a numeric address of this machine, taken but not answering yet.

    Raises InvalidInput ``port_refused``; Conflict ``port_in_use``.
    """
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


def _check_certificate(cert: Path, key: Path) -> None:
    try:
        # a key under a password cannot be opened by a server that starts by itself
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput("tls_files_wrong", cert=str(cert), key=str(key), reason=reason) from None


def _check_proxies(proxies: Iterable[str]) -> None:
    for proxy in proxies:
        try:
            network = ipaddress.ip_network(proxy)
        except ValueError:
            raise InvalidInput("proxy_address_wrong", proxy=proxy[:100]) from None
        if network.prefixlen == 0:
            raise InvalidInput("proxy_everybody", proxy=proxy)
