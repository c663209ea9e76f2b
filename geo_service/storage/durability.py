"""Whether a store has on the disk what it says is stored. Kills do not show it, power cuts do."""

from typing import Final

from geo_service.storage.store import Store

# what a PostgreSQL server must have on; synchronous_commit is set by every connection of ours
_POSTGRES: Final = ("fsync", "full_page_writes", "synchronous_commit")


def unsafe_settings(store: Store) -> list[str]:
    """Return the settings of a store's database that let a power cut lose what was committed; none is well.

    The embedded store's are checked on every connection it makes (StoreFault ``store_not_durable``).
    """
    with store.reading() as connection:
        if store.path is not None:
            return []
        return [name for name in _POSTGRES if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"]
