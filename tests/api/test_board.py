"""The board over HTTP: a view, the same rows as a file, and refusals at the door."""

from io import BytesIO
from urllib.parse import unquote

import pypdfium2
import pytest
from docx import Document


def test_a_view_and_its_file(client, town):
    answer = client.get("/api/board/projects", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    (table,) = found["tables"]
    assert (len(table["rows"]), table["matched"]) == (1, 1)
    assert found["levels"] == ["street", "community", "grid"]
    assert found["choices"]["reason"]["no_facility"]["en"]
    made = client.get("/api/board/projects/file?format=docx", headers={"Accept-Language": "en"})
    assert made.status_code == 200, made.text
    assert unquote(made.headers["content-disposition"]).endswith(".docx")
    (sheet,) = Document(BytesIO(made.content)).tables
    assert len(sheet.rows) == 2
    assert sheet.rows[0].cells[1].text == "Name"
    made = client.get("/api/board/projects/file?format=pdf", headers={"Accept-Language": "en"})
    assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
    pages = pypdfium2.PdfDocument(made.content)
    assert "Name" in pages[0].get_textpage().get_text_range()
    line = client.get("/api/audit?verb=exported").json()["lines"][0]
    assert line["facts"]["what"] == "board projects"


def test_a_page_holds_at_most_what_was_asked_for(client, town):
    table = client.get("/api/board/resources?limit=1").json()["tables"][0]
    assert len(table["rows"]) <= 1
    assert table["matched"] >= len(table["rows"])


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("nothing", 404, "board_view_unknown"),
        ("overview?area=99", 404, "row_unknown"),
        ("overview?by=house", 422, "board_level_unknown"),
        ("gaps?weights=80_plus", 422, "weight_form"),
        ("overview?sort=nothing", 422, "sort_unknown"),
        ("overview?shoe_size=44", 422, None),
        ("overview?category=shoes", 404, "category_unknown"),
        ("overview?circle=14", 422, "circle_unknown"),
        ("overview/file?format=odt", 422, "board_format_unknown"),
        ("overview/file", 422, "board_nothing_kept"),
    ],
)
def test_refusals(client, town, address, status, code):
    answer = client.get(f"/api/board/{address}")
    assert answer.status_code == status, answer.text
    assert code in (None, answer.json()["code"])
    assert "{" not in answer.json()["detail_en"]
