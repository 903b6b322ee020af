"""The end of the working calendar: what is reported is recorded, what cannot be counted waits.

On each of the last days and after them every state-changing step is taken, over HTTP and by the
worker. Nothing is refused; a date is what a longer calendar gives it, or open and explained.

The suite takes some of the days, others each week; `./dev drill calendar` takes all.
"""

import asyncio
import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.data import official_calendar_text
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.deadlines import (
    acknowledge_due,
    inform_due,
    queued_notification_due,
    response_due,
    return_round_due,
    review_due,
)
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.observation import highlights_due
from qa_api.rules.policy import Policy
from qa_api.settings import Settings
from qa_api.worker.sweep import TASKS, sweep
from tests.api import Api, Json, serving
from tests.audits.auditing import ACTION, FINDING, GOOD, MANAGER, SUPERVISOR, of_new_child
from tests.closures.sending import CLOSED, Episode
from tests.conftest import Database, settings_for
from tests.drill import SEED, share
from tests.responses.casework import Casework, Service
from tests.test_main import until
from tests.worker.receiving import receiving

At = Callable[[str], None]
DAYS = [
    *(f"2028-12-{day}T09:30:00Z" for day in (20, 21, 22, 23, 27, 28, 29, 30, 31)),
    "2029-01-01T09:30:00Z",
    "2029-01-02T09:30:00Z",
    "2029-03-14T09:30:00Z",
]
TAKEN = sorted(random.Random(SEED).sample(DAYS, share(4) or len(DAYS)))
IN_2029 = {
    date(2029, 1, 1): "New Year's Day",
    date(2029, 3, 30): "Good Friday",
    date(2029, 4, 2): "Easter Monday",
    date(2029, 5, 7): "Early May bank holiday",
    date(2029, 5, 28): "Spring bank holiday",
    date(2029, 8, 27): "Summer bank holiday",
    date(2029, 12, 25): "Christmas Day",
    date(2029, 12, 26): "Boxing Day",
}
YEAR_2029 = {
    "year": 2029,
    "reason": "Published.",
    "bank_holidays": [{"date": str(day), "title": title} for day, title in IN_2029.items()],
}
POLICY = Policy(version=1, effective_from=date(2020, 1, 1))


def calendars() -> tuple[Calendar, Calendar]:
    """As published, and with the year 2029."""
    official = official_calendar(official_calendar_text())
    longer = Calendar(
        official.division,
        2,
        official.known_from,
        date(2029, 12, 31),
        {**official.holidays, **IN_2029},
    )
    return official, longer


@dataclass
class Authority:
    """An authority of its own, whose calendar ends on 31 December 2028 until a test extends it."""

    api: Api
    casework: Casework
    settings: Settings

    def sweep(self) -> None:
        """One sweep, as the worker makes it."""
        self.api.server.work(lambda workshop: sweep(workshop, TASKS))


@contextmanager
def opened(database: Database, issuer: DevelopmentIssuer) -> Iterator[Authority]:
    """The demo authority in a database of its own."""
    clock.freeze(datetime.fromisoformat("2028-12-01T09:30:00Z"))
    settings = settings_for(database, issuer)
    with (
        serving(settings) as server,
        Api(server, issuer) as api,
        Service.over(settings) as service,
    ):
        casework = Casework(service, api, lambda: f"C-{uuid4().hex[:12]}")
        yield Authority(api, casework, settings)
    clock.reset()


@pytest.fixture(scope="module")
def at_the_end(
    clone_of_authority: Callable[[], Database], issuer: DevelopmentIssuer
) -> Iterator[Authority]:
    """An authority whose calendar nobody extends."""
    with opened(clone_of_authority(), issuer) as authority:
        yield authority


@pytest.fixture
def own_end(
    clone_of_authority: Callable[[], Database], issuer: DevelopmentIssuer
) -> Iterator[Authority]:
    """An authority whose calendar this test extends."""
    with opened(clone_of_authority(), issuer) as authority:
        yield authority


