"""The demo story on both stores: same content, run again without change, refused beside other data."""

from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geo_service.demo.rows import checksum, ways_checksum
from geo_service.demo.town import generate
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import circles
from geo_service.foundation.clock import fixed_clock
from geo_service.foundation.errors import Conflict, Forbidden
from geo_service.foundation.sealing import sealed_with
from geo_service.services import demo, times
from geo_service.services.context import Context
from geo_service.storage import bulk, person_keys, persons, rows, runs, versions
from geo_service.storage.store import open_store
from geo_service.storage.ways import networks, read_ways
from tests.stores import GivenKeys

NOON = datetime(2031, 6, 15, 4, 0, tzinfo=UTC)  # long after the demo's reference date
SEED = 20260331


@pytest.fixture(scope="module")
def town():
    return generate("small", SEED)


def context(store, var_dir):
    person_keys.use_keys(store.engine, GivenKeys())
    return Context(store, LOCAL_ADMIN, fixed_clock(NOON), var_dir, "zh")


@pytest.fixture
def ctx(store, tmp_path):
    return context(store, tmp_path / "var")


@pytest.fixture(scope="module")
def made(store_kind, make_kept_store_url, tmp_path_factory):
    """The demo made once in a store of each kind, closed again: its address, and what was said of it."""
    url = make_kept_store_url(store_kind)
    store = open_store(url)
    try:
        done = demo.make_demo(context(store, tmp_path_factory.mktemp("made")), "small", SEED)
    finally:
        store.close()
    return url, done


@pytest.fixture
def made_ctx(made, store_kind, make_store_url, tmp_path):
    """The demo as it was made, in a store of the test's own."""
    store = open_store(make_store_url(store_kind, like=made[0]))
    yield context(store, tmp_path / "var")
    store.close()


@pytest.fixture
def quickly(town, monkeypatch):
    """The town is not generated again, and not analysed: both are tried where the demo is made for all tests."""
    monkeypatch.setattr(demo, "generate", lambda *_: town)
    monkeypatch.setattr(demo, "_LEVELS_ANALYSED", ())


def stored(conn):
    frames = {}
    for name in LAYERS:
        if name in ("photos", "verify_tasks", "ways", "networks", "path_corrections"):
            continue
        columns = ["code", *(f.key for f in LAYERS[name].fields), "source", "licence"]
        frames[name] = frame = bulk.read_frame(conn, LAYERS[name], [*columns, "uid"])
        uids = frame.pop("uid").tolist()
        for field in persons.personal_fields(LAYERS[name]):
            lying = frame[field.key].tolist()
            assert all(sealed_with(value) for value in lying if value)
            opened = persons.open_columns(conn, LAYERS[name], uids, {field.key: lying})[field.key]
            frame[field.key] = pd.Series(opened, dtype=object)
    return frames


def test_content_is_the_same_in_either_store_and_runs_are_kept(made, made_ctx, town):
    done = made[1]
    with made_ctx.store.reading() as conn:
        assert checksum(stored(conn)) == checksum(town.frames)
        assert ways_checksum(read_ways(conn)) == ways_checksum(town.ways)
        (network,) = networks(conn)
        placed = bulk.read_frame(conn, LAYERS["buildings"], ["area_code", "grid_code"], geometry=False)
        kept = runs.list_runs(conn, "coverage")
    assert done.checksum == network["fingerprint"] == town.checksum()
    assert not network["is_closed"]
    assert placed["area_code"].notna().all()
    assert placed["grid_code"].notna().all()
    assert {run["parameters"]["by"] for run in kept} == {"community", "grid"}
    assert set(done.runs.values()) == {run["uid"] for run in kept}


def test_a_second_run_changes_nothing_and_keeps_what_people_changed(made, made_ctx, town):
    first, store = made[1], made_ctx.store
    code = town.frames["projects"]["code"].iloc[0]
    with store.writing() as conn:
        rows.update(conn, LAYERS["projects"], code, 1, {"name": "改过的名字"}, actor=LOCAL_ADMIN, now=NOON)
    with store.reading() as conn:
        before = versions.layer_versions(conn)
    again = demo.make_demo(made_ctx, "small", SEED)
    with store.reading() as conn:
        assert versions.layer_versions(conn) == before
        assert rows.get(conn, LAYERS["projects"], code)["name"] == "改过的名字"
    assert (again.created, again.updated, again.retired) == (0, 0, 0)
    assert again.runs == first.runs
    assert again.counts == first.counts


