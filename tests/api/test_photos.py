"""Photos over HTTP, on both stores: taken in, reviewed, published; nothing unreviewed, no original without a trace."""

import hashlib
import io
import json

import pytest
import sqlalchemy as sa
from PIL import Image

from geo_service.api.limits import Limits
from geo_service.storage.tables import AUDIT, TABLES
from tests.photos_made import encoded, notes, phone_photo, picture

JPEG = {"Content-Type": "image/jpeg"}
EYES = [{"x": 0.4, "y": 0.4, "width": 0.2, "height": 0.2}]  # where the four colours meet


def send(client, raw, *, subject="facilities/F0", kind="image/jpeg"):
    layer, uid = subject.split("/")
    asked = f"/api/photos?subject_layer={layer}&subject_uid={uid}"
    return client.post(asked, content=raw, headers={"Content-Type": kind})


def review(client, photo, version=1, **said):
    return client.post(
        f"/api/photos/{photo}/review", json=said, headers={"If-Match": f'"{version}"', "Accept-Language": "en"}
    )


def code_of(answer):
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def files(service):
    folder = service.settings.var_dir / "photos"
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def test_a_photo_is_taken_in_and_waits(client, town, service):
    raw = phone_photo(orientation=6)
    answer = send(client, raw)
    assert answer.status_code == 201
    row = answer.json()
    assert answer.headers["location"] == f"/api/photos/{row['id']}"
    given = row["properties"]
    assert given["review"] == "waiting"
    assert given["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (given["width_px"], given["height_px"], given["size_bytes"]) == (480, 640, len(raw))
    assert given["taken_at"] == "2026-02-28T07:04:05.000Z"
    assert given["taken_lon"] == pytest.approx(116.3121, abs=1e-6)
    assert given["area_code"] == "990101001001"
    facility = client.get("/api/facilities/F0").json()
    assert given["subject_uid"] == facility["id"]
    assert row["geometry"] == facility["geometry"]
    assert client.get(answer.headers["location"]).json() == row
    assert files(service) == [given["sha256"]]
    assert not list((service.settings.var_dir / "photos" / "unsettled").iterdir())
    for size in ("full", "thumbnail"):
        assert code_of(client.get(f"/api/photos/{row['id']}/image?size={size}")) == (404, "photo_not_published")


def test_the_same_photo_twice_is_one_row_and_one_file(client, town, service):
    raw = phone_photo()
    first, again = send(client, raw), send(client, raw)
    assert (again.status_code, again.json()) == (200, first.json())
    other = send(client, raw, subject="projects/P1")
    assert other.status_code == 201
    assert files(service) == [first.json()["properties"]["sha256"]]


def test_a_reviewed_photo_is_published_blurred_and_without_metadata(client, town):
    photo = send(client, phone_photo()).json()["id"]
    answer = review(client, photo, decision="published", boxes=EYES)
    assert answer.status_code == 200
    given = answer.json()["properties"]
    assert (given["review"], given["version"], given["hidden_regions"]) == ("published", 2, EYES)
    full = client.get(f"/api/photos/{photo}/image")
    assert full.headers["content-type"] == "image/jpeg"
    assert "private" in full.headers["cache-control"]
    assert hashlib.sha256(full.content).hexdigest() == given["published_sha256"]
    assert dict(Image.open(io.BytesIO(full.content)).getexif()) == {}
    assert b"Zhang San" not in full.content
    small = client.get(f"/api/photos/{photo}/image?size=thumbnail")
    assert max(Image.open(io.BytesIO(small.content)).size) == 320
    known = client.get(f"/api/photos/{photo}/image", headers={"If-None-Match": full.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_the_published_photos_of_a_thing_are_found_by_who_sees_it(client, town):
    first, second, other = (
        send(client, phone_photo(lon=116.31 + n / 1000), subject=subject).json()["id"]
        for n, subject in enumerate(("facilities/F0", "facilities/F0", "projects/P1"))
    )
    assert client.get("/api/facilities/F0/photos").json() == {"photos": []}
    for photo in (second, other):
        assert review(client, photo, decision="published").status_code == 200
    assert review(client, first, decision="refused", reason="a face").status_code == 200
    wanted = {"photos": [{"uid": second, "width_px": 640, "height_px": 480}]}
    assert client.get("/api/facilities/F0/photos").json() == wanted
    facility = client.get("/api/facilities/F0").json()["id"]
    assert client.get(f"/api/facilities/{facility}/photos").json() == wanted
    assert client.get("/api/buildings/B1/photos").json() == {"photos": []}
    assert code_of(client.get("/api/facilities/F9/photos")) == (404, "row_unknown")
    assert code_of(client.get("/api/nothing/F0/photos"))[0] == 404


def test_a_review_can_be_taken_back(client, town, service):
    photo = send(client, phone_photo()).json()["id"]
    first = review(client, photo, decision="published").json()["properties"]
    assert review(client, photo, 2, decision="refused", reason="a face").status_code == 200
    assert code_of(client.get(f"/api/photos/{photo}/image")) == (404, "photo_not_published")
    row = client.get(f"/api/photos/{photo}").json()["properties"]
    assert (row["review"], row["review_reason"], row["published_sha256"]) == ("refused", "a face", None)
    waiting = service.settings.var_dir / "photos" / "unsettled"
    assert {path.name for path in waiting.iterdir()} == {first["published_sha256"], first["thumbnail_sha256"]}
    again = review(client, photo, 3, decision="published", boxes=EYES).json()["properties"]
    assert again["published_sha256"] != first["published_sha256"]
    assert client.get(f"/api/photos/{photo}/image").status_code == 200


WRONG_REVIEWS = [
    ({"decision": "maybe"}, "photo_decision"),
    ({}, "photo_decision"),
    ({"decision": "refused"}, "photo_reason_missing"),
    ({"decision": "refused", "reason": "   "}, "photo_reason_missing"),
    ({"decision": "refused", "reason": 5}, "photo_reason_missing"),
    ({"decision": "refused", "reason": "x" * 501}, "field_too_long"),
    ({"decision": "published", "boxes": [[1]]}, "photo_boxes_form"),
    ({"decision": "published", "boxes": EYES * 101}, "photo_boxes_many"),
    ({"decision": "published", "colour": "red"}, "values_refused"),
]


def test_wrong_reviews_change_nothing(client, town):
    photo = send(client, phone_photo()).json()["id"]
    for said, code in WRONG_REVIEWS:
        assert code_of(review(client, photo, **said)) == (422, code), said
    assert code_of(review(client, photo, 9, decision="published")) == (412, "row_changed")
    unsaid = client.post(f"/api/photos/{photo}/review", json={"decision": "published"})
    assert code_of(unsaid) == (428, "if_match_missing")
    assert code_of(review(client, "nothing", decision="published")) == (404, "row_unknown")
    assert client.get(f"/api/photos/{photo}").json()["properties"]["version"] == 1


def test_an_original_is_given_byte_for_byte_and_the_audit_says_to_whom(client, town):
    raw = phone_photo()
    photo = send(client, raw).json()["id"]
    answer = client.get(f"/api/photos/{photo}/original")
    assert answer.content == raw
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with town.reading() as conn:
        lines = conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == "original_read")).mappings().all()
    assert [(line["layer"], line["subject_uid"], line["area_code"]) for line in lines] == [
        ("photos", photo, "990101001001")
    ]


def test_what_is_no_photo_is_refused_and_leaves_nothing(client, town, service):
    frames = [picture(16, 16), picture(16, 16).rotate(90)]
    for raw, kind, code in (
        (b"<svg/>", "image/jpeg", "photo_type_unknown"),
        (encoded(kind="PNG"), "image/jpeg", "photo_type_differs"),
        (phone_photo()[:3000], "image/jpeg", "photo_broken"),
        (encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]), "image/png", "photo_animated"),
    ):
        assert code_of(send(client, raw, kind=kind)) == (422, code)
    assert code_of(send(client, b"{}", kind="application/json"))[0] == 415
    assert code_of(send(client, b"\xff" * (20 * 1024 * 1024 + 1)))[0] == 413
    assert files(service) == []
    with town.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(TABLES["photos"])).scalar() == 0


