"""docs/security.md names what protects each door: the files are there."""

import re


def test_every_file_it_names_exists(repository):
    page = (repository / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:api|cli|domain|exchange|foundation|jobs|services|storage|tests)/[\w/]+\.py)`", page))
    assert len(named) > 25
    places = [repository / name if name.startswith("tests/") else repository / "geo_service" / name for name in named]
    assert {str(place.relative_to(repository)) for place in places if not place.is_file()} == set()


def test_every_door_has_its_part(repository):
    page = (repository / "docs" / "security.md").read_text(encoding="utf-8")
    for door in (
        "Browser pages",
        "API",
        "Tiles",
        "Uploads",
        "Imports",
        "Command line",
        "Store file",
        "Backups",
        "Logs",
    ):
        assert f"\n### {door}" in page, door