def test_storing_again_writes_no_row_twice(ctx, store, town):
    first = demo.store_town(ctx, town, town.checksum())
    second = demo.store_town(ctx, town, town.checksum())
    assert first[0] > 4000
    assert second == (0, 0, 0)


@pytest.mark.usefixtures("quickly")
def test_an_interrupted_run_is_completed(ctx, store, town):
    told = []

    def stop_midway(share, key):
        told.append(key)
        if told.count("demo.storing") == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.store_town(ctx.telling(stop_midway), town, town.checksum())
    with store.reading() as conn:
        assert len(bulk.ids_by_code(conn, LAYERS["buildings"]))
        assert not bulk.ids_by_code(conn, LAYERS["households"])
    demo.make_demo(ctx, "small", SEED)
    with store.reading() as conn:
        assert checksum(stored(conn)) == checksum(town.frames)


@pytest.mark.usefixtures("quickly")
def test_rows_of_an_older_generator_are_updated_or_retired(ctx, store, town):
    demo.store_town(ctx, town, "an older checksum")
    left = pd.DataFrame({"code": ["OLD-1"], "name": ["示例"], "kind": ["other"], "status": ["closed"]})
    frame = gpd.GeoDataFrame(left, geometry=[town.frames["projects"].geometry.iloc[0]], crs=4326)
    frame["source"] = town.frames["projects"]["source"].iloc[0]
    with store.writing() as conn:
        bulk.upsert(conn, LAYERS["projects"], frame, actor=LOCAL_ADMIN, now=NOON)
    done = demo.make_demo(ctx, "small", SEED)
    assert done.retired == 1
    with store.reading() as conn:
        assert rows.get(conn, LAYERS["projects"], "OLD-1")["retired_at"]


def test_a_store_with_other_data_is_refused(ctx, store):
    frame = gpd.GeoDataFrame(
        {"code": ["110108"], "name": ["区"], "level": ["district"]}, geometry=[box(116, 40, 116.1, 40.1)], crs=4326
    )
    with store.writing() as conn:
        bulk.upsert(conn, LAYERS["areas"], frame, actor=LOCAL_ADMIN, now=NOON)
    with pytest.raises(Conflict) as refused:
        demo.make_demo(ctx, "small", SEED)
    assert refused.value.code == "demo_foreign_data"
    with store.reading() as conn:
        assert len(bulk.ids_by_code(conn, LAYERS["buildings"])) == 0


def test_another_demo_in_the_same_store_is_refused(ctx, town):
    demo.store_town(ctx, town, town.checksum())
    for size, seed in (("street", SEED), ("small", SEED + 1)):
        with pytest.raises(Conflict) as refused:
            demo.make_demo(ctx, size, seed)
        assert refused.value.code == "demo_other"


def test_only_who_may_import_makes_a_demo(ctx):
    stranger = Context(ctx.store, Actor("guest", "resident"), ctx.clock, ctx.var_dir, "zh")
    with pytest.raises(Forbidden):
        demo.make_demo(stranger, "small", SEED)


@pytest.mark.parametrize("size", ["small", "street"])
def test_gaps_show_in_the_states_of_the_homes_named(size, make_store_url, tmp_path):
    store = open_store(make_store_url("embedded"))
    person_keys.use_keys(store.engine, GivenKeys())
    ctx = Context(store, LOCAL_ADMIN, fixed_clock(NOON), tmp_path / "var", "zh")
    try:
        made = generate(size, SEED)
        demo.store_town(ctx, made, made.checksum())
        shown = [gap for gap in made.gaps if gap.plan.state is not None]
        assert len(shown) >= 9
        answers = {}
        for gap in shown:
            asked = gap.plan.category, circles()[gap.plan.circle]
            if asked not in answers:
                with store.reading() as conn:
                    answers[asked] = times.times(conn, ctx, category=asked[0], limit_m=asked[1])
            found = answers[asked]
            home = list(found.id).index(gap.building)
            assert (found.state[home], found.reason[home] or None) == (gap.plan.state, gap.plan.reason), gap.plan.kind
            if gap.plan.kind.startswith("barrier"):
                assert found.metres[home] > circles()[gap.plan.circle]
    finally:
        store.close()