def test_a_photo_belongs_to_a_thing_in_use(client, town):
    raw = phone_photo()
    assert code_of(send(client, raw, subject="households/H1")) == (422, "photo_subject_layer")
    assert code_of(send(client, raw, subject="photos/x")) == (422, "photo_subject_layer")
    assert code_of(send(client, raw, subject="facilities/F99")) == (404, "row_unknown")
    client.post("/api/facilities/F1/retire", json={"reason": "gone"}, headers={"If-Match": '"1"'})
    assert code_of(send(client, raw, subject="facilities/F1")) == (409, "row_retired")
    assert client.post("/api/photos", content=raw, headers=JPEG).status_code == 422
    assert client.post("/api/photos?subject_layer=x&subject_uid=y&z=1", content=raw, headers=JPEG).status_code == 422


def test_photos_are_neither_made_nor_changed_as_plain_rows(client, town):
    photo = send(client, phone_photo()).json()["id"]
    body = json.dumps({"type": "Feature", "properties": {"review": "published"}})
    version = {"If-Match": '"1"', "Content-Type": "application/json"}
    assert client.patch(f"/api/photos/{photo}", content=body, headers=version).status_code == 405
    assert client.get("/api/photos").json()["numberMatched"] == 1
    assert client.get("/api/photos?review=published").json()["numberMatched"] == 0


def test_a_photo_of_a_file_that_is_gone_or_changed_is_a_fault_of_the_store(client, town, service):
    photo = send(client, encoded(exif=notes())).json()
    path = next((service.settings.var_dir / "photos").rglob(photo["properties"]["sha256"]))
    path.write_bytes(b"something else")
    assert code_of(client.get(f"/api/photos/{photo['id']}/original")) == (503, "photo_file_changed")
    path.unlink()
    assert code_of(client.get(f"/api/photos/{photo['id']}/original")) == (503, "photo_file_missing")


def test_one_account_sends_only_so_many_photos_a_minute(client, town, service):
    few = service.settings.model_copy(update={"limit_photos_per_minute": 2})
    client.app.state.limits = Limits.of(few, lambda: service.heavy_work)
    raw = phone_photo()
    assert [send(client, raw).status_code for _ in range(3)] == [201, 200, 429]
    answer = send(client, raw)
    assert code_of(answer) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) >= 1
