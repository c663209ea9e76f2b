"""What refusals say to people."""

from geo_service.foundation.errors import Forbidden


def test_a_refusal_names_role_and_right_as_people_know_them():
    error = Forbidden("forbidden", actor="li", role="planner", verb="read_households")
    assert error.facts["verb"] == "read_households"
    for lang, words in (("zh", ("规划师", "查看住户")), ("en", ("Planner", "see households"))):
        said = error.sentence(lang)
        assert all(word in said for word in words), said
        assert "read_households" not in said
    assert "{" not in Forbidden("forbidden", actor="li", role="?", verb="?").sentence("zh")
