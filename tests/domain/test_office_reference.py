"""What an office may set of profiles, circles and categories, and what is refused by name."""

import json

import pytest

from geo_service.domain.reference import (
    categories,
    circles,
    finding_term_days,
    limit_of,
    profile_named,
    profiles,
    profiles_by_age,
    stricter_circles,
    use_office_files,
)
from geo_service.foundation.errors import FileFault
from geo_service.foundation.resources import use_office_folder


@pytest.fixture
def office(tmp_path):
    """Write the office's own files and use them; what is shipped stands again afterwards."""

    def use(**files):
        use_office_folder(None)
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
        use_office_files(tmp_path)

    yield use
    use_office_folder(None)


def test_what_is_not_named_stays_as_shipped(office):
    shipped = dict(profiles()), dict(circles()), dict(profiles_by_age())
    office(profiles={"profiles": []}, circles={"version": "ours"})
    assert (dict(profiles()), dict(circles()), dict(profiles_by_age())) == shipped


def test_a_slower_profile_and_one_of_its_own(office):
    pushed = {"zh": "婴儿车", "en": "pram"}
    office(
        profiles={
            "profiles": [
                {"code": "elder", "speed_km_h": 2.7},
                {"code": "pram", "label": pushed, "speed_km_h": 3.25, "step_free": True},
            ],
            "by_age": {"bands": {"0_2": "pram"}},
        }
    )
    assert limit_of(profile_named("elder"), minutes=10).metres == pytest.approx(450)
    assert profile_named("elder").label["zh"] == "老年人（2.7 km/h）"
    assert profile_named("pram").label["en"] == "pram (3.25 km/h, no steps)"
    assert profiles_by_age()["0_2"].code == "pram"
    assert profiles_by_age()["3_5"].code == "child"


def test_circles_and_terms(office):
    office(
        circles={"circles": [{"minutes": 15, "distance_m": 900, "stricter_distance_m": None}]},
        categories={"categories": [{"code": "canteen", "verification_term_days": 90, "default_circle": 10}]},
    )
    assert dict(circles()) == {5: 300.0, 10: 500.0, 15: 900.0}
    assert not stricter_circles()
    assert (categories()["canteen"].verification_term_days, categories()["canteen"].default_circle) == (90, 10)
    assert categories()["canteen"].label["zh"] == "幸福食堂"
    assert finding_term_days() == 365
    office(checklist={"finding_term_days": 180})
    assert finding_term_days() == 180


NEW = {"code": "pram", "label": {"zh": "婴儿车", "en": "pram"}, "speed_km_h": 3, "step_free": False}


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("profiles", "{", "reference_not_json", ()),
        ("circles", "[]", "reference_not_json", ()),
        *(
            ("profiles", {"profiles": [{"code": "elder", "speed_km_h": speed}]}, "reference_speed", ("elder", shown))
            for speed, shown in [
                (0, "0"),
                (-3.0, "-3.0"),
                (float("nan"), "nan"),
                ("3", "3"),
                (True, "True"),
                (25, "25"),
            ]
        ),
        (
            "profiles",
            {"profiles": [{"code": "pram", "speed_km_h": 3}]},
            "reference_profile_incomplete",
            ("pram", "label"),
        ),
        ("profiles", {"profiles": [{"code": "elder", "speed": 3}]}, "reference_field_unknown", ("elder", "speed")),
        ("profiles", {"profile": []}, "reference_field_unknown", ("profile",)),
        ("profiles", {"profiles": [{"speed_km_h": 3}]}, "reference_form", ("profiles 1",)),
        ("profiles", {"profiles": [NEW, NEW]}, "reference_form", ("profiles 2",)),
        ("profiles", {"profiles": [{**NEW, "code": "by_age"}]}, "reference_form", ("by_age",)),
        ("profiles", {"profiles": [{**NEW, "step_free": "no"}]}, "reference_form", ("pram",)),
        ("profiles", {"by_age": {"bands": {"90_plus": "elder"}}}, "reference_band", ("90_plus", "80_plus")),
        ("profiles", {"by_age": {"bands": {"0_2": "pram"}}}, "reference_profile_unknown", ("0_2", "pram", "child")),
        ("profiles", {"by_age": []}, "reference_form", ("by_age",)),
        ("circles", {"circles": [{"minutes": 20, "distance_m": 1500}]}, "reference_circle_unknown", ("20",)),
        ("circles", {"circles": [{"minutes": 5, "distance_m": 0}]}, "reference_circle", ("5", "distance_m", "0")),
        ("circles", {"circles": [{"minutes": 5, "distance_m": -300}]}, "reference_circle", ("-300",)),
        ("circles", {"circles": [{"minutes": 5, "distance_m": 600}]}, "reference_circle_order", ("10", "500")),
        ("circles", {"circles": [{"minutes": 15, "stricter_distance_m": 1200}]}, "reference_circle_order", ("15",)),
        ("checklist", {"finding_term_days": 0}, "reference_term", ("finding_term_days", "0")),
        ("checklist", {"finding_terms": 90}, "reference_field_unknown", ("finding_terms",)),
        ("categories", {"categories": [{"code": "bar"}]}, "reference_category_unknown", ("bar",)),
        (
            "categories",
            {"categories": [{"code": "park", "verification_term_days": 0}]},
            "reference_term",
            ("park", "0"),
        ),
        (
            "categories",
            {"categories": [{"code": "park", "default_circle": 7}]},
            "reference_default_circle",
            ("park", "7"),
        ),
        ("categories", {"categories": [{"code": "park", "label": {}}]}, "reference_field_unknown", ("park", "label")),
    ],
)
def test_what_cannot_be_is_refused_by_file_entry_and_value(office, tmp_path, name, content, code, said):
    with pytest.raises(FileFault) as caught:
        office(**{name: content})
    assert caught.value.code == code
    for lang in ("zh", "en"):
        sentence = caught.value.sentence(lang)
        assert str(tmp_path / f"{name}.json") in sentence
        for part in said:
            assert part in sentence
        assert "{" not in sentence
