"""An app around the ``store`` of the test, asked in process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from shapely.geometry import Point, box
from starlette import testclient

from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.foundation import logs
from geo_service.main import create_app
from geo_service.settings import Settings
from geo_service.storage import rows
from geo_service.storage.store import Store
from tests.api.people import Hall

HERE = ("127.0.0.1", 50000)
# clients in process ask from a loopback address, as a browser on this machine does
testclient.TestClient.__init__ = partialmethod(testclient.TestClient.__init__, client=HERE)  # type: ignore[method-assign]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def quiet_log() -> None:
    """Log no line a request; tests of the log say what they want of it."""
    logs.ensure("warning")


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Service:
    settings = Settings(database_url=store.url, var_dir=tmp_path / "var")
    return Service(settings, clock=lambda: NOW, open_store=lambda _url: store)


@pytest.fixture
def hall(store: Store, tmp_path: Path, cheap_passwords: None) -> Hall:
    """The server on each store, and those who come to it with accounts."""
    return Hall(store, tmp_path / "var")


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    app = create_app(service=service)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def town(store: Store) -> Store:
    """One community, a quarter of buildings in a row with homes, three facilities, a project."""

    def put(layer: str, code: str, geom: object = None, **values: object) -> None:
        given = {"code": code, "geom": geom, **values} if geom is not None else {"code": code, **values}
        rows.insert(conn, LAYERS[layer], given, actor=LOCAL_ADMIN, now=NOW)

    with store.writing() as conn:
        put("areas", "990101001", box(116.30, 40.00, 116.34, 40.02), name="示例街道", level="street")
        put("areas", "990101001001", box(116.30, 40.00, 116.32, 40.02), name="示例社区", level="community")
        put("grids", "G1", box(116.30, 40.00, 116.32, 40.02), name="一网格", kind="governance", leader_name="张三丰")
        for n in range(5):
            west = 116.3100 + n * 0.001
            home = box(west, 40.0100, west + 0.0003, 40.0102)
            put("buildings", f"B{n}", home, name=f"{n}号楼", use="residential", residents_persons=30 + n, source="s")
        put("households", "H1", building_code="B1", head_name="李四", phone="13812341234", residents_persons=3)
        for n, category in enumerate(("supermarket", "clinic", "supermarket")):
            put("facilities", f"F{n}", Point(116.3105 + n * 0.002, 40.0105), category=category, name=f"100%_店{n}")
        put("projects", "P1", Point(116.312, 40.011), name="路灯", kind="street_light", responsible_person="王五")
    return store
