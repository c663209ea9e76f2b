"""`geo-service scenario …` and `analyse scenario|effect` end to end: kept, compared, made a project, its effect."""

import json

import pytest

from geo_service.cli.app import main
from geo_service.services.scenarios import list_scenarios


@pytest.fixture
def town(street):
    """A street with people at three places and a supermarket at its start."""
    for east, people in ((0, 30), (900, 10), (1800, 60)):
        street.homes(east, residents_persons=people, age_80_plus_persons=people, people_basis="register")
    street.facility("f1", 100)
    return street


def test_from_its_keeping_to_the_effect_of_its_project(town, tmp_path, capsys):
    for name, east in (("东头", 1800), ("中间", 900)):
        path = tmp_path / f"{east}.json"
        edit = {"edit": "facility_add", "category": "supermarket", "position": list(town.at(east, -20))}
        path.write_text(json.dumps([edit]), encoding="utf-8")
        kept = ["scenario", "save", "--name", name, "--edits", str(path), "--category", "supermarket"]
        assert main([*kept, "--circle", "5"]) == 0
        assert name in capsys.readouterr().err
    assert main(["scenario", "list"]) == 0
    assert "东头" in capsys.readouterr().out
    with town.store.reading() as conn:
        uids = [one["uid"] for one in list_scenarios(conn, town.ctx)][::-1]
    assert main(["scenario", "show", uids[0]]) == 0
    assert json.loads(capsys.readouterr().out)["question"]["circle"] == 5
    out = tmp_path / "beside.json"
    both = [part for uid in uids for part in ("--scenario", uid)]
    assert main(["analyse", "scenario", *both, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert all(one in shown for one in ("东头", "中间", "30", "40", "90"))
    assert main(["scenario", "project", uids[0], "--kind", "service_room"]) == 0
    code = capsys.readouterr().err.split("已新建项目 ")[1].split("（")[0]
    effect = tmp_path / "effect.json"
    assert main(["analyse", "effect", "--project", code, "--circle", "5", "--out", str(effect)]) == 0
    assert "60" in capsys.readouterr().out
    result = json.loads(effect.read_text(encoding="utf-8"))
    assert (result["parameters"]["categories"], result["limit"]["metres"]) == (["supermarket"], 300)
    assert (result["effects"][0]["people_newly_covered"], result["cases_count"]) == (60, None)
    assert main(["scenario", "project", "nobody"]) != 0


def test_without_people_buildings_are_shown_and_what_was_not_known_before(street, tmp_path, capsys):
    street.homes(0, 900, 1800)
    street.facility("f1", 100, verification="unverified")
    path = tmp_path / "edits.json"
    edit = {"edit": "facility_add", "category": "supermarket", "position": list(street.at(1800, -20))}
    path.write_text(json.dumps([edit]), encoding="utf-8")
    asked = ["--category", "supermarket", "--circle", "5", "--out", str(tmp_path / "out.csv")]
    assert main(["analyse", "scenario", "--edits", str(path), *asked]) == 0
    printed = capsys.readouterr()
    row = next(line for line in printed.out.splitlines() if line.count("栋楼") == 6)
    assert [int(cell.split()[0]) for cell in row.split("│")[2:-1]] == [0, 1, 1, 1, 0, 1]
    assert "没有核实" in printed.err


def test_places_tell_of_whom_it_is_not_known(street, tmp_path, capsys):
    street.homes(0, residents_persons=60, age_3_5_persons=37, people_basis="register")
    street.facility("k1", 100, category="kindergarten")
    path = tmp_path / "edits.json"
    add = {"edit": "facility_add", "category": "kindergarten", "position": list(street.at(900, -20)), "capacity": 9}
    edits = [{"edit": "facility_resize", "facility": "k1", "capacity": 20}, add]
    path.write_text(json.dumps(edits), encoding="utf-8")
    asked = ["--category", "kindergarten", "--circle", "5", "--out", str(tmp_path / "out.json")]
    assert main(["analyse", "scenario", "--edits", str(path), *asked]) == 0
    shown = capsys.readouterr().out
    row = next(line for line in shown.split("每千名")[1].splitlines() if line.startswith("│"))
    assert [cell.strip() for cell in row.split("│")[-3:-1]] == ["37", "0"]
    assert "新设施 （新增）" in " ".join(shown.split())
