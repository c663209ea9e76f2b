"""Revealing with a reason, a person's copy, erasure that survives a restore, and sweeping what is due."""

import json
from dataclasses import replace
from datetime import timedelta

import geopandas as gpd
import pytest
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import KINDS, erased_fields
from geo_service.domain.values import ValuesRefused
from geo_service.foundation.clock import fixed_clock, to_iso
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, StoreFault, TooManyRequests
from geo_service.foundation.sealing import sealed_with
from geo_service.services import erasure, retention
from geo_service.services.context import Context
from geo_service.services.features import change_row, get_row
from geo_service.services.imports_layers import prepare_layer
from geo_service.services.reveal import REVEALS_AN_HOUR, reveal
from geo_service.storage import accounts, attempts, bulk, rows, search
from geo_service.storage import person_keys as keys
from geo_service.storage.tables import ATTEMPTS, AUDIT, ERASURES, HISTORY, PERSON_KEYS
from tests.storage.samples import WHO, areas, buildings, grids

HOMES, CASES, ADOPTIONS = LAYERS["households"], LAYERS["cases"], LAYERS["adoptions"]
NOW = WHO["now"]
HOME = {"building_code": "B0", "unit_no": "2", "room_no": "501", "head_name": "张三丰", "phone": "13812341234"}
WHY = "回访核实台账"


@pytest.fixture
def ctx(store, tmp_path):
    ctx = Context(store, LOCAL_ADMIN, fixed_clock(NOW), tmp_path / "var", "zh")
    with store.writing() as conn:
        bulk.upsert(conn, LAYERS["areas"], areas(), **WHO)
        bulk.upsert(conn, LAYERS["grids"], grids(), **WHO)
        bulk.upsert(conn, LAYERS["buildings"], buildings(), **WHO)
        bulk.refresh_places(conn)
        rows.insert(conn, HOMES, {"code": "H1", **HOME, "residents_persons": 3}, **WHO)
        rows.update(conn, HOMES, "H1", 1, {"phone": "13900000000"}, **WHO)
    return ctx


def at(ctx, **later):
    return replace(ctx, clock=fixed_clock(NOW + timedelta(**later)))


def home(ctx, code="H1"):
    with ctx.store.reading() as conn:
        return rows.get(conn, HOMES, code)


def lines(conn, verb):
    return conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == verb).order_by(AUDIT.c.id)).mappings().all()


def asked(ctx, **changes):
    given = {"ident": "H1", "fields": ["phone"], "reason": WHY} | changes
    with ctx.store.writing() as conn:
        return reveal(conn, ctx, given.pop("layer", HOMES), given.pop("ident"), **given)


def exported(ctx, reason=WHY):
    with ctx.store.writing() as conn:
        return erasure.export_person(conn, ctx, HOMES, "H1", reason)


def erased(ctx, ident="H1", layer=HOMES, reason="本人要求删除"):
    with ctx.store.writing() as conn:
        return erasure.erase_person(conn, ctx, layer, ident, reason)


def test_a_reveal_gives_the_values_asked_for_and_leaves_a_line(ctx):
    found = asked(ctx)
    assert found.values == {"phone": "13900000000"}
    assert asked(ctx, fields=[]).values == {"head_name": "张三丰", "phone": "13900000000"}
    with ctx.store.reading() as conn:
        first, _ = lines(conn, "revealed")
    assert (first["layer"], first["subject_uid"], first["reason"]) == ("households", found.uid, WHY)
    assert first["facts"] == {"fields": ["phone"]}
    assert first["area_code"] == home(ctx)["area_code"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": None}, "purpose_missing"),
        ({"reason": "   "}, "purpose_missing"),
        ({"reason": "四个字啊"}, "purpose_short"),
        ({"reason": "长" * 501}, "field_too_long"),
        ({"reason": "核实\x00核实核实"}, "text_unprintable"),
        ({"fields": ["room_no"]}, "reveal_field"),
        ({"fields": ["uid"]}, "reveal_field"),
        ({"fields": "phone"}, "reveal_field"),
        ({"fields": [1]}, "reveal_field"),
        ({"layer": LAYERS["buildings"], "ident": "B0", "fields": []}, "reveal_field"),
    ],
)
def test_a_reveal_without_a_reason_or_of_something_else_is_refused_and_not_counted(ctx, changes, code):
    with pytest.raises(ValuesRefused) as refused:
        asked(ctx, **changes)
    assert [fault.code for fault in refused.value.faults] == [code]
    with ctx.store.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar_one() == 0
        assert not lines(conn, "revealed")


