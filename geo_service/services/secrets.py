"""The service's key: where it is kept, whether it fits the store, and changing it. It wraps the keys of persons.

Changing it: the new key is written in front of the old one, all person keys are wrapped anew in one transaction, the
old key is taken out of the file. Killed in between, both keys are there and everything opens; run again, it finishes.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.foundation.sealing import ServiceKeys, key_id, new_key
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit, person_keys, persons


class KeyText:
    """Keys given as a text (the environment)."""

    place = "GEO_SECRET_KEY"

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> ServiceKeys | None:
        """Return the keys; StoreFault ``secret_key_form``."""
        return ServiceKeys.of_text(self._text)

    def make(self) -> ServiceKeys:
        """Return the keys; there is nothing to make."""
        return ServiceKeys.of_text(self._text)


class KeyFile:
    """Keys in a file of their own, mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)

    def read(self) -> ServiceKeys | None:
        """Return the keys, None without a file; StoreFault ``secret_key_unreadable``, ``secret_key_form``."""
        try:
            return ServiceKeys.of_text(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreFault("secret_key_unreadable", file=str(self.path), reason=_reason(error)) from error

    def make(self) -> ServiceKeys:
        """Make the first key; another process that makes one at the same time wins or loses as a whole."""
        made = self._beside(ServiceKeys((new_key(),)))
        try:
            with contextlib.suppress(FileExistsError):
                os.link(made, self.path)
            self._settle()
        except OSError as error:
            raise StoreFault("secret_key_unreadable", file=str(self.path), reason=_reason(error)) from error
        finally:
            made.unlink()
        keys = self.read()
        if keys is None:
            raise StoreFault("secret_key_missing")
        return keys

    def write(self, keys: ServiceKeys) -> None:
        """Put ``keys`` into the file in one step; StoreFault ``secret_key_unreadable``."""
        made = self._beside(keys)
        try:
            made.replace(self.path)
            self._settle()
        except OSError as error:
            made.unlink(missing_ok=True)
            raise StoreFault("secret_key_unreadable", file=str(self.path), reason=_reason(error)) from error

    def is_private(self) -> bool:
        """Whether nobody but its owner may read the file."""
        return not self.path.exists() or not self.path.stat().st_mode & 0o077

    def _beside(self, keys: ServiceKeys) -> Path:
        """Return a new file with ``keys`` in the same folder, written to disk."""
        made = self.path.with_name(f".{self.path.name}.{os.getpid()}.{key_id(new_key())}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(keys.to_text())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            made.unlink(missing_ok=True)
            raise StoreFault("secret_key_unreadable", file=str(self.path), reason=_reason(error)) from error
        return made

    def _settle(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True)
class Looked:
    """What ``secret check`` found.

    Attributes
    ----------
    place
        File or variable the keys are in.
    keys
        Ids of the keys, the one that wraps first.
    is_private
        Whether only the owner may read the file.
    persons
        Number of person keys by the id of the service's key they are wrapped with.
    plain
        Number of personal values that are not sealed, by layer.
    broken
        Number of person keys that do not open.
    """

    place: str
    keys: tuple[str, ...]
    is_private: bool
    persons: dict[str, int]
    plain: dict[str, int]
    broken: int

    @property
    def is_sound(self) -> bool:
        """Whether everything is sealed and opens, and no change of keys is under way."""
        fits = set(self.persons) <= set(self.keys[:1]) and len(self.keys) <= 1
        return fits and self.is_private and not self.broken and not self.plain


def check(ctx: Context, source: "KeyFile | KeyText") -> Looked:
    """Look whether the service's key opens everything; changes nothing."""
    may(ctx.actor, "operate")
    keys = source.read()
    with ctx.store.reading() as conn:
        wrapped = person_keys.wrapped_with(conn)
        if wrapped:
            person_keys.service_keys(conn)
        broken = person_keys.broken_keys(conn, keys) if keys else 0
        plain = {layer.name: count for layer in LAYERS.values() if (count := len(persons.plain_rows(conn, layer)))}
    named = tuple(map(key_id, keys.keys)) if keys else ()
    return Looked(source.place, named, not isinstance(source, KeyFile) or source.is_private(), wrapped, plain, broken)


def rotate(ctx: Context, source: "KeyFile | KeyText") -> int:
    """Change the service's key, or finish a change that was broken off; returns how many person keys it wraps.

    Raises
    ------
    InvalidInput
        ``secret_key_in_environment``: a key in the environment is changed there: the new one, a comma, the old one.
    StoreFault
        ``secret_key_missing``, ``secret_key_wrong``, ``secret_key_unreadable``; then nothing was changed.
    """
    may(ctx.actor, "operate")
    with ctx.store.reading() as conn:
        wrapped = person_keys.wrapped_with(conn)
        keys = person_keys.service_keys(conn) if wrapped else source.read()
    if keys is None:
        keys = source.make()
    unknown = next((named for named in wrapped if keys.named(named) is None), None)
    if unknown is not None:
        raise StoreFault("secret_key_wrong", wanted=unknown, found=key_id(keys.current))
    if isinstance(source, KeyFile):
        if len(keys.keys) == 1:
            keys = ServiceKeys((new_key(), *keys.keys))
            source.write(keys)
    elif len(keys.keys) == 1:
        raise InvalidInput("secret_key_in_environment")
    with ctx.store.writing() as conn:
        person_keys.lock_keys(conn)
        done = person_keys.wrap_anew(conn, keys)
        facts = {"keys": done, "key_id": key_id(keys.current)}
        audit.append(conn, ctx.actor, ctx.clock(), "secret_rotated", facts=facts)
    if isinstance(source, KeyFile):
        source.write(ServiceKeys((keys.current,)))
    return done


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
