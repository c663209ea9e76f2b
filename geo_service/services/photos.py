"""Photos: taken in, reviewed, shown. Nothing is published unreviewed; originals are for those with that right only.

Decoding and drawing take seconds and stand outside the transactions: a door asks first (:func:`may_upload`,
:func:`original_for_review`), then works, then writes.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import shapely

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import NO_ORIGINAL
from geo_service.domain.rights import PUBLISHED
from geo_service.domain.values import checked_text, shown
from geo_service.domain.works import PHOTO_SUBJECTS, PHOTOS
from geo_service.exchange import photos as pictures
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from geo_service.services import features
from geo_service.services.context import Context
from geo_service.services.rights import may, may_here
from geo_service.storage import audit, photo_files, photo_rows, rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

Size = Literal["full", "thumbnail"]
SIZES: Final[tuple[Size, ...]] = ("full", "thumbnail")
MEDIA_TYPES: Final = tuple(pictures.MEDIA_TYPES)
COPY_TYPE: Final = pictures.COPY_TYPE
_REASON_LENGTH: Final = 500
_COPIES: Final[dict[Size, str]] = {"full": "published_sha256", "thumbnail": "thumbnail_sha256"}


@dataclass(frozen=True)
class File:
    """A photo's file on its way out: its bytes, media type and SHA-256."""

    content: bytes
    media_type: str
    checksum: str


@dataclass(frozen=True)
class Incoming:
    """A photo that came and was checked: what it is, and its bytes."""

    photo: pictures.Photo
    raw: bytes


@dataclass(frozen=True)
class Decision:
    """What a review says; ``copies`` are there exactly if the photo is published."""

    review: Literal["published", "refused"]
    reason: str | None
    boxes: tuple[pictures.Box, ...] = ()
    copies: pictures.Copies | None = None


def may_upload(conn: "Connection", ctx: Context, subject_layer: str, subject_uid: str) -> dict[str, Any]:
    """Return the row a photo may be added to.

    Raises InvalidInput ``photo_subject_layer``; NotFound ``row_unknown``; Conflict ``row_retired``,
    ``photo_subject_no_place``; Forbidden where it lies outside one's own places.
    """
    may(ctx.actor, "upload_photo")
    if subject_layer not in PHOTO_SUBJECTS:
        raise InvalidInput("photo_subject_layer", layer=shown(subject_layer), known=", ".join(PHOTO_SUBJECTS))
    layer = LAYERS[subject_layer]
    subject = features.get_row(conn, ctx, layer, subject_uid)
    may_here(conn, ctx.actor, "upload_photo", layer, subject)
    if subject["retired_at"] is not None:
        raise Conflict("row_retired", layer=layer.name, code=subject["code"])
    if subject["geom"] is None:
        raise Conflict("photo_subject_no_place", layer=layer.name, code=subject["code"])
    return subject


def checked(ctx: Context, raw: bytes, claimed: str) -> Incoming:
    """Return a photo, decoded and found good (:func:`exchange.photos.check_photo`); needs no transaction."""
    may(ctx.actor, "upload_photo")
    return Incoming(pictures.check_photo(raw, claimed, ctx.timezone), raw)


def upload(
    conn: "Connection", ctx: Context, subject_layer: str, subject_uid: str, incoming: Incoming
) -> tuple[dict[str, Any], bool]:
    """Keep a checked photo of a thing and return its row, and whether it is new.

    It waits for review. The same bytes of the same thing again are the photo there is. The row lies where the thing
    lies, so that the thing's area decides who sees it; where the camera stood is kept beside it. Raises as
    :func:`may_upload` and StoreFault ``photo_unwritable``, ``disk_full``.
    """
    subject = may_upload(conn, ctx, subject_layer, subject_uid)
    photo, checksum = incoming.photo, photo_files.keep(ctx.var_dir, incoming.raw)
    there = photo_rows.same(conn, subject_layer, subject["uid"], checksum)
    if there is not None:
        return features.get_row(conn, ctx, PHOTOS, there), False
    values = {
        "geom": shapely.point_on_surface(subject["geom"]),
        "subject_layer": subject_layer,
        "subject_uid": subject["uid"],
        "taken_at": photo.taken_at,
        "taken_lon": photo.lon,
        "taken_lat": photo.lat,
        "sha256": checksum,
        "media_type": photo.media_type,
        "size_bytes": len(incoming.raw),
        "width_px": photo.width_px,
        "height_px": photo.height_px,
        "review": "waiting",
    }
    row = rows.insert(conn, PHOTOS, values, actor=ctx.actor, now=ctx.clock())
    return features.get_row(conn, ctx, PHOTOS, row["uid"]), True


def settle(conn: "Connection", ctx: Context, story: Literal["upload_photo", "review_photos"]) -> None:
    """Put files whose rows are committed into their place; to be called after an upload or a review.

    Where that fails the files are read where they wait, and the next call tries again.
    """
    may(ctx.actor, story)
    with suppress(OSError):
        photo_files.settle(ctx.var_dir, lambda checksums: photo_rows.named(conn, checksums))


def original_for_review(conn: "Connection", ctx: Context, ident: str) -> bytes | None:
    """Return the file copies are drawn from, None once it was swept; Forbidden, NotFound ``row_unknown``."""
    row = _to_review(conn, ctx, ident)
    if row["sha256"] == NO_ORIGINAL:
        return None
    return photo_files.read(ctx.var_dir, row["sha256"])