@pytest.mark.parametrize(
    ("actor", "error"),
    [
        (Actor("p", "planner", areas=("A1",)), Forbidden),
        (Actor("u", "unit"), Forbidden),
        (Actor("o", "official", areas=("none",)), NotFound),
        (Actor("t", "admin", scopes=frozenset({"read_households"})), Forbidden),
    ],
)
def test_who_has_no_right_there_learns_nothing(ctx, actor, error):
    with pytest.raises(error):
        asked(replace(ctx, actor=actor))


def test_sixty_records_an_hour(ctx):
    with ctx.store.writing() as conn:
        hashed = attempts.key_hash("reveal", "name local-admin")
        for n in range(REVEALS_AN_HOUR - 1):
            attempts.record(conn, "reveal", hashed, NOW - timedelta(minutes=50) + timedelta(seconds=n))
    asked(ctx)
    with pytest.raises(TooManyRequests, match="reveal_limit") as refused:
        asked(ctx)
    assert refused.value.facts["retry_after_s"] == 600
    assert asked(replace(ctx, actor=Actor("other", "admin"))).values
    assert asked(at(ctx, minutes=11)).values


def test_a_copy_of_a_person_is_one_of_the_sixty_and_needs_a_reason(ctx):
    for reason, code in ((None, "purpose_missing"), ("四个字啊", "purpose_short")):
        with pytest.raises(InvalidInput, match=code):
            exported(ctx, reason)
    with ctx.store.writing() as conn:
        hashed = attempts.key_hash("reveal", "name local-admin")
        for _ in range(REVEALS_AN_HOUR - 1):
            attempts.record(conn, "reveal", hashed, NOW)
    exported(ctx)
    for look in (exported, asked):
        with pytest.raises(TooManyRequests, match="reveal_limit"):
            look(ctx)


def test_a_copy_holds_everything_about_the_person(ctx):
    asked(ctx)
    copy = exported(ctx)
    with ctx.store.reading() as conn:
        found = [(line["subject_uid"], line["reason"]) for line in lines(conn, "person_exported")]
    assert found == [(copy["uid"], WHY)]
    assert json.loads(json.dumps(copy)) == copy
    assert (copy["row"]["head_name"], copy["row"]["room_no"]) == ("张三丰", "501")
    assert copy["row"]["geom"]["type"] == "Point"
    created, updated = copy["history"]
    assert created["after"]["phone"] == "13812341234"
    assert (updated["before"], updated["after"]) == ({"phone": "13812341234"}, {"phone": "13900000000"})
    assert {line["verb"] for line in copy["audit"]} >= {"revealed"}


