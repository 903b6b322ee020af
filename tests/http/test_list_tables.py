"""A list as CSV has what the list shows, page by page, and nothing that a spreadsheet would run."""

import csv
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import httpx
import pytest

from qa_api.actions.schemas import ActionRow
from qa_api.closure_gates.schemas import GateRow
from qa_api.http.list_tables import form_asked, table
from qa_api.values.pages import ListForm
from tests.api import Api, Json
from tests.contract.document import Operation, operations
from tests.moderation.conftest import moderating
from tests.moderation.moderating import Moderating, place
from tests.reads.on_record import on_record
from tests.responses.casework import casework, service

__all__ = ("casework", "moderating", "on_record", "service")

FORMULA = "=HYPERLINK(1)"
LISTS = {
    "list_audits",
    "list_actions",
    "list_responses",
    "list_escalations",
    "list_closure_gates",
    "list_practice_observations",
    "list_notifications",
    "list_learning_actions",
    "list_learning_highlights",
    "list_all_moderation_outcomes",
}


def tables() -> Iterator[Operation]:
    for operation in operations():
        content = operation.content["responses"].get("200", {}).get("content", {})
        if "text/csv" in content and str(operation) != "pull_dataset":
            yield operation


def test_these_lists_can_be_tables() -> None:
    assert {str(operation) for operation in tables()} == LISTS


@pytest.fixture
def learnt(on_record: Api, moderating: Moderating, at: Callable[[str], None]) -> None:
    """Two learning actions of a moderation long ago."""
    moderating.audits("2019-04-04T10:00:00Z", "2019-04-08T10:00:00Z")
    sample = moderating.drawn("2019-04", now="2019-05-06T09:00:00Z")
    for item in sample["items"][:2]:
        moderating.moderate(sample, item)
        wanted = {"description": "Ask.", "owner": "ps-lincoln-fast", "due_on": "2019-06-03"}
        moderator = moderating.api.as_(item["moderator"])
        made = moderator.create(f"{place(sample, item)}/learning-actions", wanted)
        assert made.status_code == 201, made.text
    at("2026-11-23T09:30:00Z")


@pytest.mark.long
@pytest.mark.usefixtures("learnt")
def test_a_table_has_the_rows_of_the_page_and_its_next_one(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    for operation in tables():
        asked: dict[str, Any] = {"limit": 1}
        for _ in range(2):  # of each list there are two rows at least
            page = reader.get(operation.path, params=asked)
            written = reader.get(operation.path, params={**asked, "format": "csv"})
            assert len(page.json()["items"]) == 1, operation
            assert read(written) == [flat(row) for row in page.json()["items"]], operation
            assert ("next" in written.links) == (page.json()["next_cursor"] is not None)
            assert page.headers["vary"] == written.headers["vary"] == "Accept"
            asked["cursor"] = page.json()["next_cursor"]


def read(answer: httpx.Response) -> list[Json]:
    """The rows of a table, each cell by its column."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(StringIO(answer.text)))


def flat(row: Json, before: str = "") -> Json:
    """A row of a list as its cells."""
    cells: Json = {}
    for name, value in row.items():
        if name == "subject":
            parts = value or dict.fromkeys(("id", "kind", "system", "ref"))
            cells |= flat(parts, "subject_")
        elif isinstance(value, bool):
            cells[before + name] = str(value).lower()
        elif isinstance(value, list):
            cells[before + name] = "; ".join(value)
        else:
            cells[before + name] = "" if value is None else str(value)
    return cells


def test_the_next_page_of_a_table_is_a_table(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    first = reader.get("/v1/audits", params={"limit": 1, "format": "csv"})
    following = reader.get(first.links["next"]["url"])
    assert read(following)[0]["id"] != read(first)[0]["id"]


def test_accept_asks_for_a_table_and_the_parameter_goes_before_it(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    wanted = {"accept": "text/csv, application/json;q=0.5"}
    written = reader.get("/v1/audits", headers=wanted, params={"limit": 1})
    assert len(read(written)) == 1
    named = reader.get("/v1/audits", headers=wanted, params={"limit": 1, "format": "json"})
    assert len(named.json()["items"]) == 1


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, ListForm.JSON),
        ("*/*", ListForm.JSON),
        ("text/html, */*;q=0.8", ListForm.JSON),
        ("text/html", ListForm.JSON),
        ("text/*", ListForm.CSV),
        ("application/json;q=0.1, text/csv", ListForm.CSV),
    ],
)
def test_who_does_not_ask_for_a_table_gets_json(accept: str | None, form: ListForm) -> None:
    assert form_asked(None, accept) is form


def test_what_would_be_a_formula_is_text_and_a_negative_number_stays_one() -> None:
    row = "{" + ",".join(f'"{name}":null' for name in ActionRow.model_fields) + "}"
    row = row.replace('"description":null', f'"description":"{FORMULA}"')
    row = row.replace('"working_days_left":null', '"working_days_left":-3')
    (cells,) = csv.DictReader(StringIO(table(ActionRow, [row])))
    assert (cells["description"], cells["working_days_left"]) == (f"'{FORMULA}", "-3")
    assert cells["subject_ref"] == ""


def test_a_list_in_a_row_is_one_cell() -> None:
    row = "{" + ",".join(f'"{name}":null' for name in GateRow.model_fields) + "}"
    row = row.replace('"waits_for":null', '"waits_for":["audit","actions"]')
    (cells,) = csv.DictReader(StringIO(table(GateRow, [row])))
    assert cells["waits_for"] == "audit; actions"


def test_an_empty_list_has_the_names_of_its_columns(api: Api) -> None:
    asked = {"subject": "mosaic/C-unheard-of", "format": "csv"}
    answer = api.as_("qs-1").get("/v1/audits", params=asked)
    assert read(answer) == []
    assert answer.text.startswith("id,type,state,subject_id,subject_kind,subject_system,")
