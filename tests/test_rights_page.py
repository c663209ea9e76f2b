"""The page of rights is the one the data gives."""

import importlib.util

from geo_service.domain.rights import RIGHTS
from geo_service.foundation.texts import LANGS, catalogue


def test_the_page_of_rights_is_up_to_date(repository):
    spec = importlib.util.spec_from_file_location("render_rights", repository / "scripts" / "render_rights.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = (repository / "docs" / "rights.md").read_text(encoding="utf-8")
    assert written == script.page(), "run .venv/bin/python scripts/render_rights.py"


def test_every_right_has_its_words_and_no_words_are_left_over():
    for lang in LANGS:
        named = {key.removeprefix("right.") for key in catalogue(lang) if key.startswith("right.")}
        assert named == set(RIGHTS), lang
