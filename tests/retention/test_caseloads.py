"""What goes of caseloads: all of one that nothing was drawn from, of others a child's row (X4)."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Final

import pytest

from qa_api.caseloads.schemas import ChildIn
from qa_api.caseloads.sheets import Row
from qa_api.caseloads.staging import Staging
from qa_api.retention.caseloads import forget_old_caseloads
from qa_api.work import Work
from tests.api import Json
from tests.audits.auditing import TEAM, of_new_child
from tests.planning.quarters import Planning, accept
from tests.reporting.copies import REPORTER, pull
from tests.retention.keeping import Keeping

_DAYS: Final = count()


@pytest.fixture
def day() -> date:
    """A day of this test's own."""
    return date(2021, 1, 1) + timedelta(days=next(_DAYS))


def forget(keeping: Keeping) -> None:
    while keeping.service.work(forget_old_caseloads):
        pass


def verified(keeping: Keeping, path: str) -> Json:
    return accept(keeping.api.as_("case-system-mosaic").post(f"{path}/verify"))


def drawn_from(keeping: Keeping, day: date) -> str:
    """A list that was drawn from the day's caseload: its path."""
    planning = Planning(keeping.api.as_("qs-1"), keeping.new_ref)
    theme = planning.theme()
    plan = planning.published(theme, {TEAM: 1})
    asked = {"team": TEAM, "theme": theme, "system": "mosaic", "method": "drawn"}
    drawn = accept(planning.api.create(f"{plan}/cases", asked | {"caseload": str(day)}))
    return f"{plan}/cases/{drawn['id']}"


@pytest.mark.long
def test_when_a_childs_time_has_come_a_digest_stays_and_all_still_verifies(
    keeping: Keeping, day: date
) -> None:
    gone = keeping.child()
    gone.completed()  # so that they are in the population, and cannot be drawn
    others = [
        of_new_child(keeping.api, keeping.new_ref, team=TEAM, worker=f"sw1-{TEAM}").ref
        for _ in range(3)
    ]
    path = keeping.send_caseload(day, gone.ref, *others)
    place = drawn_from(keeping, day)
    before, drawn = keeping.read(path), keeping.read(place)
    excluded = {entry["ref"]: entry["excluded"] for entry in drawn["population"]}
    assert excluded == {gone.ref: "audited_recently", **dict.fromkeys(others)}
    digests = {entry["digest"] for entry in drawn["population"]}

    keeping.remove()

    assert keeping.read(path) == before, "count and hash are what they were"
    found = verified(keeping, path)
    assert (found["children"], found["removed"]) == (4, 1)
    assert (found["same_count"], found["same_hash"], found["same_rows"]) == (True,) * 3
    rows, _ = pull(keeping.api.as_(REPORTER), "caseloads")
    (counted,) = (row for row in rows if row["taken_on"] == str(day))
    assert (counted["children"], counted["removed"]) == (4, 1)
    children = keeping.read(f"{path}/children")["items"]
    assert {child["ref"] for child in children} == {*others}
    after = keeping.read(place)
    assert {entry["digest"] for entry in after["population"]} == digests
    again = accept(keeping.api.as_("qs-1").post(f"{place}/redraw"))
    assert (again["same_population"], again["same_draw"]) == (True, True)
    (kept,) = keeping.rows(f"SELECT content_hash FROM caseloads WHERE taken_on = '{day}'")
    assert kept["content_hash"] is None, "made of rows without salt, it would tell who it was"


def test_a_row_that_was_changed_is_found(keeping: Keeping, day: date) -> None:
    path = keeping.send_caseload(day, keeping.new_ref(), keeping.new_ref())
    keeping.rows(
        "UPDATE caseload_children SET status = 'other' WHERE digest = (SELECT min(digest)"
        " FROM caseload_children c JOIN caseloads f ON f.id = c.caseload_id"
        f" WHERE f.taken_on = '{day}')"
    )
    found = verified(keeping, path)
    assert (found["same_hash"], found["same_rows"]) == (True, False)
    keeping.rows(
        "DELETE FROM caseload_children WHERE digest = (SELECT min(digest)"
        " FROM caseload_children c JOIN caseloads f ON f.id = c.caseload_id"
        f" WHERE f.taken_on = '{day}')"
    )
    found = verified(keeping, path)
    assert (found["same_count"], found["same_hash"]) == (False, False)


@pytest.mark.long
def test_a_caseload_that_nothing_was_drawn_from_goes_after_the_days_of_policy(
    keeping: Keeping, day: date
) -> None:
    child = of_new_child(keeping.api, keeping.new_ref, team=TEAM, worker=f"sw1-{TEAM}")
    path = keeping.send_caseload(day, child.ref, keeping.new_ref())
    used_on = day + timedelta(days=1_000)
    used = keeping.send_caseload(used_on, child.ref)
    drawn_from(keeping, used_on)
    today = date(2026, 11, 23)
    last_kept = today - timedelta(days=35)
    kept = keeping.send_caseload(last_kept, child.ref)
    over = keeping.send_caseload(last_kept - timedelta(days=1), child.ref)
    forget(keeping)
    reading = keeping.api.as_("qs-1")
    found = {each: reading.get(each).status_code for each in (path, used, kept, over)}
    assert found == {path: 404, used: 200, kept: 200, over: 404}
    left = keeping.rows(
        "SELECT FROM caseload_children c WHERE NOT EXISTS"
        " (SELECT FROM caseloads f WHERE f.id = c.caseload_id)"
    )
    assert left == []
    told = keeping.rows(
        "SELECT data FROM events WHERE type = 'caseload.forgotten'"
        f" AND data ->> 'taken_on' = '{day}'"
    )
    assert len(told) == 1


def test_a_hold_over_everything_keeps_caseloads(keeping: Keeping, day: date) -> None:
    path = keeping.send_caseload(day, keeping.new_ref())
    hold = keeping.hold(reason="An inquiry asks for everything.")
    forget(keeping)
    assert keeping.api.as_("qs-1").get(path).status_code == 200
    keeping.lift(hold)
    forget(keeping)
    assert keeping.api.as_("qs-1").get(path).status_code == 404


def test_what_nobody_went_on_with_goes_after_two_days(
    keeping: Keeping, day: date, new_ref: Callable[[], str]
) -> None:
    child = {"ref": new_ref(), "team": TEAM, "status": "child-in-need"}

    async def read_in(work: Work) -> None:
        await work.act_as_service()
        staging = await Staging.begin(work, "mosaic", day)
        await staging.add(work, [Row(1, ChildIn.model_validate(child))])

    def there() -> int:
        return len(
            keeping.rows(
                "SELECT FROM caseload_lines l JOIN caseload_uploads u ON u.id = l.upload_id"
                f" WHERE u.taken_on = '{day}'"
            )
        )

    keeping.service.work(read_in)
    forget(keeping)
    assert there() == 1
    keeping.rows(
        f"UPDATE caseload_uploads SET begun_at = '2026-11-20T12:00Z' WHERE taken_on = '{day}'"
    )
    forget(keeping)
    assert there() == 0
