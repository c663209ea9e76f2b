"""What comes first of a coverage result: the people a category is there for."""

import pytest

from geo_service.services.headlines import bands_first, first_rows, share_told, with_concerned


def row(category, band, total, covered, *, mean_m=100.0, withheld=False, **more):
    known = not withheld
    counts = {"total": total, "covered": covered, "not_covered": total - covered, "unknown": 0}
    made = {f"people_{name}": count if known else None for name, count in counts.items()}
    shares = {f"people_{name}_share": counts[name] / total if known else None for name in list(counts)[1:]}
    walks = {"mean_m": mean_m, "mean_s": mean_m, "p90_m": 1.0, "p90_s": 1.0, "reached_share": 1.0}
    return {"code": "C", "category": category, "band": band, **made, **shares, **walks, "withheld": withheld} | more


def test_who_a_category_is_there_for():
    assert bands_first("kindergarten") == ("3_5",)
    assert bands_first("elder_station") == ("60_64", "65_79", "80_plus")
    assert bands_first("supermarket") == ("all",)


def test_one_band_stands_as_it_is_published():
    (found,) = first_rows([row("kindergarten", "all", 1000, 20), row("kindergarten", "3_5", 40, 20)])
    assert (found["people_total"], found["people_covered_share"], found["p90_m"]) == (40, 0.5, 1.0)
    assert found["bands"] == ["3_5"]


def test_several_bands_are_added():
    ages = [("60_64", 30, 30, 100.0), ("65_79", 50, 20, 400.0), ("80_plus", 20, 0, 400.0)]
    rows = [row("elder_station", band, total, covered, mean_m=mean) for band, total, covered, mean in ages]
    (found,) = first_rows([row("elder_station", "all", 1000, 900), *rows])
    assert (found["people_total"], found["people_covered"], found["people_not_covered"]) == (100, 50, 50)
    assert found["people_covered_share"] == 0.5
    assert found["mean_m"] == pytest.approx(310.0)
    assert found["p90_m"] is None
    assert found["withheld"] is False


def test_what_is_withheld_of_one_is_withheld_of_all():
    rows = [row("elder_station", band, 30, 10, withheld=band == "65_79") for band in bands_first("elder_station")]
    (found,) = first_rows([row("elder_station", "all", 1000, 900), *rows])
    assert found["withheld"] is True
    assert found["people_total"] is None
    assert found["people_covered_share"] is None
    assert found["mean_m"] is None


def test_without_rows_by_age_everybody_comes_first():
    (found,) = first_rows([row("kindergarten", "all", 1000, 20)])
    assert (found["band"], found["bands"]) == ("all", ["all"])


def test_each_place_and_category_has_one_row():
    bands = ("all", "0_2")
    made = [row(one, band, 40, 10, code=code) for code in "AB" for one in ("clinic", "nursery") for band in bands]
    found = first_rows(made)
    assert [(one["code"], one["category"], one["band"]) for one in found] == [
        ("A", "clinic", "all"), ("A", "nursery", "0_2"), ("B", "clinic", "all"), ("B", "nursery", "0_2"),
    ]  # fmt: skip


def test_what_is_withheld_of_one_state_is_withheld_of_it_alone():
    rows = [row("elder_station", band, 30, 10) for band in bands_first("elder_station")]
    rows[1] |= {"people_covered": None, "people_unknown": None, "withheld": True}
    (found,) = first_rows([row("elder_station", "all", 1000, 900), *rows])
    figures = [found[f"people_{name}"] for name in ("total", "covered", "not_covered", "unknown", "covered_share")]
    assert figures == [90, None, 60, None, None]
    assert (found["withheld"], found["mean_m"]) == (True, None)


def test_files_have_a_row_of_those_a_category_is_there_for():
    rows = [row(one, band, 40, 10) for one in ("clinic", "nursery") for band in ("all", "0_2")]
    found = [(one["category"], one["band"]) for one in with_concerned(rows)]
    assert found == [
        ("clinic", "all"),
        ("clinic", "0_2"),
        ("nursery", "concerned"),
        ("nursery", "all"),
        ("nursery", "0_2"),
    ]


def test_where_most_are_not_known_no_share_is_told():
    """What is not known is neither covered nor a gap: a share of 0 would paint it as the worst."""
    known = row("clinic", "all", 100, 30) | {"people_unknown_share": 0.5, "buildings_unknown_share": 0.9}
    assert share_told(known) == 0.3
    assert share_told(known | {"people_unknown_share": 0.51}) == "unknown"
    assert share_told(known, "buildings") == "unknown"
    assert share_told(known | {"withheld": True, "people_unknown_share": 0.9}) is None