def test_an_erased_person_is_nowhere_any_more(ctx):
    before = home(ctx)
    done = erased(ctx)
    row = home(ctx)
    assert [row[field.key] for field in erased_fields(HOMES)] == [None] * 4
    assert (row["residents_persons"], row["version"], row["retired_at"]) == (3, 3, None)
    with ctx.store.writing() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(PERSON_KEYS)).scalar_one() == 0
        copy = erasure.export_person(conn, ctx, HOMES, "H1", WHY)
        assert conn.execute(sa.select(ERASURES)).mappings().one()["subject_uid"] == before["uid"]
        assert lines(conn, "person_erased")[0]["reason"] == "本人要求删除"
        everything = repr([conn.execute(sa.select(t)).fetchall() for t in (HISTORY, AUDIT, ERASURES)])
    assert copy["history"][0]["after"]["phone"] == "***"
    assert copy["history"][2]["before"] == {"head_name": "***", "phone": "***", "unit_no": "***", "room_no": "***"}
    assert "张三丰" not in everything
    kept = [json.loads(line) for line in (ctx.var_dir / "erased.jsonl").read_text().splitlines()]
    assert kept[0] == (
        {"layer": "households", "uid": before["uid"], "key_id": done.key_id, "at": to_iso(NOW), "actor": "local-admin"}
    )
    assert [set(line) for line in kept[1:]] == [{"list"}]
    assert (ctx.var_dir / "erased.jsonl").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict, match="person_already_erased"):
        erased(ctx)


def test_erasing_works_without_the_key_for_retired_rows_and_where_nothing_may_be_empty(ctx):
    with ctx.store.writing() as conn:
        bulk.upsert(conn, LAYERS["green_spaces"], _green(), **WHO)
        adoption = {"code": "A1", "adopter_kind": "household", "adopter_name": "王五", "green_space_code": "G1"}
        rows.insert(conn, ADOPTIONS, adoption, **WHO)
        rows.retire(conn, HOMES, "H1", 2, "搬走", **WHO)
    keys.use_keys(ctx.store.engine, None)
    erased(ctx)
    erased(ctx, "A1", ADOPTIONS)
    with ctx.store.reading() as conn:
        assert rows.get(conn, ADOPTIONS, "A1")["adopter_name"] == "***"
    assert home(ctx)["head_name"] is None


def _green():
    shape = shapely.box(0.01, 0.01, 0.02, 0.02)
    return gpd.GeoDataFrame({"code": ["G1"], "kind": ["park"]}, geometry=[shape], crs="EPSG:4326")


@pytest.mark.parametrize(
    ("layer", "ident", "reason", "error"),
    [
        (LAYERS["buildings"], "B0", WHY, "layer_without_persons"),
        (HOMES, "H9", WHY, "row_unknown"),
        (HOMES, "H1", "短", "purpose_short"),
    ],
)
def test_erasing_something_else_is_refused(ctx, layer, ident, reason, error):
    with pytest.raises((InvalidInput, NotFound), match=error):
        erased(ctx, ident, layer, reason)
    assert home(ctx)["phone"] == "13900000000"


def test_nobody_is_erased_when_the_list_cannot_be_written(ctx):
    (ctx.var_dir / "erased.jsonl").mkdir(parents=True)
    with pytest.raises(StoreFault, match="erased_list_unwritable"):
        erased(ctx)
    assert home(ctx)["phone"] == "13900000000"


def _again(ctx, count):
    with ctx.store.writing() as conn:
        assert erasure.apply_again(conn, ctx) == count


def forget_erasures(ctx):
    """Make the store like one of a backup from before the erasures."""
    with ctx.store.writing() as conn:
        conn.execute(sa.delete(ERASURES))


def test_erasing_again_goes_by_what_the_store_knows_of_the_erasure(ctx):
    erased(ctx)
    with ctx.store.writing() as conn:
        rows.update(conn, HOMES, "H1", 3, {"head_name": "新住户"}, **WHO)  # somebody else moved in
    _again(ctx, 0)
    assert home(ctx)["head_name"] == "新住户"
    forget_erasures(ctx)
    _again(ctx, 1)
    with ctx.store.reading() as conn:
        assert home(ctx)["head_name"] is None
        assert len(lines(conn, "person_erased_again")) == 1
        assert conn.execute(sa.select(sa.func.count()).select_from(PERSON_KEYS)).scalar_one() == 0
    with ctx.store.writing() as conn:
        rows.update(conn, HOMES, "H1", 5, {"head_name": "又一户"}, **WHO)
    _again(ctx, 0)  # the same erasure is not done twice
    assert home(ctx)["head_name"] == "又一户"


