"""What time alone does to whoever listens: an hour, a day, a right that runs out."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.live import hub
from tests.api import Api, serving
from tests.audits.auditing import MANAGER, SUPERVISOR, Auditing
from tests.conftest import Accounts, Database, execute, settings_for
from tests.live.listening import WORK, Stream, begun
from tests.live.test_listening import edited, planned, recorded, restricted

At = Callable[[str], None]
TIME, NOT_LET_IN = {"because": "time"}, {"because": "not_let_in"}


def says_nothing(stream: Stream) -> None:
    """Two signs of life and nothing else: whatever was to be said has been said before."""
    for _ in range(2):
        line = next(stream.lines)
        while not line.startswith(":"):
            assert not line.startswith(("event:", "data:")), line
            line = next(stream.lines)


def end_roles(database: Database, subject: str, day: str) -> None:
    """An account's roles end on a day, as if that had been said when they were given."""
    execute(
        database.migrate_url,
        f"UPDATE role_assignments SET valid = '[2026-01-01,{day})' WHERE principal_id ="
        f" (SELECT id FROM principals WHERE subject = '{subject}')",
    )


@pytest.mark.long
def test_an_hour_makes_everybody_look_again_and_no_less_does(live: Api, at: At) -> None:
    at("2026-11-23T10:00:00Z")
    with begun(live.as_(SUPERVISOR)) as stream:
        at("2026-11-23T10:59:59Z")
        says_nothing(stream)
        at("2026-11-23T11:00:00Z")
        told = stream.next()
        assert (told.name, told.data) == ("look_again", TIME)
        at("2026-11-23T11:59:59Z")
        says_nothing(stream)
        at("2026-11-23T12:00:01Z")
        assert stream.next().data == TIME


@pytest.mark.long
def test_who_was_told_to_look_for_another_reason_looks_an_hour_after_that(
    live: Api, at: At, accounts: Accounts
) -> None:
    at("2026-11-23T10:00:00Z")
    with begun(live.as_(SUPERVISOR)) as stream:
        at("2026-11-23T10:30:00Z")
        service = f"/v1/services/new-{uuid4().hex[:8]}"
        made = live.as_("admin-1").change("PUT", service, {"name": "A new service"})
        assert made.status_code in {200, 201}, made.text
        assert stream.next().data == {"because": "changed"}
        at("2026-11-23T11:29:59Z")
        says_nothing(stream)
        at("2026-11-23T11:30:00Z")
        assert stream.next().data == TIME


@pytest.mark.long
def test_many_whose_hour_is_over_are_all_told_in_rounds(
    live: Api, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_AT_ONCE", 1)
    at("2026-11-23T10:00:00Z")
    with (
        begun(live.as_(SUPERVISOR)) as first,
        begun(live.as_(MANAGER)) as second,
        begun(live.as_("qs-1")) as third,
    ):
        at("2026-11-23T11:00:00Z")
        assert [stream.next().data for stream in (first, second, third)] == [TIME] * 3


@pytest.mark.long
def test_a_grant_that_runs_out_tells_nothing_more_and_ends_at_the_next_look(
    live: Api, case: Auditing, at: At
) -> None:
    audit = planned(case)
    edit = edited(live, audit)
    at("2026-11-23T10:00:00Z")
    restricted(live, str(edit.subject))
    (account,) = live.as_("admin-1").get(f"/v1/principals?worker={MANAGER}").json()["items"]
    grant = {
        "principal_id": account["id"],
        "reason": "Theirs to do.",
        "expires_at": "2026-11-23T10:20:00Z",
    }
    given = live.as_("qs-1").create(f"/v1/subjects/mosaic/{case.ref}/restriction-grants", grant)
    assert given.status_code == 201, given.text
    manager = live.as_(MANAGER)
    with begun(manager, f"{audit}/changes") as of_audit, begun(manager) as work:
        recorded(live, edit)
        assert of_audit.next().data["path"] == work.next().data["path"] == audit
        at("2026-11-23T10:20:01Z")
        recorded(live, edit)
        for stream in (of_audit, work):
            says_nothing(stream)
        at("2026-11-23T11:00:01Z")
        told = of_audit.next()
        assert (told.name, told.data) == ("end", NOT_LET_IN)
        assert work.next().data == TIME, "of their list they may hear as before"


@pytest.mark.long
def test_a_role_that_runs_out_at_midnight_ends_what_is_listened_to(
    live: Api, case: Auditing, at: At, accounts: Accounts, database: Database
) -> None:
    audit = planned(case)
    subject = accounts.another(None, "quality_standards")
    end_roles(database, subject, "2026-11-24")
    theirs = live.as_(subject)
    at("2026-11-23T23:50:00Z")
    with begun(theirs, f"{audit}/changes") as of_audit, begun(theirs) as work:
        at("2026-11-24T00:00:01Z")
        for stream in (of_audit, work):
            told = stream.next()
            assert (told.name, told.data) == ("end", NOT_LET_IN)
    assert theirs.get(WORK).status_code == 403


@pytest.mark.long
def test_what_is_told_to_all_ends_whoever_time_has_shut_out(
    live: Api, at: At, accounts: Accounts, database: Database
) -> None:
    subject = accounts.another(None, "quality_standards")
    at("2026-11-23T23:50:00Z")
    with begun(live.as_(subject)) as work:
        end_roles(database, subject, "2026-11-23")
        says_nothing(work)
        service = f"/v1/services/new-{uuid4().hex[:8]}"
        made = live.as_("admin-1").change("PUT", service, {"name": "A new service"})
        assert made.status_code in {200, 201}, made.text
        assert work.next().data == NOT_LET_IN


@pytest.mark.long
def test_a_process_lets_so_many_listen_and_the_next_when_one_has_gone(
    database: Database, issuer: DevelopmentIssuer
) -> None:
    settings = settings_for(
        database,
        issuer,
        live_listeners=2,
        live_heartbeat_seconds=0.1,
        live_longest_seconds=600,
        keep_alive_seconds=0.3,
    )
    with serving(settings) as server, Api(server, issuer) as api:
        with begun(api.as_("au-1")), begun(api.as_("au-2")):
            answer = api.as_(SUPERVISOR).get(WORK)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert server.running is not None
        with begun(api.as_("qs-1")) as stream:
            while len(server.running.hub) > 1:  # those who went are noticed
                stream.sign_of_life()
            with begun(api.as_(SUPERVISOR)):
                assert len(server.running.hub) == 2