def decision_of(ctx: Context, decision: object, reason: object, boxes: object) -> Decision:
    """Return what a reviewer said, checked.

    Raises InvalidInput ``photo_decision``, ``photo_reason_missing`` (a refusal needs one), ``photo_boxes_form``, …
    """
    may(ctx.actor, "review_photos")
    if reason is not None and not isinstance(reason, str):
        raise InvalidInput("photo_reason_missing")
    said = checked_text((reason or "").strip(), _REASON_LENGTH) or None
    if decision == "published":
        return Decision("published", said, tuple(pictures.checked_boxes([] if boxes is None else boxes)))
    if decision != "refused":
        raise InvalidInput("photo_decision", given=shown(decision))
    if said is None:
        raise InvalidInput("photo_reason_missing")
    return Decision("refused", said)


def drawn(ctx: Context, decision: Decision, original: bytes | None) -> Decision:
    """Return the decision with the copies it publishes; needs no transaction.

    Raises Conflict ``photo_original_gone``: nothing can be drawn from an original that was swept.
    """
    may(ctx.actor, "review_photos")
    if decision.review == "refused":
        return decision
    if original is None:
        raise Conflict("photo_original_gone")
    copies = pictures.draw_copies(original, decision.boxes)
    return Decision(decision.review, decision.reason, decision.boxes, copies)


def review(
    conn: "Connection", ctx: Context, ident: str, decision: Decision, *, expected_version: int
) -> dict[str, Any]:
    """Publish a photo or refuse it, and return its row; a later review replaces an earlier one.

    Raises Forbidden, NotFound ``row_unknown``, StaleVersion ``row_changed``.
    """
    row = _to_review(conn, ctx, ident)
    copies = decision.copies
    made: dict[str, str | None] = dict.fromkeys(_COPIES.values())
    if copies is not None:
        made["published_sha256"] = photo_files.keep(ctx.var_dir, copies.image)
        made["thumbnail_sha256"] = photo_files.keep(ctx.var_dir, copies.thumbnail)
    boxes = [{"x": box.x, "y": box.y, "width": box.width, "height": box.height} for box in decision.boxes]
    values = {"review": decision.review, "review_reason": decision.reason, "hidden_regions": boxes or None, **made}
    rows.update(conn, PHOTOS, row["uid"], expected_version, values, actor=ctx.actor, now=ctx.clock())
    for name in _COPIES.values():
        if row[name] is not None and row[name] not in made.values():
            photo_files.withdraw(ctx.var_dir, row[name])
    return features.get_row(conn, ctx, PHOTOS, row["uid"])


def published(conn: "Connection", ctx: Context, ident: str, size: Size) -> File:
    """Return the published copy of a photo to whoever may read the thing it shows.

    Raises NotFound ``photo_not_published``, also where there is no such photo.
    """
    may(ctx.actor, PUBLISHED)
    try:
        row = rows.get(conn, PHOTOS, ident)
        features.get_row(conn, ctx, LAYERS[row["subject_layer"]], row["subject_uid"])
    except (NotFound, Forbidden):
        raise NotFound("photo_not_published", photo=shown(ident)) from None
    checksum = row[_COPIES[size]]
    if row["review"] != "published" or row["retired_at"] is not None or checksum is None:
        raise NotFound("photo_not_published", photo=shown(ident))
    return File(photo_files.read(ctx.var_dir, checksum), COPY_TYPE, checksum)


def published_of(conn: "Connection", ctx: Context, layer: Layer, ident: str) -> list[dict[str, Any]]:
    """Return the published photos of a thing, oldest first, to whoever may read the thing.

    Only ``uid``, ``width_px`` and ``height_px`` of each: the rest of the row is for those who may read photos.
    At most 1,000. Raises Forbidden, NotFound ``row_unknown`` for the thing.
    """
    may(ctx.actor, PUBLISHED)
    subject = features.get_row(conn, ctx, layer, ident)
    wanted = {"subject_layer": layer.name, "subject_uid": subject["uid"], "review": "published"}
    found = rows.page(conn, PHOTOS, filters=wanted, limit=features.LIST_MAXIMUM, sort="created_at").rows
    return [{key: row[key] for key in ("uid", "width_px", "height_px")} for row in found]


def original(conn: "Connection", ctx: Context, ident: str) -> File:
    """Return the original of a photo, byte for byte; that it was looked at is written into the audit.

    Raises Forbidden, NotFound ``row_unknown``, ``photo_original_gone`` (swept), StoreFault ``photo_file_missing``,
    ``photo_file_changed``.
    """
    may(ctx.actor, "read_originals")
    row = features.get_row(conn, ctx, PHOTOS, ident)
    may_here(conn, ctx.actor, "read_originals", PHOTOS, row)
    if row["sha256"] == NO_ORIGINAL:
        raise NotFound("photo_original_gone")
    file = File(photo_files.read(ctx.var_dir, row["sha256"]), row["media_type"], row["sha256"])
    audit.append(
        conn,
        ctx.actor,
        ctx.clock(),
        "original_read",
        layer=PHOTOS.name,
        subject_uid=row["uid"],
        area_code=row["area_code"],
        facts={"sha256": row["sha256"]},
    )
    return file


def _to_review(conn: "Connection", ctx: Context, ident: str) -> dict[str, Any]:
    may(ctx.actor, "review_photos")
    row = features.get_row(conn, ctx, PHOTOS, ident)
    may_here(conn, ctx.actor, "review_photos", PHOTOS, row)
    return row