def test_who_had_no_key_or_gets_another_one_is_erased_again(ctx):
    with ctx.store.writing() as conn:
        rows.insert(conn, HOMES, {"code": "H2", "building_code": "B0", "room_no": "502"}, **WHO)
    assert erased(ctx, "H2").key_id is None
    erased(ctx)
    with ctx.store.writing() as conn:  # as a backup would bring them back that is older than their names
        rows.update(conn, HOMES, "H1", 3, {"head_name": "张三丰"}, **WHO)
        rows.update(conn, HOMES, "H2", 2, {"room_no": "502"}, **WHO)
    forget_erasures(ctx)
    _again(ctx, 2)
    assert (home(ctx)["head_name"], home(ctx, "H2")["room_no"]) == (None, None)


def test_a_line_whose_erasure_was_not_committed_is_covered_by_the_one_after_it(ctx):
    line = {"layer": "households", "uid": home(ctx)["uid"], "key_id": None, "at": "2026-01-01T00:00:00.000Z"}
    ctx.var_dir.mkdir()
    (ctx.var_dir / "erased.jsonl").write_text(json.dumps(line) + "\n")
    erased(ctx)
    with ctx.store.writing() as conn:
        rows.update(conn, HOMES, "H1", 3, {"head_name": "新住户"}, **WHO)
    _again(ctx, 0)
    assert home(ctx)["head_name"] == "新住户"


def test_a_lost_list_is_written_anew_from_the_store(ctx):
    erased(ctx)
    file = ctx.var_dir / "erased.jsonl"
    written = file.read_text()
    file.unlink()
    with ctx.store.writing() as conn:
        assert not erasure.is_listed(conn, ctx)
        erasure.keep_list(conn, ctx)
        erasure.keep_list(conn, ctx)
        assert erasure.is_listed(conn, ctx)
    assert file.read_text() == written


PLANNER = Actor("p", "planner", areas=("A1",))


def changed(ctx, version, **properties):
    with ctx.store.writing() as conn:
        return change_row(conn, ctx, ADOPTIONS, "A1", expected_version=version, changes={"properties": properties})


def test_a_change_does_not_tell_whether_a_name_was_guessed(ctx):
    with ctx.store.writing() as conn:
        bulk.upsert(conn, LAYERS["green_spaces"], _green(), **WHO)
        adoption = {"code": "A1", "adopter_kind": "household", "adopter_name": "王五", "green_space_code": "G1"}
        area = rows.insert(conn, ADOPTIONS, adoption, **WHO)["area_code"]
    planner = replace(ctx, actor=replace(PLANNER, areas=(area,)))
    for version, guess in enumerate(("王五", "王*", "赵六", "赵六"), start=1):
        row = changed(planner, version, adopter_name=guess)
        assert (row["version"], row["adopter_name"]) == (version + 1, None)
    assert changed(ctx, 5, adopter_name="赵*")["version"] == 5  # the mask that was shown: no change
    with ctx.store.reading() as conn:
        assert rows.get(conn, ADOPTIONS, "A1")["adopter_name"] == "赵六"


def test_who_may_not_reveal_imports_no_names(ctx, tmp_path):
    file = tmp_path / "homes.csv"
    machine = replace(ctx, actor=Actor("m", "admin", scopes=frozenset({"import"})))
    file.write_text("code,building_code,head_name\nH1,B0,张三丰\n", encoding="utf-8")
    with pytest.raises(Forbidden):
        prepare_layer(machine, "households", file)
    assert len(prepare_layer(ctx, "households", file).frame) == 1
    file.write_text("code,building_code\nH1,B0\n", encoding="utf-8")
    assert len(prepare_layer(machine, "households", file).frame) == 1


