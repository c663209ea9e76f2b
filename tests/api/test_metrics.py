"""Figures for Prometheus: what they count, that nothing typed becomes a label, that they have a port of their own."""

import urllib.request

import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from geo_service.api.metrics import Metrics
from geo_service.api.observing import Seen
from geo_service.bootstrap import Service
from geo_service.main import create_app
from geo_service.settings import Settings
from tests.ports import free_port

NAME = "欧阳无名"


@pytest.fixture
def store_kind():
    return "embedded"


def read(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_template_on_a_port_of_their_own(service, town):
    service.settings.metrics_port = free_port()
    app = create_app(service=service)
    with TestClient(
        app, client=("127.0.0.1", 50000), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        for path in (f"/api/search?q={NAME}", "/api/households/H1", "/api/facilities/F0", f"/{NAME}", f"/api/{NAME}"):
            client.get(path)
        client.request(NAME.encode().hex().upper(), "/health")
        assert client.get("/metrics").status_code == 404
        with urllib.request.urlopen(f"http://127.0.0.1:{service.settings.metrics_port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
    found = read(text)
    counted = "geo_service_requests_total"
    assert found[counted, ("method", "GET"), ("route", "/api/search"), ("status", "200")] == 1
    assert found[counted, ("method", "GET"), ("route", "/api/facilities/{ident}"), ("status", "200")] == 1
    assert found[counted, ("method", "GET"), ("route", "/api/{layer}"), ("status", "404")] == 1
    assert found[counted, ("method", "OTHER"), ("route", "/health"), ("status", "405")] == 1
    assert found["geo_service_request_seconds_count", ("method", "GET"), ("route", "/api/search")] == 1
    assert found["geo_service_store_up",] == 1
    assert found["geo_service_jobs", ("state", "queued")] == 0
    assert any(key[0] == "process_cpu_seconds_total" for key in found)
    for trace in (NAME, "H1", NAME.encode().hex().upper()):
        assert trace not in text


def test_nothing_listens_unless_asked_to(service):
    with TestClient(create_app(service=service), client=("127.0.0.1", 50000), base_url="http://localhost") as client:
        assert client.get("/health").status_code == 200
    assert service.settings.metrics_port == 0


def test_a_store_that_is_gone_is_a_figure_not_a_failure(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'geo.gpkg'}", var_dir=tmp_path)
    metrics = Metrics(Service(settings))
    metrics.observe(Seen("GET", "/health", 200, 0.01))
    found = read(generate_latest(metrics.registry).decode())
    assert found["geo_service_store_up",] == 0
    assert found["geo_service_request_seconds_bucket", ("le", "0.01"), ("method", "GET"), ("route", "/health")] == 1
