"""One family of errors: each has a stable code, a sentence in both languages and its facts.

The class says *what kind of refusal* it is (doors map it to an HTTP status or an exit code);
the code picks the sentence ``error.<code>`` of the catalogues (:mod:`geo_service.foundation.texts`).
"""

from typing import ClassVar

from geo_service.foundation.texts import Lang, catalogue, text


class GeoServiceError(Exception):
    """Base of every error the service raises on purpose.

    Parameters
    ----------
    code
        Stable machine-readable name; ``error.<code>`` must stand in both catalogues.
    **facts
        Values for the sentence's placeholders; also sent to machines, so never personal data.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, /, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code}: {facts}" if facts else code)

    def sentence(self, lang: Lang) -> str:
        """Return the sentence for people in ``lang``; a fact that is an error itself reads as its own sentence."""
        facts = {
            name: fact.sentence(lang) if isinstance(fact, GeoServiceError) else fact
            for name, fact in self.facts.items()
        }
        return text(f"error.{self.code}", lang, **facts)


class InvalidInput(GeoServiceError):
    """What was asked or sent is wrong: a value, a parameter, a combination."""

    exit_code = 2


class FileFault(InvalidInput):
    """A file cannot be read as what it claims to be, or its rows have faults."""

    exit_code = 3


class NotFound(GeoServiceError):
    """The named thing does not exist (or is not visible to the asker)."""

    exit_code = 4


class Conflict(GeoServiceError):
    """The change contradicts what is stored: duplicate code, forbidden state, still referenced."""

    exit_code = 5


class StaleVersion(Conflict):
    """Somebody else changed the row since it was read (optimistic locking)."""


class Forbidden(GeoServiceError):
    """The actor may not do this; ``role`` and ``verb`` are said in the words people know them by."""

    exit_code = 6

    def sentence(self, lang: Lang) -> str:
        """Return the sentence with the names of the role and of the right."""
        keys = {"role": f"desk.role.{self.facts.get('role')}", "verb": f"right.{self.facts.get('verb')}"}
        named = {name: text(key, lang) for name, key in keys.items() if key in catalogue(lang)}
        return text(f"error.{self.code}", lang, **{**self.facts, **named})


class SignInNeeded(GeoServiceError):
    """Who asks is not known, or could not prove who it is."""

    exit_code = 6


class TooManyRequests(GeoServiceError):
    """Asked too often; the fact ``retry_after_s`` says in how many seconds to ask again."""

    exit_code = 6


class TooMuch(InvalidInput):
    """More was asked for or sent than the service hands out or takes at once."""


class StoreFault(GeoServiceError):
    """The store is not usable: unreachable, locked, not migrated, newer, damaged, disk full."""

    exit_code = 7