def test_the_holder_of_a_frontage_is_a_person_like_others(ctx):
    layer = LAYERS["frontages"]
    line = shapely.MultiLineString([[(0.01, 0.01), (0.02, 0.01)]])
    with ctx.store.writing() as conn:
        rows.insert(conn, layer, {"code": "Q1", "holder_name": "李掌柜", "geom": line}, **WHO)
        stored = conn.exec_driver_sql("SELECT holder_name FROM frontage").scalar_one()
        assert sealed_with(stored)
        assert not search.find(conn, layer, "李掌柜", 10, seen=sa.true())
        shown = get_row(conn, ctx, layer, "Q1")
        assert shown["holder_name"] == "李**"
        assert get_row(conn, replace(ctx, actor=Actor("a", "anonymous")), layer, "Q1")["holder_name"] is None
    assert asked(ctx, layer=layer, ident="Q1", fields=[]).values == {"holder_name": "李掌柜"}
    erased(ctx, "Q1", layer)
    with ctx.store.reading() as conn:
        assert rows.get(conn, layer, "Q1")["holder_name"] == "***"


def test_the_list_of_the_erased_bears_a_torn_line_but_no_nonsense(ctx):
    file = ctx.var_dir / "erased.jsonl"
    _again(ctx, 0)
    file.parent.mkdir(parents=True)
    file.write_text('{"layer": "households", "ui')
    _again(ctx, 0)
    erased(ctx)
    assert len(file.read_text().splitlines()) == 3
    _again(ctx, 0)
    file.write_text('{"layer": "gone", "uid": "x", "key_id": "y", "at": "z"}\nnonsense\n')
    with pytest.raises(StoreFault, match="erased_list_broken"):
        _again(ctx, 0)


def case(code, status):
    given = {"code": code, "category": "noise", "status": status, "reported_at": to_iso(NOW), "reporter_name": "李四"}
    return {**given, "reporter_phone": "13700000000", "geom": shapely.Point(0.02, 0.02)}


def test_sweeping_makes_anonymous_and_deletes_what_is_due_and_no_more(ctx):
    with ctx.store.writing() as conn:
        rows.insert(conn, CASES, case("C1", "closed"), **WHO)
        rows.insert(conn, CASES, case("C2", "verified"), **WHO)
        rows.insert(conn, HOMES, {"code": "H2", **HOME}, **WHO)
        rows.retire(conn, HOMES, "H2", 1, "搬走", **WHO)
        attempts.record(conn, "reveal", "x", NOW)
    assert {one.kind.name for one in retention.sweep(ctx) if one.rows} == set()
    later = at(ctx, days=181)
    due = {one.kind.name: one.rows for one in retention.sweep(later, is_rehearsal=True)}
    assert set(due) == {kind.name for kind in KINDS}
    assert {name: count for name, count in due.items() if count} == {
        "attempts": 1,
        "case_reporters": 1,
        "left_households": 1,
    }
    with ctx.store.reading() as conn:
        assert rows.get(conn, CASES, "C1")["reporter_name"] == "李四"
        assert not lines(conn, "swept")
    assert {one.kind.name: one.rows for one in retention.sweep(later)} == due
    with ctx.store.reading() as conn:
        assert rows.get(conn, CASES, "C1")["reporter_name"] is None
        assert rows.get(conn, CASES, "C1")["status"] == "closed"
        assert rows.get(conn, CASES, "C2")["reporter_phone"] == "13700000000"
        assert rows.get(conn, HOMES, "H1")["phone"] == "13900000000"
        assert rows.get(conn, HOMES, "H2")["room_no"] is None
        told = [line["facts"] for line in lines(conn, "swept")]
    assert told[0] == {"kind": "attempts", "deed": "delete", "rows": 1}
    assert len(told) == 3
    assert {one.kind.name for one in retention.sweep(later) if one.rows} == set()


