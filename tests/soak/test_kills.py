"""What was acknowledged is there once, whatever was killed; nothing is there by halves.

``make test`` kills a few times, ``make soak`` two hundred times (``GEO_SOAK_ROUNDS``).
"""

import os

import pytest

from geo_service.cli.app import main
from geo_service.storage.durability import unsafe_settings
from geo_service.storage.store import create_store, open_store
from tests.soak.kills import CLIENTS, backend_killer, rounds
from tests.stores import KINDS, Cluster

ROUNDS = int(os.environ.get("GEO_SOAK_ROUNDS", "200"))


@pytest.fixture(scope="module")
def durable_cluster():
    """A PostgreSQL that waits for the disk, as one that is served must."""
    cluster = Cluster(fsync="on", full_page_writes="on", synchronous_commit="on")
    yield cluster
    cluster.stop()
    cluster.folder.parent.joinpath(f"{cluster.folder.name}.out").unlink(missing_ok=True)


@pytest.fixture(params=KINDS)
def killed(request, tmp_path, monkeypatch):
    """Return what kills so many times, on a fresh store of each kind."""
    monkeypatch.setenv("GEO_ALLOW_UNSAFE_STORE", "")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_LANG", "en")
    if request.param == "embedded":
        url, killer = f"sqlite:///{tmp_path / 'geo.gpkg'}", None
        create_store(url).close()
    else:
        cluster = request.getfixturevalue("durable_cluster")
        name = cluster.new_database()
        url, killer = cluster.url(name), backend_killer(name, str(cluster.folder))
    monkeypatch.setenv("GEO_DATABASE_URL", url)
    store = open_store(url)
    assert unsafe_settings(store) == []
    store.close()

    def kill(count, seed):
        clients = rounds(url, tmp_path / "var", count, seed=seed, kill_backend=killer)
        assert sum(len(client.created) for client in clients) > CLIENTS
        print(
            "written:",
            sum(len(client.created) for client in clients),
            "asked again:",
            sum(c.asked_again for c in clients),
        )
        assert main(["db", "check"]) == 0

    return kill


def test_a_few_kills(killed):
    killed(3, seed=1)  # PostGIS: the server, a process of the database, the server


@pytest.mark.soak
def test_many_kills(killed):
    killed(ROUNDS, seed=2)