def take_every_step(authority: Authority, instant: str) -> dict[str, str]:
    """Everything that starts a clock or waits for one, on this day; gives the paths made."""
    api, casework = authority.api, authority.casework
    child = of_new_child(api, casework.new_ref)
    audit = child.filled()
    found = api.as_(SUPERVISOR).create(f"{audit}/urgent-findings", FINDING)
    assert found.status_code == 201, found.text
    assert api.as_(SUPERVISOR).act(f"{audit}/complete", {"overall": GOOD}).status_code == 200
    (finding,) = listed(api, f"/v1/escalations?audit={audit.rpartition('/')[2]}")
    api.as_(MANAGER).act(f"/v1/escalations/{finding['id']}/acknowledge")

    closed = Episode(api, [casework.new_ref()])
    assert closed.tell(CLOSED, occurred_at=instant) == "closed_without_audit"
    (closure,) = listed(api, f"/v1/escalations?gate={closed.answer()['id']}")

    sent = casework.completed_audit(actions=1)
    casework.deliver(sent)
    sent.submit()
    sent.review("returned")
    sent.submit()
    early = casework.completed_audit(actions=1)
    early.submit()
    early.review("adequate")
    casework.deliver(early)
    by_hand = casework.completed_audit(worker=None, actions=1)
    told = {"by": MANAGER, "how": "By telephone", "at": instant}
    by_hand.act(f"{by_hand.notification}/record-delivery", MANAGER, **told)
    return {
        "finding": f"/v1/escalations/{finding['id']}",
        "closure": f"/v1/escalations/{closure['id']}",
        "sent": sent.response,
        "early": early.response,
        "by_hand": by_hand.response,
        "notification": sent.notification,
    }


