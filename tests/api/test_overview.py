"""Layers, summary, reference data, styles, search, pages."""

import pytest

from geo_service.domain.layers import LAYERS


def test_layers_describe_themselves(client, town):
    answer = client.get("/api/layers")
    layers = {layer["name"]: layer for layer in answer.json()}
    assert list(layers) == list(LAYERS)
    facilities = layers["facilities"]
    assert facilities["count"] == 3
    assert facilities["version"] > 0
    assert facilities["label"] == {"zh": "设施", "en": "facilities"}
    fields = {field["key"]: field for field in facilities["fields"]}
    assert fields["category"]["choice_labels"]["toilet"]["en"] == "public toilet"
    assert fields["capacity_unit"]["choice_labels"]["beds"]["zh"] == "床位"
    assert fields["floor_area_m2"]["unit"] == "m2"
    assert (facilities["takes_photos"], facilities["reveal_reason"]) == (True, None)
    households = layers["households"]
    assert (households["takes_photos"], households["reveal_reason"]) == (False, {"shortest": 5, "longest": 500})
    assert "node_ids" not in {field["key"] for field in layers["ways"]["fields"]}
    assert client.get("/api/layers", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    client.patch("/api/facilities/F0", json={"properties": {"name": "x"}}, headers={"If-Match": '"1"'})
    assert client.get("/api/layers", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


def test_the_summary_of_an_empty_store(client):
    summary = client.get("/api/summary").json()
    assert summary["bounds"] is None
    assert set(summary["counts"].values()) == {0}
    assert (summary["levels"], summary["attribution"], summary["people_basis"]) == ([], [], "no_data")


def test_the_summary_of_a_town(client, town, store):
    summary = client.get("/api/summary").json()
    assert summary["bounds"] == pytest.approx([116.30, 40.00, 116.34, 40.02], abs=1e-4)
    assert summary["counts"]["buildings"] == 5
    assert summary["levels"] == ["street", "community"]
    assert summary["grid_kinds"] == ["governance"]
    assert summary["store"] == store.kind
    assert summary["is_synthetic"] is False
    new = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [116.31, 40.01]},
        "properties": {"category": "toilet", "source": "OpenStreetMap", "licence": "ODbL-1.0"},
    }
    assert client.post("/api/facilities", json=new).status_code == 201
    after = client.get("/api/summary").json()
    assert after["counts"]["facilities"] == 4
    assert after["attribution"][0] == "© OpenStreetMap contributors (ODbL)"


def test_categories_profiles_circles_and_styles(client, town):
    categories = {c["code"]: c for c in client.get("/api/categories").json()}
    assert (categories["supermarket"]["count"], categories["park"]["count"]) == (2, 0)
    found = client.get("/api/profiles").json()
    assert (found[0]["code"], found[0]["analyses"], found[0]["bands"]) == ("standard", None, None)
    assert (found[-1]["code"], found[-1]["speed_m_s"], found[-1]["bands"]["80_plus"]) == ("by_age", None, "elder")
    assert {"coverage", "scenario", "explain"} <= set(found[-1]["analyses"])
    assert [c["distance_m"] for c in client.get("/api/circles").json()] == [300, 500, 1000]
    styles = client.get("/styles.json")
    assert set(styles.json()["layers"]) == {name for name, layer in LAYERS.items() if layer.geometry}
    differences = styles.json()["coverage"]["differences"]
    limits = [round(100 * entry["to_share"]) for entry in differences]
    assert limits == [-20, -5, -1, 1, 5, 20, 100]
    assert {entry["symbol"]["pattern"] for entry in differences} == {"none", "hatch", "crosshatch"}
    assert client.get("/styles.json", headers={"If-None-Match": styles.headers["etag"]}).status_code == 304


def test_search_finds_by_code_name_and_part_best_first(client, town):
    found = client.get("/api/search", params={"q": "示例"}).json()
    assert [(hit["layer"], hit["name"]) for hit in found] == [("areas", "示例街道"), ("areas", "示例社区")]
    assert [hit["code"] for hit in client.get("/api/search?q=b1").json()] == ["B1"]
    hit = client.get("/api/search?q=B1").json()[0]
    assert (hit["lon"], hit["lat"]) == pytest.approx((116.31115, 40.0101), abs=1e-3)
    assert client.get("/api/search", params={"q": "100%_"}).json()[0]["code"] == "F0"
    assert client.get("/api/search", params={"q": "%"}).json()[0]["layer"] == "facilities"
    assert client.get("/api/search", params={"q": "_____"}).json() == []
    assert client.get("/api/search", params={"q": "' OR 1=1 --"}).json() == []


def test_search_never_finds_people_or_retired_rows(client, town):
    assert client.get("/api/search", params={"q": "李四"}).json() == []
    assert client.get("/api/search", params={"q": "张三丰"}).json() == []
    client.post("/api/projects/P1/retire", json={"reason": "取消"}, headers={"If-Match": '"1"'})
    assert client.get("/api/search", params={"q": "路灯"}).json() == []


def test_wrong_searches_are_refused(client):
    for query, code in (("", "values_refused"), ("?q=", "values_refused"), ("?q=%20", "search_empty")):
        assert client.get(f"/api/search{query}").json()["code"] == code
    fault = client.get("/api/search?q=x&limit=5").json()["faults"][0]
    assert fault["code"] == "field_unknown"
    assert "没有这个字段。" in fault["detail_zh"]
    bound = client.get("/api/runs?limit=0").json()["faults"][0]
    assert "不能小于 1。" in bound["detail_zh"]
    assert "at least 1." in bound["detail_en"]
    assert "{" not in fault["detail_zh"] + fault["detail_en"]
    assert "…" not in fault["detail_zh"] + fault["detail_en"]
    assert client.get("/api/search", params={"q": "x" * 101}).status_code == 422


def test_the_root_leads_to_the_map(client):
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/map")


def test_pages_that_are_not_built_say_so(client, monkeypatch, tmp_path):
    from geo_service.api import pages

    monkeypatch.setattr(pages, "web_folder", lambda: tmp_path)
    for path in ("/map", "/docs"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "make frontend" in answer.text
    assert client.get("/assets/map-1.js").status_code == 404


def test_built_pages_and_assets_are_served_and_nothing_else(client, monkeypatch, tmp_path):
    from geo_service.api import pages

    for name in ("map/index.html", "assets/map-1a2b.js", "vendor/swagger-ui/swagger-ui-bundle.js"):
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content")
    (tmp_path / "web/vendor/swagger-ui/swagger-ui.css").write_text("content")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(pages, "web_folder", lambda: tmp_path / "web")
    assert client.get("/map").headers["cache-control"] == "no-cache"
    script = client.get("/assets/map-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    vendor = client.get("/assets/vendor/swagger-ui/swagger-ui-bundle.js")
    assert (vendor.status_code, vendor.headers["cache-control"]) == (200, "no-cache")
    docs = client.get("/docs")
    assert docs.status_code == 200
    assert "http" not in docs.text.replace("<!doctype html>", "")
    assert "SwaggerUIBundle" in client.get("/docs/start.js").text
    for path in (
        "/assets/../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/map/index.html",
    ):
        assert client.get(path).status_code == 404, path
