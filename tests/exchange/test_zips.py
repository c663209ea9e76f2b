"""Archives of strangers: everything that would leave its folder, fill the disk or the memory is refused beforehand."""

import stat
import struct
import zipfile
import zlib

import geopandas as gpd
import pytest
import shapely
import xlsxwriter

from geo_service.exchange import vector, zips
from geo_service.exchange.sources import read_source
from geo_service.foundation.errors import FileFault
from geo_service.foundation.texts import LANGS


@pytest.fixture
def parts(tmp_path):
    """The files of a sound Shapefile by ending."""
    folder = tmp_path / "shp"
    folder.mkdir()
    gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Point(116, 40)], crs=4326).to_file(folder / "a.shp")
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def unpacked(monkeypatch):
    """Says where something was unpacked to; nothing may be, of an archive that is refused."""
    folders = []
    original = vector.tempfile.TemporaryDirectory

    class Watched(original):
        def cleanup(self):
            folders.append(sorted(path.name for path in vector.Path(self.name).iterdir()))
            super().cleanup()

        def __exit__(self, *args):
            self.cleanup()

    monkeypatch.setattr(vector.tempfile, "TemporaryDirectory", Watched)
    return folders


def packed(tmp_path, parts, *more, name="a"):
    """Return a zip of a Shapefile and further members (name or ZipInfo, content)."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for end, content in parts.items():
            archive.writestr(f"{name}{end}", content)
        for member, content in more:
            archive.writestr(member, content)
    return path


def refused(path):
    with pytest.raises(FileFault) as caught:
        read_source(path)
    for lang in LANGS:
        assert path.name in caught.value.sentence(lang)
        assert "{" not in caught.value.sentence(lang)
    return caught.value.code


def test_a_sound_archive_is_read(tmp_path, parts, unpacked):
    assert read_source(packed(tmp_path, parts, ("readme.txt", "x"), ("folder/", ""))).rows == [["a"]]
    assert "data.shp" in unpacked[0]


@pytest.mark.parametrize(
    "name",
    ["../a.txt", "x/../../a.txt", "/etc/passwd", "\\\\server\\share", "..\\a.txt", "C:/a.txt", "c:a.txt", "a\nb.txt"],
)
def test_names_that_lead_elsewhere(tmp_path, parts, unpacked, name):
    assert refused(packed(tmp_path, parts, (name, "x"))) == "zip_path"
    assert unpacked == [[]]


def test_a_name_behind_a_null_character(tmp_path, parts):
    path = packed(tmp_path, parts, ("readme_txt/../x", "x"))
    path.write_bytes(path.read_bytes().replace(b"readme_txt/../x", b"readme.txt\x00../x"))
    assert refused(path) == "zip_path"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(tmp_path, parts, unpacked, kind):
    link = zipfile.ZipInfo("a.lnk")
    link.external_attr = (kind | 0o777) << 16
    assert refused(packed(tmp_path, parts, (link, "/etc/passwd"))) == "zip_link"
    assert unpacked == [[]]


@pytest.mark.parametrize("name", ["inner.zip", "b/inner.ZIP", "x.tar.gz", "x.7z"])
def test_archives_in_archives(tmp_path, parts, name):
    assert refused(packed(tmp_path, parts, (name, "PK"))) == "zip_nested"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(tmp_path, parts):
    assert refused(packed(tmp_path, parts, ("A.DBF", "x"))) == "zip_member_twice"
    assert refused(packed(tmp_path, parts, ("a.dbf", "x"))) == "zip_member_twice"


def test_too_many_members(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(zips, "MOST_MEMBERS", 20)
    assert refused(packed(tmp_path, parts, *((f"{n}.txt", "") for n in range(30)))) == "zip_too_many"


def test_a_bomb(tmp_path, parts, unpacked):
    assert refused(packed(tmp_path, parts | {".dbf": b" " * 110 * 1024**2})) == "zip_bomb"
    assert unpacked == [[]]


def test_a_size_beyond_all_bounds_is_refused_by_what_the_archive_says(tmp_path, parts):
    path = packed(tmp_path, parts, ("big.txt", "x" * 10))
    raw = path.read_bytes()
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"big.txt"))
    path.write_bytes(raw[: at + 24] + struct.pack("<I", 0xF0000000) + raw[at + 28 :])
    assert refused(path) == "zip_too_large"


def test_an_archive_that_understates_its_sizes_breaks_off(tmp_path, parts):
    content = b" " * 5 * 1024**2
    path = packed(tmp_path, parts | {".dbf": content})
    raw = path.read_bytes()
    size = struct.pack("<I", len(content))
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, struct.pack("<I", 100)))
    assert refused(path) == "zip_broken"


def test_protected_and_damaged_members(tmp_path, parts):
    path = packed(tmp_path, parts)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    path.write_bytes(raw)
    assert refused(path) == "zip_protected"
    path = packed(tmp_path, parts)
    packed_dbf = zlib.compress(parts[".dbf"])[2:12]
    path.write_bytes(path.read_bytes().replace(packed_dbf, b"\xff" * 10))
    assert refused(path) == "zip_broken"


def book(path, *cells):
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    for row, column, value in cells:
        sheet.write(row, column, value)
    made.close()
    return path


def test_a_workbook_with_a_cell_at_the_end_of_the_world(tmp_path, capfd):
    """A few kilobytes for which the reader wants half a terabyte: it ends, the service does not."""
    path = book(tmp_path / "a.xlsx", (0, 0, "code"), (1048575, 16383, "x"))
    assert refused(path) == "workbook_too_large"
    assert capfd.readouterr() == ("", "")


def test_workbooks_are_archives_too(tmp_path):
    path = book(tmp_path / "a.xlsx", (0, 0, "code"), (1, 0, "a"))
    assert read_source(path).rows == [["a"]]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", b"\x00" * 120 * 1024**2)
    assert refused(path) == "zip_bomb"
    path = book(tmp_path / "a.xlsx", (0, 0, "code"), (1, 0, "a"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil.xml", "x")
    assert refused(path) == "zip_path"


def test_a_workbook_with_entities_that_multiply(tmp_path):
    path = book(tmp_path / "a.xlsx", (0, 0, "code"), (1, 0, "a"))
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "lol">{lines}]><sst><si><t>&l9;</t></si></sst>'
    target = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for member in source.infolist():
            content = source.read(member)
            archive.writestr(member.filename, bomb if member.filename.endswith("sharedStrings.xml") else content)
    try:
        cells = str(read_source(target).rows)
    except FileFault as error:
        cells = error.code
    assert len(cells) < 1000