def listed(api: Api, path: str) -> list[Json]:
    """The items of a list that is answered."""
    answer = api.as_("qs-1").get(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def dates_of(api: Api, made: dict[str, str]) -> dict[str, tuple[Any, Json]]:
    """Every computed date of what was made, with its explanation."""
    found: dict[str, tuple[Any, Json]] = {}
    for name in ("finding", "closure"):
        said = api.get(made[name]).json()
        for hop in ("acknowledge_by", "inform_by"):
            found[f"{name} {hop}"] = (instant_in(said[hop]), said["explanation"][hop])
    for name in ("sent", "early", "by_hand"):
        said = api.get(made[name]).json()
        if name == "early":  # adequate before anybody was told: nothing is due any more
            assert (said["due_on"], said["explanation"]) == (None, None)
        else:
            found[f"{name} due"] = (said["due_on"], said["explanation"])
        for each in said["rounds"]:
            if each["number"] > 1:
                found[f"{name} round"] = (each["due_on"], each["explanation"])
            if each["review_explanation"]:
                what = f"{name} review {each['number']}"
                found[what] = (each["review_due_on"], each["review_explanation"])
    said = api.get(made["notification"]).json()
    found["queued"] = (instant_in(said["queued_until"]), said["explanation"])
    return found


def instant_in(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def expected(instant: str, calendar: Calendar) -> dict[str, Any]:
    """The same dates as the rules give them by a calendar; None where it does not reach."""
    at = datetime.fromisoformat(instant)

    def day(rule: Any) -> Any:
        due = rule(at, POLICY, calendar).due_on
        return due and due.isoformat()

    def instant_of(rule: Any) -> Any:
        return rule(at, POLICY, calendar).due_at

    hops = {"acknowledge_by": acknowledge_due, "inform_by": inform_due}
    return {
        **{f"{n} {hop}": instant_of(hops[hop]) for n in ("finding", "closure") for hop in hops},
        **{f"{name} due": day(response_due) for name in ("sent", "by_hand")},
        "sent review 1": day(review_due),
        "sent round": day(return_round_due),
        "sent review 2": day(review_due),
        "early review 1": day(review_due),
        "queued": instant_of(queued_notification_due),
    }


LISTS = (
    "/v1/qa-updates",
    "/v1/qa-updates?quarter=2028-29 Q3",
    "/v1/learning-highlight-returns",
    "/v1/learning-highlight-returns?quarter=2028-29 Q3",
    "/v1/due-audits",
    "/v1/audits",
    "/v1/audit-responses",
    "/v1/audit-responses?calendar_unknown=true",
    "/v1/escalations",
    "/v1/escalations?overdue=true",
    "/v1/escalations?calendar_unknown=true",
    "/v1/notifications?calendar_unknown=true",
    "/v1/restorative-actions",
    "/v1/learning-actions",
    "/v1/learning-highlights",
    "/v1/observation-compliance",
    "/v1/closure-gates",
    "/v1/me/work",
)


@pytest.mark.long
@pytest.mark.parametrize("instant", TAKEN)
def test_near_the_end_everything_is_recorded_and_what_cannot_be_counted_waits(
    at_the_end: Authority, at: At, caplog: pytest.LogCaptureFixture, instant: str
) -> None:
    at(instant)
    made = take_every_step(at_the_end, instant)
    official, _ = calendars()
    dates, wanted = dates_of(at_the_end.api, made), expected(instant, official)
    assert {name: when for name, (when, _) in dates.items()} == wanted
    for name, (when, why) in dates.items():
        assert why["facts"].get("calendar_unknown", False) is (when is None), name
        assert ("calendar_unknown: " in why["steps"][-1]["reason"]) is (when is None), name
    for name, path in made.items():
        said = at_the_end.api.get(path).json()
        of_it = [when for what, (when, _) in dates.items() if what.startswith(name)]
        of_it += [dates["queued"][0]] if name == "notification" else []
        assert said["calendar_unknown"] is (None in of_it), name
        assert said["overdue"] is False
    for path in LISTS:
        listed(at_the_end.api, path)
    with caplog.at_level(logging.WARNING):
        at_the_end.sweep()
    assert [record.message for record in caplog.records] == []


@pytest.mark.long
def test_when_the_calendar_reaches_further_every_open_date_is_counted_from_its_own_start(
    own_end: Authority, at: At
) -> None:
    made = {}
    for instant in ("2028-12-22T09:30:00Z", "2028-12-29T09:30:00Z", "2029-02-05T09:30:00Z"):
        at(instant)
        made[instant] = take_every_step(own_end, instant)
    at("2029-02-06T09:30:00Z")
    changes = [{"key": key, "value": 9} for key in ("response_working_days", "review_working_days")]
    policy = {"effective_from": "2029-02-06", "reason": "Decided.", "changes": changes}
    assert own_end.api.as_("admin-1").create("/v1/policies", policy).status_code == 201
    answer = own_end.api.as_("admin-1").create("/v1/working-calendar/years", YEAR_2029)
    assert answer.status_code == 201, answer.text
    assert answer.json()["known_until"] == "2029-12-31"
    _, longer = calendars()
    for instant, paths in made.items():
        dates = dates_of(own_end.api, paths)
        assert {name: when for name, (when, _) in dates.items()} == expected(instant, longer)
        for when, why in dates.values():
            assert when is not None
            assert "calendar_unknown" not in why["facts"]
            assert why["policy_version"] == 1
        for path in paths.values():
            assert own_end.api.get(path).json()["calendar_unknown"] is False
    for path in LISTS:
        if "calendar_unknown" in path:
            assert listed(own_end.api, path) == []


def told_to(api: Api, person: str) -> list[tuple[str, str]]:
    """What somebody is told of the calendar, and when they were."""
    work = api.as_(person).get("/v1/me/work", params={"kind": "told", "limit": 500}).json()["items"]
    return [(item["told"], item["told_on"]) for item in work if item["told"].startswith("calendar")]


@pytest.mark.long
def test_of_the_end_and_of_dates_that_wait_people_are_told_once_and_not_daily(
    own_end: Authority, at: At
) -> None:
    first, *later = ("2028-12-27T09:30:00Z", "2028-12-28T09:30:00Z", "2029-01-15T09:30:00Z")
    at(first)
    take_every_step(own_end, first)
    own_end.sweep()
    for instant in later:
        at(instant)
        take_every_step(own_end, instant)
        own_end.sweep()
        own_end.sweep()
    ends, waits = ("calendar_ends_soon", "2028-12-27"), ("calendar_unknown", "2028-12-27")
    assert sorted(told_to(own_end.api, "admin-1")) == [ends, waits]
    assert told_to(own_end.api, "qs-1") == [waits]
    answer = own_end.api.as_("admin-1").create("/v1/working-calendar/years", YEAR_2029)
    assert answer.status_code == 201, answer.text
    own_end.sweep()
    assert told_to(own_end.api, "admin-1") == told_to(own_end.api, "qs-1") == []


@pytest.mark.long
def test_an_update_and_a_highlight_begun_past_the_end_are_recorded_and_counted_later(
    own_end: Authority, at: At
) -> None:
    at("2029-01-10T09:30:00Z")
    api, quarter = own_end.api, "2028-29 Q3"
    update = api.as_("hos-fast").create("/v1/qa-updates", {"service": "fast", "quarter": quarter})
    assert update.status_code == 201, update.text
    highlight = api.as_(MANAGER).create(
        "/v1/learning-highlights",
        {
            "team": "lincoln-fast",
            "quarter": quarter,
            "topic": "Direct work",
            "highlight": "Tools are known, but seldom brought along.",
            "routed_to": "learning_development",
        },
    )
    assert highlight.status_code == 201, highlight.text
    made = [(MANAGER, highlight.headers["location"]), ("hos-fast", update.headers["location"])]
    for person, path in made:
        said = api.as_(person).get(path).json()
        assert (said["due_on"], said["late"]) == (None, False), path
    (row,) = listed(api, f"/v1/qa-updates?quarter={quarter}&service=fast")
    assert row["due_on"] is None
    returned = listed(api, f"/v1/learning-highlight-returns?quarter={quarter}&team=lincoln-fast")
    assert [row["state"] for row in returned] == ["recorded"]
    answer = api.as_("admin-1").create("/v1/working-calendar/years", YEAR_2029)
    assert answer.status_code == 201, answer.text
    for person, path in made:
        assert api.as_(person).get(path).json()["due_on"] is not None, path


def asked(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """What the owner of a database is answered."""

    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(database.migrate_url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


SPANS = """
SELECT r.id, (cell -> 'facts' ->> 'value')::integer
FROM audit_responses r
LEFT JOIN rollup_rows kept ON kept.row_id = r.id
LEFT JOIN LATERAL jsonb_array_elements(kept.cells) cell
    ON cell ->> 'series' = 'audit-responses/due/notified_to_submitted'"""


@pytest.mark.long
@pytest.mark.parametrize("trigger", [True, False])
def test_how_long_answers_past_the_end_took_is_counted_when_the_calendar_reaches_them(
    clone_of_authority: Callable[[], Database], issuer: DevelopmentIssuer, at: At, *, trigger: bool
) -> None:
    """Whether their own date was known or open. Without the database's trigger it never is."""
    database = clone_of_authority()
    with opened(database, issuer) as own:
        told, answered = "2028-12-20T09:30:00Z", "2029-01-05T09:30:00Z"
        at(told)
        by_message = own.casework.completed_audit(actions=1)
        own.casework.deliver(by_message)
        by_hand = own.casework.completed_audit(worker=None, actions=1)
        how = {"by": MANAGER, "how": "By telephone", "at": told}
        by_hand.act(f"{by_hand.notification}/record-delivery", MANAGER, **how)
        at("2028-12-29T09:30:00Z")
        open_ended = own.casework.completed_audit(actions=1)
        own.casework.deliver(open_ended)
        at(answered)
        by_message.submit()
        by_hand.act(f"{by_hand.response}/submit", SUPERVISOR, **by_hand.submission(on_behalf=True))
        open_ended.submit()
        cases = [by_message, by_hand, open_ended]
        ids = [own.api.get(case.response).json()["id"] for case in cases]
        dues = [own.api.get(case.response).json()["due_on"] for case in cases]
        assert [due is None for due in dues] == [False, False, True]
        spans = {str(id_): value for id_, value in asked(database, SPANS)}
        assert [spans[id_] for id_ in ids] == [None, None, None], "not known yet"
        if not trigger:
            asked(database, "DROP TRIGGER count_to_new_days ON calendar_days")
        answer = own.api.as_("admin-1").create("/v1/working-calendar/years", YEAR_2029)
        assert answer.status_code == 201, answer.text
        assert own.api.get(open_ended.response).json()["due_on"] is not None
        spans = {str(id_): value for id_, value in asked(database, SPANS)}
        # From 20 December: 21, 22, 27, 28, 29 and 2 to 5 January; from the 29th, 2 to 5 January.
        of_known = [9, 9] if trigger else [None, None]
        assert [spans[id_] for id_ in ids] == [*of_known, 4]
        assert (asked(database, "SELECT * FROM wrong_rollups()") == []) is trigger


@pytest.mark.long
def test_highlights_of_a_quarter_past_the_end_are_counted_in_their_list_and_their_returns(
    own_end: Authority, at: At
) -> None:
    """In time, late, and missing: each is open until the calendar reaches its date."""
    api, quarter = own_end.api, "2028-29 Q3"
    teams = {"2029-01-10T09:30:00Z": "lincoln-fast", "2029-02-20T09:30:00Z": "boston-fast"}
    paths = {}
    for instant, team in teams.items():
        at(instant)
        body = {
            "team": team,
            "quarter": quarter,
            "topic": "Direct work",
            "highlight": "Tools are known, but seldom brought along.",
            "routed_to": "learning_development",
        }
        made = api.as_(f"tm-{team}").create("/v1/learning-highlights", body)
        assert made.status_code == 201, made.text
        paths[team] = made.headers["location"]
    listing = f"/v1/learning-highlights?quarter={quarter}"
    returns = f"/v1/learning-highlight-returns?quarter={quarter}"

    def found() -> tuple[dict[str, Any], dict[str, Any], list[str]]:
        kept = {row["team"]: (row["due_on"], row["late"]) for row in listed(api, listing)}
        rows = {row["team"]: row for row in listed(api, returns)}
        states = {team: (row["due_on"], row["state"]) for team, row in rows.items()}
        late = [row["team"] for row in listed(api, f"{listing}&late=true")]
        return kept, states, late

    kept, states, late = found()
    missing = next(team for team in states if team not in paths)
    assert kept == dict.fromkeys(paths, (None, False))
    assert {team: states[team] for team in paths} == dict.fromkeys(paths, (None, "recorded"))
    assert (states[missing], late) == ((None, "awaited"), [])
    answer = api.as_("admin-1").create("/v1/working-calendar/years", YEAR_2029)
    assert answer.status_code == 201, answer.text
    _, longer = calendars()
    due = highlights_due(FinancialQuarter.labelled(quarter), POLICY, longer).due_on
    assert due is not None
    kept, states, late = found()
    assert kept == {"lincoln-fast": (str(due), False), "boston-fast": (str(due), True)}
    assert states["lincoln-fast"] == (str(due), "recorded")
    assert states["boston-fast"] == (str(due), "late")
    assert (states[missing], late) == ((str(due), "missing"), ["boston-fast"])
    for team, path in paths.items():
        said = api.as_(f"tm-{team}").get(path).json()
        assert (said["due_on"], said["late"]) == kept[team]


@pytest.mark.long
def test_the_worker_process_delivers_on_the_last_working_days_and_the_date_waits(
    own_end: Authority, at: At
) -> None:
    instant = "2028-12-29T09:30:00Z"
    at(instant)
    api = own_end.api
    with receiving() as receiver:
        wanted = {
            "system": "mosaic",
            "url": receiver.url,
            "event_types": ["audit.response_required", "escalation.raised"],
        }
        assert api.as_("admin-1").create("/v1/webhook-endpoints", wanted).status_code == 201
        child = of_new_child(api, own_end.casework.new_ref)
        audit = child.filled()
        for path, body in ((f"{audit}/urgent-findings", FINDING), (f"{audit}/actions", ACTION)):
            assert api.as_(SUPERVISOR).create(path, body).status_code == 201
        assert api.as_(SUPERVISOR).act(f"{audit}/complete", {"overall": GOOD}).status_code == 200
        environment = {
            "PATH": os.environ["PATH"],
            "QA_ENVIRONMENT": "development",
            "QA_CLOCK": instant,
            "QA_DATABASE_URL": own_end.settings.database_url.get_secret_value(),
            "QA_READ_URL": own_end.settings.read_url.get_secret_value(),
            "QA_WEBHOOK_TARGETS": "http://127.0.0.1",
            "QA_LOG_LEVEL": "error",
        }
        worker = subprocess.Popen([sys.executable, "-m", "qa_api", "worker"], env=environment)
        try:
            until(lambda: len(receiver.came) == 2 or worker.poll() is not None)
            responses = f"/v1/audit-responses?audit={audit.rpartition('/')[2]}"
            until(lambda: listed(api, responses)[0]["state"] == "awaiting_response")
        finally:
            worker.terminate()
            assert worker.wait(30) == 0
    assert {one.message["type"] for one in receiver.came} == set(wanted["event_types"])
    (response,) = listed(api, responses)
    assert (response["due_on"], response["calendar_unknown"], response["overdue"]) == (
        None,
        True,
        False,
    )
    (escalation,) = listed(api, f"/v1/escalations?audit={audit.rpartition('/')[2]}")
    assert escalation["state"] == "notified", "the receiver took it"
