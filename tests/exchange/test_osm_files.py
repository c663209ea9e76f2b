"""Files that are no OSM extract, or not a whole one: one clear fault each."""

import gzip

import pytest

from geo_service.exchange.osm import read_osm
from geo_service.foundation.errors import FileFault
from geo_service.foundation.texts import LANGS
from tests.exchange.osm_text import street


def fault(path):
    with pytest.raises(FileFault) as refused:
        read_osm(path)
    for lang in LANGS:
        sentence = refused.value.sentence(lang)
        assert path.name in sentence
        assert "{" not in sentence
    return refused.value.code


def test_missing_empty_and_folder(tmp_path):
    assert fault(tmp_path / "gone.osm") == "file_missing"
    (tmp_path / "empty.osm.pbf").touch()
    assert fault(tmp_path / "empty.osm.pbf") == "file_empty"
    (tmp_path / "folder.osm").mkdir()
    assert fault(tmp_path / "folder.osm") == "file_is_folder"


@pytest.mark.parametrize("name", ["a.txt", "a.geojson", "osm", "a.osm.zip", "a.xml"])
def test_a_name_that_says_no_osm_format(tmp_path, name):
    street(tmp_path).rename(tmp_path / name)
    assert fault(tmp_path / name) == "osm_extension"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm", b'{"type": "FeatureCollection", "features": []}'),
        ("a.osm", b"\x1f\x8b" + b"x" * 40),
        ("a.osm", b"<!DOCTYPE html><html><body>Sign in</body></html>"),
        ("a.osm.gz", b"<?xml version='1.0'?><osm version='0.6'></osm>"),
        ("a.osm.gz", gzip.compress(b"hello, world", mtime=0)),
        ("a.osm.pbf", b"<?xml version='1.0'?><osm version='0.6'></osm>"),
        ("a.pbf", b"PK\x03\x04" + b"\x00" * 100),
    ],
)
def test_another_content_than_the_name_says(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert fault(tmp_path / name) == "osm_content"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_xml(tmp_path, share):
    file = street(tmp_path)
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * share)])
    assert fault(file) in ("osm_broken", "osm_content")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_gzip(tmp_path, shared_data, share):
    raw = gzip.compress((shared_data / "beijing-tsinghua" / "map.osm").read_bytes())
    (tmp_path / "a.osm.gz").write_bytes(raw[: int(len(raw) * share)])
    assert fault(tmp_path / "a.osm.gz") == "osm_broken"


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999])
def test_truncated_pbf(tmp_path, shared_data, share):
    raw = (shared_data / "helsinki" / "Helsinki.osm.pbf").read_bytes()
    (tmp_path / "a.osm.pbf").write_bytes(raw[: int(len(raw) * share)])
    assert fault(tmp_path / "a.osm.pbf") == "osm_broken"


def test_damage_in_the_middle_of_a_pbf(tmp_path, shared_data):
    raw = bytearray((shared_data / "helsinki" / "Helsinki.osm.pbf").read_bytes())
    raw[200_000:200_100] = b"\xff" * 100
    (tmp_path / "a.osm.pbf").write_bytes(raw)
    assert fault(tmp_path / "a.osm.pbf") == "osm_broken"


def test_a_whole_gzip_reads_like_the_plain_file(tmp_path):
    file = street(tmp_path)
    (tmp_path / "b.osm.gz").write_bytes(gzip.compress(file.read_bytes()))
    packed, plain = read_osm(tmp_path / "b.osm.gz"), read_osm(file)
    assert packed.ways.codes == plain.ways.codes
    assert packed.bounds == plain.bounds
