"""Connections of slow clients: closed when the head of a request takes too long, or an answer is not taken.

uvicorn closes idle connections between two requests; before the first request, in the middle of a head and while
nobody reads the answer it would wait for ever. The body's deadline is the guard's (api/bodies.py).
"""

import asyncio
import socket
from contextlib import suppress
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S: Final = 15.0
ANSWER_TAKEN_WITHIN_S: Final = 60.0


class Deadlined(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for the head of every request."""

    head_within_s: ClassVar[float] = HEAD_WITHIN_S
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        _close_if_not_read(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; stop the clock once a whole head is there."""
        if self._is_idle():
            self._await_head()
        super().data_received(data)
        if not self._is_idle():
            self._stop_clock()

    def on_response_complete(self) -> None:
        """Leave the wait for the next request to the keep-alive timer, unless its head has begun."""
        self._stop_clock()
        super().on_response_complete()
        if self._is_idle() and self.conn.trailing_data[0]:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_clock()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_within_s, self._head_late)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if self._is_idle() and not self.transport.is_closing():
            self.transport.abort()


def _close_if_not_read(transport: asyncio.Transport) -> None:
    """Have the system end the connection when the other side takes nothing for a minute (Linux)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    connection = transport.get_extra_info("socket")
    if option is not None and connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, option, int(ANSWER_TAKEN_WITHIN_S * 1000))
