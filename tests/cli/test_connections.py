"""Slow clients on real connections: the server lets go of them and answers others."""

import socket
import threading
from contextlib import closing, contextmanager

import pytest
import uvicorn

from geo_service.bootstrap import Service
from geo_service.cli.connections import Deadlined
from geo_service.main import create_app
from geo_service.settings import Settings


class Hasty(Deadlined):
    """Waits shorter, so that the test need not."""

    head_within_s = 0.5


@contextmanager
def serving(tmp_path, protocol):
    app = create_app(service=Service(Settings(var_dir=tmp_path)))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, ws="none", log_config=None, timeout_keep_alive=30))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


def answer(connection):
    connection.settimeout(30)
    parts = b""
    try:
        while part := connection.recv(65536):
            parts += part
    except ConnectionResetError:
        pass
    return parts


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHost: local"])
def test_a_head_that_never_ends_is_given_up(tmp_path, sent):
    with serving(tmp_path, Hasty) as place, closing(socket.create_connection(place)) as slow:
        slow.sendall(sent)
        with closing(socket.create_connection(place)) as quick:
            quick.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert answer(quick).startswith(b"HTTP/1.1 200")
        assert answer(slow) == b""


def test_the_second_head_on_a_connection_has_its_deadline_too(tmp_path):
    with serving(tmp_path, Hasty) as place, closing(socket.create_connection(place)) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea")
        said = answer(slow)
    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/areas HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A : b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_heads_two_servers_could_read_differently_are_refused(tmp_path, head):
    with serving(tmp_path, Hasty) as place, closing(socket.create_connection(place)) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        said = answer(connection)
    assert b" 200 " not in said
    assert b" 201 " not in said
    assert not said or said.startswith(b"HTTP/1.1 4"), said
