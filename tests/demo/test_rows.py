"""Rows of the demo town: counts, marks, statuses, references, codes, people."""

import re
from datetime import date

import numpy as np
import pytest

from geo_service.demo.plan import LICENCE, REFERENCE_DATE, SOURCE
from geo_service.demo.rows import checksum
from geo_service.demo.town import generate
from geo_service.domain.areas import level_of, parent_prefixes
from geo_service.domain.bands import BAND_FIELDS
from geo_service.domain.buildings import RESIDENTIAL_USES
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories
from geo_service.foundation.errors import NotFound

# nobody has taken a photo of the town, nor corrected its ways; ways and networks are arrays
LAYERS_MADE = set(LAYERS) - {"photos", "verify_tasks", "ways", "networks", "path_corrections"}


def test_same_seed_same_rows_whatever_their_order(small):
    again = generate("small", small.seed)
    assert again.checksum() == small.checksum()
    shuffled = {name: frame.sample(frac=1, random_state=7) for name, frame in small.frames.items()}
    assert checksum(shuffled) == checksum(small.frames)


def test_another_seed_another_town(small):
    other = generate("small", small.seed + 1)
    assert other.checksum() != small.checksum()
    changed = {name: frame.copy() for name, frame in small.frames.items()}
    changed["cases"].loc[0, "status"] = "closed"
    assert checksum(changed) != checksum(small.frames)


def test_unknown_size_is_refused():
    with pytest.raises(NotFound) as refused:
        generate("village")
    assert refused.value.code == "demo_size_unknown"


def test_counts_are_those_stated(small, street):
    assert len(street.frames["households"]) == 30_000
    assert abs(len(street.frames["buildings"]) - 4_000) <= 120
    areas, grids = street.frames["areas"], street.frames["grids"]
    assert areas["level"].value_counts()["community"] == 10
    assert 80 <= (grids["kind"] == "governance").sum() <= 120
    assert (grids["kind"] == "unit").sum() > 500
    assert len(small.frames["households"]) == 3_000
    assert abs(len(small.frames["buildings"]) - 400) <= 20
    assert small.frames["areas"]["level"].value_counts()["community"] == 1


def test_every_layer_has_all_its_columns_and_is_marked_as_sample(town):
    assert set(town.frames) == LAYERS_MADE
    for name, frame in town.frames.items():
        assert len(frame), name
        assert {"code", "geometry", "source", "licence", *(f.key for f in LAYERS[name].fields)} == set(frame.columns)
        assert set(frame["source"]) == {SOURCE}
        assert set(frame["licence"]) == {LICENCE}
    assert town.frames["areas"]["name"].str.contains("示例").all()
    assert town.frames["facilities"]["name"].str.contains("示例").all()
    assert all(name is None or name.startswith("示例") for name in town.ways.names)


def test_codes_are_unique_and_of_the_layers_form(town):
    for name, frame in town.frames.items():
        assert frame["code"].is_unique, name
        pattern = re.compile(LAYERS[name].code_pattern)
        assert all(pattern.fullmatch(code) and len(code) <= 64 for code in frame["code"]), name
    assert len(set(town.ways.codes)) == len(town.ways.codes)


def test_area_codes_are_fictitious_and_say_their_level_and_parent(town):
    areas = town.frames["areas"]
    assert areas["code"].str.startswith("99").all()
    assert [level_of(code) for code in areas["code"]] == areas["level"].tolist()
    for code, parent in zip(areas["code"], areas["parent_code"], strict=True):
        assert parent is None if len(code) == 4 else parent in parent_prefixes(code)
    assert areas["is_pilot"].sum() == areas["is_abandoned"].sum() == 1
    assert set(areas.loc[areas["level"] == "quarter", "closure"]) >= {"closed", "open"}


def test_fields_obey_their_kind_choices_and_range(town):
    for name, frame in town.frames.items():
        for field in LAYERS[name].fields:
            values = [v for v in frame[field.key].tolist() if v is not None and v == v]
            if field.required:
                assert len(values) == len(frame), (name, field.name)
            if field.choices:
                assert set(values) <= set(field.choices), (name, field.name)
            if field.kind in ("integer", "real") and values:
                low, high = field.minimum, field.maximum
                assert low is None or min(values) >= low, (name, field.name)
                assert high is None or max(values) <= high, (name, field.name)
            if field.kind == "text":
                assert all(len(v) <= field.max_length for v in values), (name, field.name)
            if field.kind == "date":
                assert all(date.fromisoformat(v) for v in values), (name, field.name)


def test_references_resolve(town):
    for name, frame in town.frames.items():
        for field in LAYERS[name].fields:
            if field.refers_to in town.frames:
                given = {v for v in frame[field.key] if v is not None}
                assert given <= set(town.frames[field.refers_to]["code"]), (name, field.name)
    subjects = town.frames["adoptions"][["green_space_code", "public_space_code", "facility_code"]]
    assert (subjects.notna().sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("projects", "status"),
        ("projects", "kind"),
        ("cases", "status"),
        ("cases", "category"),
        ("cases", "origin"),
        ("adoptions", "status"),
        ("adoptions", "adopter_kind"),
        ("barriers", "kind"),
        ("grids", "kind"),
        ("facilities", "category"),
    ],
)
def test_every_choice_occurs(town, layer, field):
    choices = next(f.choices for f in LAYERS[layer].fields if f.name == field)
    missing = set(choices) - set(town.frames[layer][field])
    assert not missing or (town.size.name == "small" and layer == "adoptions"), missing


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("facilities", "opening_state"),
        ("facilities", "admits"),
        ("facilities", "verification"),
        ("public_spaces", "kind"),
        ("green_spaces", "kind"),
        ("gates", "passes"),
        ("buildings", "use"),
        ("buildings", "property_management"),
        ("areas", "closure"),
    ],
)
def test_a_street_has_nearly_every_choice(street, layer, field):
    choices = next(f.choices for f in LAYERS[layer].fields if f.name == field)
    assert set(choices) - set(street.frames[layer][field]) <= {"nobody", "unknown", "other"}


