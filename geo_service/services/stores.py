"""Stories about the store as a whole: create, upgrade, check, copy. They open and close it themselves."""

from dataclasses import dataclass
from pathlib import Path

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import system_clock
from geo_service.services.context import Progress, no_progress
from geo_service.services.rights import may
from geo_service.storage.checking import Finding, check_store
from geo_service.storage.copying import Copied, copy_store
from geo_service.storage.own_values import made_rounding_key
from geo_service.storage.person_keys import KeySource, service_keys, use_keys
from geo_service.storage.persons import overwrite_free_pages, seal_plain
from geo_service.storage.store import Store, create_store, open_store, upgrade_store


@dataclass(frozen=True)
class Checked:
    """What ``check`` found in which store."""

    store: str
    findings: list[Finding]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.is_sound for finding in self.findings)


def check_operator(actor: Actor) -> None:
    """Raise Forbidden unless ``actor`` may run the service: what commands ask before they touch anything."""
    may(actor, "operate")


def init(url: str, actor: Actor, keys: KeySource | None = None) -> str:
    """Create the store if it is not there, bring it to this version; returns its address without password.

    The service's key is made at ``keys`` where there is none and nothing was ever sealed with another one.
    """
    may(actor, "operate")
    return _sealed(create_store(url), keys)


def upgrade(url: str, actor: Actor, keys: KeySource | None = None) -> str:
    """Bring an existing store to this version; returns its address without password.

    Personal values that lie there in plain (stores of 0.1) are sealed.
    """
    may(actor, "operate")
    return _sealed(upgrade_store(url), keys)


def _sealed(store: Store, keys: KeySource | None) -> str:
    """Seal what is still plain with the keys given, close the store and return its address."""
    try:
        if keys is not None:
            use_keys(store.engine, keys)
            with store.writing() as conn:
                service_keys(conn, making=True)
                made_rounding_key(conn)
                done = seal_plain(conn, system_clock())
            if done and store.kind == "embedded":
                overwrite_free_pages(store.engine)
    finally:
        store.close()
    return str(store)


def check(url: str, actor: Actor, var_dir: Path | None = None) -> Checked:
    """Look whether a store is sound (also one that is not on this version), and the photos in ``var_dir`` with it."""
    may(actor, "operate")
    store = open_store(url, check_version=False)
    try:
        return Checked(str(store), check_store(store, var_dir))
    finally:
        store.close()


def copy(url: str, to: str, actor: Actor, progress: Progress = no_progress) -> list[Copied]:
    """Copy everything into another store, which is created where it is missing and must be empty.

    Raises StoreFault ``store_same``, ``store_not_empty``, ``copy_differs`` and those of opening.
    """
    may(actor, "operate")
    source = open_store(url)
    try:
        target = create_store(to)
        try:
            return copy_store(source, target, progress)
        finally:
            target.close()
    finally:
        source.close()
