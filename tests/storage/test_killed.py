"""A process that dies while it writes leaves nothing of it behind."""

import subprocess
import sys
import textwrap

from geo_service.storage import bulk, versions
from geo_service.storage.checking import check_store
from geo_service.storage.store import open_store
from tests.storage.samples import WHO, L, buildings

SCRIPT = """
    import os, signal, sys
    from geo_service.storage import bulk
    from geo_service.storage.store import open_store
    from tests.storage.samples import WHO, L, areas, buildings
    import numpy as np
    store = open_store(sys.argv[1])
    with store.writing() as c:
        bulk.upsert(c, L["areas"], areas(), **WHO)
        bulk.upsert(c, L["buildings"], buildings(np.linspace(0, 0.2, 30000), size=0.0001), **WHO)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle_of_an_import(store_url):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT), store_url], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    store = open_store(store_url)
    with store.writing() as connection:
        assert bulk.ids_by_code(connection, L["buildings"]) == {}
        assert set(versions.layer_versions(connection).values()) == {0}
        assert bulk.upsert(connection, L["buildings"], buildings(), **WHO).created == 3
    assert all(finding.is_sound for finding in check_store(store))
    store.close()
