"""Lists of what is due can be read from their other end, page by page, by the same indexes."""

import pytest

from qa_api.actions.queries import ACTIONS
from qa_api.reads.listings import Listing
from qa_api.responses.queries import RESPONSES
from tests.api import Api
from tests.conftest import Database
from tests.reads.on_record import on_record
from tests.reads.test_several_values import every_row, planned
from tests.responses.casework import casework, service

__all__ = ("casework", "on_record", "service")

PATHS = ("/v1/restorative-actions", "/v1/audit-responses")


@pytest.mark.long
def test_the_latest_due_first_is_the_list_from_its_other_end(on_record: Api) -> None:
    for path in PATHS:
        for person in ("qs-1", "tm-lincoln-fast", "sw1-lincoln-fast"):
            reader = on_record.as_(person)
            rows = every_row(reader, path)
            assert len(rows) > 1
            assert every_row(reader, path, sort="due_on") == rows
            pages = max(1, len(rows) // 3)
            assert every_row(reader, path, pages, sort="-due_on") == rows[::-1], (path, person)


def test_a_cursor_is_of_one_order_alone(on_record: Api) -> None:
    reader = on_record.as_("qs-1")
    for path in PATHS:
        cursor = reader.get(path, params={"limit": 1}).json()["next_cursor"]
        answer = reader.get(path, params={"limit": 1, "cursor": cursor, "sort": "-due_on"})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("/v1/restorative-actions", "set_at"),
        ("/v1/audits", "planned_at"),
        ("/v1/escalations", "due_on"),
    ],
)
def test_an_order_without_an_index_is_refused(api: Api, path: str, sort: str) -> None:
    answer = api.as_("qs-1").get(path, params={"sort": sort})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["sort"]


@pytest.mark.parametrize("listing", [ACTIONS, RESPONSES], ids=lambda one: one.name)
async def test_it_goes_by_the_same_indexes_backwards(database: Database, listing: Listing) -> None:
    table = listing.shape.entity.__tablename__
    plan = await planned(database, listing.reversed, set())
    for name in ("soonest", "team_soonest", "worker_soonest"):
        assert f"Index Scan Backward using {table}_{name}_idx" in plan
