"""How long what is kept, as data (PRODUCT §8), and what is emptied of a person. `geo-service privacy sweep` does it.

History and audit are kept for good: both are append-only, the audit's lines hold on to each other, and what they say
of persons is sealed under keys that end with the person. The law's six months are their shortest, not their longest.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from geo_service.domain.fields import Field, Layer

Deed = Literal["delete", "anonymise", "delete_originals"]


@dataclass(frozen=True)
class Kind:
    """One kind of thing with an end.

    Attributes
    ----------
    name
        Key of its label ``retention.<name>``.
    after
        How long after it has served its purpose.
    deed
        ``delete`` removes the rows, ``anonymise`` empties what they say of a person and ends the person's key,
        ``delete_originals`` lets the files of photos go that were taken in; published copies stay.
    table
        Table it is in (``delete``), or layer (``anonymise``; also ``accounts``, which are no layer).
    """

    name: str
    after: timedelta
    deed: Deed
    table: str


KINDS: Final = (
    Kind("attempts", timedelta(days=7), "delete", "attempt"),
    Kind("answers", timedelta(days=1), "delete", "kept_answer"),
    Kind("sessions", timedelta(days=30), "delete", "session"),
    Kind("links", timedelta(days=30), "delete", "one_time_link"),
    Kind("tokens", timedelta(days=365), "delete", "api_token"),
    Kind("case_reporters", timedelta(days=180), "anonymise", "cases"),
    Kind("adopters", timedelta(days=365), "anonymise", "adoptions"),
    Kind("left_households", timedelta(days=180), "anonymise", "households"),
    Kind("frontage_holders", timedelta(days=365), "anonymise", "frontages"),
    Kind("project_persons", timedelta(days=365), "anonymise", "projects"),
    Kind("grid_persons", timedelta(days=180), "anonymise", "grids"),
    Kind("disabled_accounts", timedelta(days=365), "anonymise", "accounts"),
    Kind("refused_photos", timedelta(days=180), "delete_originals", "photos"),
    Kind("published_photos", timedelta(days=365), "delete_originals", "photos"),
)
NO_ORIGINAL: Final = "***"  # in place of a photo's checksum: its original was deleted
CLOSED_PROJECTS: Final = ("closed", "cancelled")
CLOSED_CASES: Final = ("rejected", "self_handled", "closed")
ENDED_ADOPTIONS: Final = ("ended", "handed_back", "expired")


def holds_persons(layer: Layer) -> bool:
    """Whether rows of a layer name persons."""
    return any(field.personal for field in layer.fields)


def erased_fields(layer: Layer) -> tuple[Field, ...]:
    """Return what is emptied when a person is erased: names and phones; of a household also its room.

    The numbers of a household stay: nobody is known by them any more, and the totals of its building are made of them.
    """
    return tuple(
        field
        for field in layer.fields
        if field.personal or (layer.personal and holds_persons(layer) and field.kind == "text" and not field.required)
    )
