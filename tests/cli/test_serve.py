"""``geo-service serve``: what it refuses, what it prints, that it stops when told to."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from geo_service.cli.serve import bound, loopback
from geo_service.foundation.errors import Conflict, InvalidInput

COMMAND = [str(Path(sys.executable).with_name("geo-service"))]


def run(tmp_path, *arguments, url="", timeout=60):
    environment = {**os.environ, "GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": url}
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", "127.0.0.1.example.org"])
def test_only_this_machine_is_served(host):
    with pytest.raises(InvalidInput) as refused:
        loopback(host)
    assert refused.value.code == "host_not_loopback"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.5", "127.0.0.5"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ],
)
def test_every_way_to_say_this_machine(host, address):
    assert loopback(host) == address


def test_answers_are_not_held_back():
    """asyncio sets TCP_NODELAY only on sockets that name their protocol."""
    with bound("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Conflict) as refused:
            bound("127.0.0.1", taken.getsockname()[1])
    assert refused.value.code == "port_in_use"


def test_the_command_refuses_other_addresses_with_a_sentence(tmp_path):
    done = run(tmp_path, "--lang", "en", "serve", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "this machine only" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_says_that_there_is_no_store(tmp_path):
    done = run(tmp_path, "--lang", "en", "serve", "--port", "0")
    assert done.returncode == 7
    assert "geo-service db init" in done.stderr
    assert not (tmp_path / "var").exists()


def test_the_command_serves_until_it_is_told_to_stop(tmp_path, make_store_url):
    environment = {**os.environ, "GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": make_store_url("embedded")}
    server = subprocess.Popen(
        [*COMMAND, "--lang", "en", "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address, said
        with urllib.request.urlopen(f"{address[0]}/ready", timeout=30) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        rest = server.stderr.read()
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()
    assert "Traceback" not in rest
    assert "Stopped" in rest


def test_metrics_and_the_log_are_asked_for_on_the_command_line(tmp_path, make_store_url):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": make_store_url("embedded")}
    options = ["--port", "0", "--metrics-port", str(port), "--log-level", "info"]
    server = subprocess.Popen(
        [*COMMAND, "--lang", "en", "serve", *options], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address, said
        with urllib.request.urlopen(f"{address[0]}/health", timeout=30) as answer:
            request_id = answer.headers["X-Request-ID"]
        line = json.loads(server.stderr.readline())
        assert (line["event"], line["route"], line["request_id"]) == ("request", "/health", request_id)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            assert b'geo_service_requests_total{method="GET",route="/health",status="200"} 1.0' in answer.read()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()


def test_a_port_for_metrics_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(tmp_path, "--lang", "en", "serve", "--port", "0", "--metrics-port", str(taken.getsockname()[1]))
    assert done.returncode == Conflict.exit_code
    assert "already in use" in done.stderr


def test_a_log_level_that_is_none(tmp_path):
    done = run(tmp_path, "--lang", "en", "serve", "--port", "0", "--log-level", "loud")
    assert done.returncode == InvalidInput.exit_code
    assert "GEO_LOG_LEVEL" in done.stderr
