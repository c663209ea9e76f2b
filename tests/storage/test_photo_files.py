"""Files of photos: one per content, whole, found wherever they wait, gone when nothing names them."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo_service.foundation.errors import StoreFault
from geo_service.storage import photo_files

CONTENT = b"a photo"
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


def aged(tmp_path):
    waiting = tmp_path / "photos" / "unsettled" / CHECKSUM
    os.utime(waiting, (1, 1))
    return waiting


def test_the_same_bytes_are_one_file_for_its_owner_only(tmp_path):
    assert photo_files.keep(tmp_path, CONTENT) == photo_files.keep(tmp_path, CONTENT) == CHECKSUM
    assert files(tmp_path / "photos") == [f"unsettled/{CHECKSUM}"]
    photo_files.settle(tmp_path, set)
    photo_files.keep(tmp_path, CONTENT)
    place = tmp_path / "photos" / CHECKSUM[:2] / CHECKSUM
    assert files(tmp_path / "photos") == [f"{CHECKSUM[:2]}/{CHECKSUM}"]
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_is_read_wherever_it_waits(tmp_path):
    photo_files.keep(tmp_path, CONTENT)
    assert photo_files.read(tmp_path, CHECKSUM) == CONTENT
    photo_files.settle(tmp_path, set)
    assert photo_files.read(tmp_path, CHECKSUM) == CONTENT
    photo_files.withdraw(tmp_path, CHECKSUM)
    assert photo_files.read(tmp_path, CHECKSUM) == CONTENT


def test_what_no_row_names_goes_after_a_day(tmp_path):
    photo_files.keep(tmp_path, CONTENT)
    photo_files.settle(tmp_path, lambda _: set())
    assert photo_files.size_of(tmp_path, CHECKSUM) == len(CONTENT)
    aged(tmp_path)
    photo_files.settle(tmp_path, lambda _: set())
    assert files(tmp_path / "photos") == []


def test_keeping_again_begins_the_day_anew(tmp_path):
    photo_files.keep(tmp_path, CONTENT)
    aged(tmp_path)
    photo_files.keep(tmp_path, CONTENT)
    photo_files.settle(tmp_path, lambda _: set())
    assert photo_files.size_of(tmp_path, CHECKSUM) == len(CONTENT)


def test_parts_of_writers_that_died_go_too(tmp_path):
    photo_files.keep(tmp_path, CONTENT)
    part = tmp_path / "photos" / "unsettled" / "0123456789abcdef.part"
    part.write_bytes(b"half")
    os.utime(part, (1, 1))
    photo_files.settle(tmp_path, set)
    assert files(tmp_path / "photos") == [f"{CHECKSUM[:2]}/{CHECKSUM}"]


def test_files_that_are_missing_or_changed_are_named(tmp_path):
    with pytest.raises(StoreFault, match="photo_file_missing"):
        photo_files.read(tmp_path, CHECKSUM)
    photo_files.keep(tmp_path, CONTENT)
    photo_files.settle(tmp_path, set)
    (tmp_path / "photos" / CHECKSUM[:2] / CHECKSUM).write_bytes(b"another")
    with pytest.raises(StoreFault, match="photo_file_changed"):
        photo_files.read(tmp_path, CHECKSUM)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "photos").write_text("a file where the folder should be")
    with pytest.raises(StoreFault, match="photo_unwritable"):
        photo_files.keep(tmp_path, CONTENT)


def test_many_files_settle_little_by_little(tmp_path):
    for number in range(250):
        photo_files.keep(tmp_path, b"%d" % number)
    asked = []

    def named(checksums):
        asked.append(len(checksums))
        return checksums

    photo_files.settle(tmp_path, named)
    photo_files.settle(tmp_path, named, None)
    photo_files.settle(tmp_path, named)
    assert asked == [200, 50]
    assert len(photo_files.listed(tmp_path)[0]) == 250


def test_many_at_once_keep_the_same_file_and_their_own(tmp_path):
    contents = [CONTENT, b"1", CONTENT, b"2"] * 20
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            kept = list(pool.map(lambda content: photo_files.keep(tmp_path, content), contents))
            pool.submit(photo_files.settle, tmp_path, set).result()
    for checksum, content in zip(kept, contents, strict=True):
        assert photo_files.read(tmp_path, checksum) == content
    assert len(files(tmp_path / "photos")) == 3