def test_all_categories_are_there_and_idle_land_has_its_facts(town):
    assert set(town.frames["facilities"]["category"]) == set(CATEGORY_CODES)
    spaces = town.frames["public_spaces"]
    idle = spaces[spaces["kind"] == "idle_land"]
    assert len(idle)
    assert idle["tenure"].notna().all()
    assert (idle["usable_area_m2"] <= idle["area_m2"]).all()


def test_geometries_are_valid_and_of_the_layers_type(town):
    for name, frame in town.frames.items():
        shapes = frame.geometry.dropna()
        wanted = LAYERS[name].geometry
        if wanted is None or not LAYERS[name].geometry_required:
            continue
        assert len(shapes) == len(frame), name
        assert shapes.is_valid.all(), name
        assert not shapes.is_empty.any(), name
        assert wanted == "Geometry" or set(shapes.geom_type) == {wanted}, name
        west, south, east, north = town.extent.bounds
        assert (shapes.bounds[["minx", "miny"]].min() >= [west, south]).all(), name
        assert (shapes.bounds[["maxx", "maxy"]].max() <= [east, north]).all(), name


def test_people_add_up(town):
    households, buildings = town.frames["households"], town.frames["buildings"].set_index("code")
    assert (households[list(BAND_FIELDS)].sum(axis=1) == households["residents_persons"]).all()
    assert households["residents_persons"].between(1, 6).all()
    assert (households["registered_persons"] != households["residents_persons"]).mean() > 0.1
    sums = households.groupby("building_code")[["residents_persons", "registered_persons", *BAND_FIELDS]].sum()
    for column in sums.columns:
        assert (buildings.loc[sums.index, column].astype(int) == sums[column]).all(), column
    assert (buildings.loc[sums.index, "households_count"] == households.groupby("building_code").size()).all()
    lived_in = buildings["residents_persons"].notna()
    assert lived_in.sum() == len(sums)
    assert set(buildings.loc[lived_in, "use"]) <= set(RESIDENTIAL_USES)
    assert set(buildings.loc[lived_in, "people_basis"]) == {"households"}


def test_old_quarters_are_older(street):
    homes = street.frames["buildings"].dropna(subset=["residents_persons"])
    elders = homes["age_65_79_persons"].astype(int) + homes["age_80_plus_persons"].astype(int)
    old, new = homes["built_year"] < 1985, homes["built_year"] >= 2008

    def share(chosen):
        return elders[chosen].sum() / homes.loc[chosen, "residents_persons"].sum()

    assert share(old) > 1.5 * share(new)
    assert 0.08 < share(homes["built_year"] > 0) < 0.25
    towers = homes["floors"] >= 18
    assert homes.loc[towers, "has_lift"].all()


def test_names_and_numbers_cannot_be_real(town):
    households, cases = town.frames["households"], town.frames["cases"]
    persons = [
        *households["head_name"],
        *cases["reporter_name"].dropna(),
        *town.frames["projects"]["responsible_person"],
    ]
    assert all(re.fullmatch(r"[甲乙丙丁戊己庚辛壬癸]某\d{6}\(示例\)", name) for name in persons)
    phones = [*households["phone"], *cases["reporter_phone"].dropna()]
    # 00 is the international prefix and no country code begins with 0
    assert all(re.fullmatch(r"0000\d{7}", phone) for phone in phones)
    workers = town.frames["grids"]["worker_names"].dropna()
    assert all("(示例)" in names for names in workers)


def test_dates_lie_around_the_reference_date(town):
    cases = town.frames["cases"]
    reported = cases["reported_at"].str[:10].map(date.fromisoformat)
    assert reported.max() <= REFERENCE_DATE
    assert (cases.loc[cases["due_at"].notna(), "due_at"] > cases.loc[cases["due_at"].notna(), "reported_at"]).all()
    statements = town.frames["inventory_statements"]["declared_on"].map(date.fromisoformat)
    assert statements.max() < REFERENCE_DATE
    # facilities without a date stay verified however late the demo is looked at
    dated = town.frames["facilities"].dropna(subset=["verified_on"])
    for category, on in zip(dated["category"], dated["verified_on"], strict=True):
        term = categories()[category].verification_term_days
        assert (REFERENCE_DATE - date.fromisoformat(on)).days > term


def test_capacities_are_numbers_with_a_unit(town):
    facilities = town.frames["facilities"]
    has = facilities["capacity"].notna()
    assert has.any()
    assert facilities.loc[has, "capacity_unit"].notna().all()
    assert np.isfinite(facilities.loc[has, "capacity"].astype(float)).all()
