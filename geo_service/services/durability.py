"""Before a server answers anybody: what it says is stored must survive a power cut."""

from geo_service.foundation.errors import StoreFault
from geo_service.storage.durability import unsafe_settings
from geo_service.storage.store import Store


def check_durable(store: Store, *, unsafe_allowed: bool = False) -> None:
    """Return if what ``store`` commits is on the disk; StoreFault ``store_not_durable`` otherwise.

    Nobody's story: the server asks it of itself. ``unsafe_allowed`` is for tests.
    """
    found = [] if unsafe_allowed else unsafe_settings(store)
    if found:
        raise StoreFault("store_not_durable", store=str(store), setting=", ".join(found))
