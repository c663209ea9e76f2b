"""``geo-service serve``: what it refuses, what it prints, that it stops when told to."""

import io
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geo_service.cli.app import main
from geo_service.cli.binding import bound, check_transport, loopback, numeric
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput
from geo_service.settings import Settings
from tests.ports import free_port

COMMAND = [str(Path(sys.executable).with_name("geo-service"))]


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what runs a command in this process; a server it would start is refused."""

    def none(server, sockets=None):
        raise AssertionError("it serves")

    def run(tmp_path, *arguments, url="", typed=""):
        capsys.readouterr()
        given = {"GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": url}
        with patch.dict(os.environ, given), monkeypatch.context() as around:  # the command sets some of its own
            around.setattr(sys, "stdin", io.StringIO(typed))
            around.setattr(uvicorn.Server, "run", none)
            code = main([*arguments])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


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


@pytest.mark.parametrize("host", ["example.org", "", "127.0.0.1.example.org", "0.0.0", "localhost.", "1"])
def test_what_is_no_address(host):
    with pytest.raises(InvalidInput, match="host_unknown"):
        numeric(host)


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate of its own and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))
    return cert_file, key_file


@pytest.mark.parametrize(
    ("given", "address", "code"),
    [
        ({}, "127.0.0.1", None),
        ({}, "::1", None),
        ({}, "0.0.0.0", "serve_needs_tls"),
        ({}, "::", "serve_needs_tls"),
        ({}, "192.168.1.7", "serve_needs_tls"),
        ({"hosts": "map.example.org"}, "0.0.0.0", "serve_needs_tls"),
        ({"behind_proxy": True}, "0.0.0.0", "serve_needs_hosts"),
        ({"behind_proxy": True, "hosts": "map.example.org"}, "0.0.0.0", None),
        ({"behind_proxy": True}, "127.0.0.1", None),
        ({"behind_proxy": True, "proxies": "nowhere"}, "127.0.0.1", "proxy_address_wrong"),
        ({"behind_proxy": True, "proxies": "10.0.0.1, 0.0.0.0/0"}, "127.0.0.1", "proxy_everybody"),
        ({"behind_proxy": True, "proxies": "*"}, "127.0.0.1", "proxy_address_wrong"),
        ({"tls_cert": Path("none.pem")}, "127.0.0.1", "tls_incomplete"),
        ({"tls_cert": Path("none.pem"), "tls_key": Path("none.pem")}, "127.0.0.1", "tls_files_wrong"),
        ({"tls_cert": Path("a"), "tls_key": Path("b"), "behind_proxy": True}, "127.0.0.1", "tls_and_proxy"),
    ],
)
def test_where_a_server_may_listen(given, address, code, tmp_path):
    settings = Settings(var_dir=tmp_path, **given)
    if code is None:
        check_transport(settings, address)
        return
    with pytest.raises((InvalidInput, Forbidden), match=code):
        check_transport(settings, address)


def test_a_certificate_and_the_key_of_another(certificate, tmp_path):
    cert, key = certificate
    check_transport(Settings(var_dir=tmp_path, tls_cert=cert, tls_key=key, hosts="a.example"), "0.0.0.0")
    key.write_text("-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n")
    with pytest.raises(InvalidInput, match="tls_files_wrong"):
        check_transport(Settings(var_dir=tmp_path, tls_cert=cert, tls_key=key), "127.0.0.1")


@pytest.mark.parametrize(("lang", "said"), [("zh", "证书"), ("en", "certificate")])
def test_the_command_names_the_files_of_tls_that_are_wrong(run, tmp_path, lang, said):
    files = ["--tls-cert", str(tmp_path / "no-cert.pem"), "--tls-key", str(tmp_path / "no-key.pem")]
    done = run(tmp_path, "--lang", lang, "serve", "--host", "0.0.0.0", *files)
    assert done.returncode == InvalidInput.exit_code
    assert said in done.stderr
    assert "no-cert.pem" in done.stderr
    assert "no-key.pem" in done.stderr


def test_the_command_refuses_other_addresses_with_a_sentence(run, tmp_path):
    done = run(tmp_path, "--lang", "en", "serve", "--host", "0.0.0.0")
    assert done.returncode == Forbidden.exit_code
    assert "--tls-cert" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_is_served_only_with_an_account_and_over_tls(run, tmp_path, make_store_url, certificate, monkeypatch):
    monkeypatch.setenv("GEO_HOSTS", "map.example.org")
    monkeypatch.delenv("GEO_SECRET_KEY", raising=False)
    url = make_store_url("embedded")
    cert, key = map(str, certificate)
    asked = ("--lang", "en", "serve", "--host", "0.0.0.0", "--port", "0", "--tls-cert", cert, "--tls-key", key)
    done = run(tmp_path, *asked, url=url)
    assert done.returncode == Forbidden.exit_code
    assert "admin create" in done.stderr
    made = run(tmp_path, "admin", "create", "root1", "--password-stdin", url=url, typed="tulip7Gravel\n")
    assert made.returncode == 0, made.stderr
    secret = tmp_path / "var" / "secret.key"
    assert secret.stat().st_mode & 0o777 == 0o600
    kept = secret.rename(tmp_path / "kept.key")
    done = run(tmp_path, *asked, url=url)
    assert done.returncode == Forbidden.exit_code
    assert "GEO_SECRET_KEY" in done.stderr
    assert not secret.exists(), "nothing is made in place of a key that is missing"
    kept.rename(secret)
    environment = {**os.environ, "GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": url}
    server = subprocess.Popen([*COMMAND, *asked], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        port = re.search(r"https://0\.0\.0\.0:(\d+)", said)
        assert port, said
        trusting = ssl.create_default_context(cafile=cert)
        trusting.check_hostname = False
        opened = urllib.request.Request(f"https://127.0.0.1:{port[1]}/health", headers={"Host": "map.example.org"})
        with urllib.request.urlopen(opened, timeout=30, context=trusting) as answer:
            assert answer.status == 200
            assert "max-age" in answer.headers["strict-transport-security"]
        for forwarded in ({}, {"X-Forwarded-For": "127.0.0.1"}):
            refused = urllib.request.Request(f"https://127.0.0.1:{port[1]}/api/summary", headers=forwarded)
            with pytest.raises(urllib.error.HTTPError) as answered:
                urllib.request.urlopen(refused, timeout=30, context=trusting)
            assert answered.value.code == 401
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()


def test_the_command_says_that_there_is_no_store(run, tmp_path):
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
    port = free_port()
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


def test_a_port_for_metrics_that_is_taken(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(tmp_path, "--lang", "en", "serve", "--port", "0", "--metrics-port", str(taken.getsockname()[1]))
    assert done.returncode == Conflict.exit_code
    assert "already in use" in done.stderr


def test_a_log_level_that_is_none(run, tmp_path):
    done = run(tmp_path, "--lang", "en", "serve", "--port", "0", "--log-level", "loud")
    assert done.returncode == InvalidInput.exit_code
    assert "GEO_LOG_LEVEL" in done.stderr