def test_sweeping_reaches_everything_that_names_persons(ctx):
    line = shapely.MultiLineString([[(0.02, 0.02), (0.021, 0.02)]])
    rows_of = {
        "frontages": {"holder_name": "张记面馆", "ends_on": "2026-03-31", "geom": line},
        "projects": {"name": "改造", "kind": "lift", "status": "cancelled", "responsible_person": "王五"},
        "grids": {"leader_name": "赵六", "worker_names": "钱七", "geom": shapely.box(0, 0, 0.01, 0.01)},
        "adoptions": {"adopter_kind": "firm", "adopter_name": "某公司", "status": "active", "green_space_code": "GS"},
        "cases": case("x", "verified"),
    }
    green = {"code": "GS", "kind": "park", "geom": shapely.box(0, 0, 0.001, 0.001)}
    rows_of["projects"]["geom"] = shapely.Point(0.02, 0.02)
    with ctx.store.writing() as conn:
        rows.insert(conn, LAYERS["green_spaces"], green, **WHO)
        for layer, values in rows_of.items():
            for code in ("P1", "P2"):  # the second goes on
                rows.insert(conn, LAYERS[layer], {**values, "code": f"{code}{layer}"}, **WHO)
        rows.update(conn, LAYERS["frontages"], "P2frontages", 1, {"ends_on": "2999-01-01"}, **WHO)
        rows.update(conn, LAYERS["projects"], "P2projects", 1, {"status": "building"}, **WHO)
        for layer in ("grids", "adoptions", "cases"):
            rows.retire(conn, LAYERS[layer], f"P1{layer}", 1, "撤销", **WHO)
    before = at(ctx, days=179)
    assert not any(one.rows for one in retention.sweep(before))
    names = {"frontage_holders", "project_persons", "grid_persons", "adopters", "case_reporters"}
    later = at(ctx, days=30 + 366)
    assert {one.kind.name: one.rows for one in retention.sweep(later, is_rehearsal=True) if one.rows} == dict.fromkeys(
        names, 1
    )
    assert {one.kind.name for one in retention.sweep(later) if one.rows} == names
    with ctx.store.reading() as conn:
        for layer in rows_of:
            fields = [field.key for field in erased_fields(LAYERS[layer])]
            gone, kept = (rows.get(conn, LAYERS[layer], f"{code}{layer}") for code in ("P1", "P2"))
            assert {gone[field] for field in fields} <= {None, "***"}, layer
            assert None not in {kept[field] for field in fields}, layer
            assert keys.person_keys(conn, [gone["uid"]]) == {}
    assert not any(one.rows for one in retention.sweep(later))


def test_sweeping_empties_accounts_disabled_for_a_year(ctx):
    with ctx.store.writing() as conn:
        values = {"display_name": "李四", "role": "planner", "oidc_subject": "s", "password_hash": "h"}
        gone = accounts.insert_account(conn, "li.si", {**values, "is_disabled": True}, LOCAL_ADMIN, NOW)
        kept = accounts.insert_account(conn, "wang.wu", {**values, "oidc_subject": "t"}, LOCAL_ADMIN, NOW)
    later = at(ctx, days=366)
    assert not any(one.rows for one in retention.sweep(at(ctx, days=364)))
    assert {one.kind.name: one.rows for one in retention.sweep(later, is_rehearsal=True) if one.rows} == {
        "disabled_accounts": 1
    }
    assert {one.kind.name for one in retention.sweep(later) if one.rows} == {"disabled_accounts"}
    with ctx.store.reading() as conn:
        row = accounts.get_account(conn, gone["uid"])
        assert (row["name"], row["display_name"], row["oidc_subject"]) == ("li.si", None, None)
        assert (row["password_hash"], row["is_disabled"], row["version"]) == (None, True, 2)
        assert accounts.get_account(conn, kept["uid"])["display_name"] == "李四"
    assert not any(one.rows for one in retention.sweep(later))


def test_sweeping_and_erasing_are_for_admins(ctx):
    with pytest.raises(Forbidden):
        retention.sweep(replace(ctx, actor=Actor("o", "official")))
    for actor in (Actor("o", "official", areas=("A1",)), Actor("g", "grid_worker")):
        with pytest.raises(Forbidden):
            erased(replace(ctx, actor=actor))
