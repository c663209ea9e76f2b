"""Rules over HTTP: read, added once, edited from the version that was read, confirmed."""

OWN = {
    "standard": "示例市社区用房规定",
    "clause": "第三条",
    "name": {"zh": "社区综合服务站", "en": "service station"},
    "evidence": "quoted",
    "categories": ["service_station"],
    "level": "community",
    "use": "item",
    "checklist_item": "CRC-01",
    "min_floor_area_m2": 1000,
}


def test_rules_are_listed_and_shown(client):
    listed = client.get("/api/rules").json()
    assert len(listed["rules"]) == 143 + 5
    assert listed["disagreements"]
    assert client.get("/api/rules?use=green&in_force=true").json()["to_verify_count"] == 2
    one = client.get("/api/rules/CRC-01")
    assert one.headers["etag"] == '"1"'
    assert one.json()["rule"]["to_verify"]
    assert client.get("/api/rules/nothing").json()["code"] == "rule_unknown"
    assert client.get("/api/rules?colour=red").status_code == 422


def test_an_edit_starts_from_what_was_read(client):
    changes = {"changes": {"min_floor_area_m2": 1000}}
    assert client.patch("/api/rules/CRC-01", json=changes).status_code == 428
    made = client.patch("/api/rules/CRC-01", json=changes, headers={"If-Match": '"1"'})
    assert made.status_code == 200
    assert made.headers["etag"] == '"2"'
    late = client.patch("/api/rules/CRC-01", json=changes, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "rule_changed")
    wrong = client.patch(
        "/api/rules/CRC-01", json={"changes": {"min_floor_area_m2": "viel"}}, headers={"If-Match": '"2"'}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "rule_value_wrong")
    assert "应为大于 0、不超过 1,000,000,000 的数" in wrong.json()["detail_zh"]
    assert wrong.json()["wanted"] == "rule_wants_number"


def test_a_refused_choice_lists_values_without_english_words(client):
    refused = client.post("/api/analyses/checklist", json={"estate": "old"})
    fault = refused.json()["faults"][0]
    assert "existing, new" in fault["detail_zh"]
    assert "'" not in fault["detail_zh"]
    assert " or " not in fault["detail_zh"]


def test_a_rule_is_confirmed_from_what_was_read(client):
    seen = {"seen_in": "建科规〔2020〕7号"}
    assert client.post("/api/rules/CRC-02/confirm", json=seen).status_code == 428
    made = client.post("/api/rules/CRC-02/confirm", json=seen, headers={"If-Match": '"1"'})
    assert made.json()["rule"]["to_verify"] == []
    again = client.post("/api/rules/CRC-02/confirm", json=seen, headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["code"]) == (409, "rule_confirmed")


def test_a_rule_is_added_once(client):
    for _ in range(2):
        made = client.post("/api/rules", json={"id": "LOCAL-1", "values": OWN}, headers={"Idempotency-Key": "k1"})
        assert made.status_code == 201
        assert made.headers["location"] == "/api/rules/LOCAL-1"
    assert len(client.get("/api/rules/LOCAL-1").json()["versions"]) == 1
    taken = client.post("/api/rules", json={"id": "LOCAL-1", "values": OWN})
    assert (taken.status_code, taken.json()["code"]) == (409, "rule_taken")
    small = OWN | {"max_floor_area_m2": 500}
    del small["min_floor_area_m2"]
    clash = client.post("/api/rules", json={"id": "LOCAL-2", "values": small})
    assert (clash.status_code, clash.json()["code"]) == (409, "rule_contradicts")
