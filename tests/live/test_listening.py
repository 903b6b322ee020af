"""Who listens hears at once of what they may see, of nothing else, and misses nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.events import AuditEdited, ConfigurationChanged, Event
from qa_api.models.subjects import Subject
from qa_api.subjects.service import restrict
from qa_api.work import Workshop
from tests.api import Api, Server
from tests.audits.auditing import (
    MANAGER,
    SUPERVISOR,
    WORKER,
    Auditing,
    needed_answers,
    of_new_child,
)
from tests.conftest import Accounts, Database, execute
from tests.live.listening import WORK, begun, listening

CHANGED = {"because": "changed"}
OTHER_TEAM, OTHER_MANAGER = "boston-fast", "tm-boston-fast"


def planned(case: Auditing, auditor: str = SUPERVISOR) -> str:
    return f"/v1/audits/{case.plan(auditor=auditor)['id']}"


def test_a_change_is_told_with_kind_path_and_version(live: Api, case: Auditing) -> None:
    with begun(live.as_(SUPERVISOR)) as stream:
        audit = planned(case)
        told = stream.next()
        seen = live.as_(SUPERVISOR).get(audit)
        assert (told.name, told.data) == (
            "change",
            {"kind": "audit.planned", "path": audit, "version": seen.json()["version"]},
        )


def test_no_reference_of_a_child_is_told(live: Api, case: Auditing) -> None:
    with begun(live.as_("qs-1")) as stream:
        audit = case.completed()
        said = [one.data for one in stream.changes(until=audit)]
    assert said
    assert case.ref not in str(said)
    assert all(set(one) == {"kind", "path", "version"} for one in said)


def test_what_a_person_may_not_see_is_not_told(
    live: Api, case: Auditing, new_ref: Callable[[], str]
) -> None:
    theirs = of_new_child(live, new_ref, team=OTHER_TEAM, worker=f"sw1-{OTHER_TEAM}")
    with begun(live.as_(OTHER_MANAGER)) as stream:
        case.completed()
        last = planned(theirs, auditor=f"ps-{OTHER_TEAM}")
        assert [one.data["path"] for one in stream.changes(until=last)] == [last]


def test_a_draft_changes_nobodys_list_and_says_nothing_of_its_content(
    live: Api, case: Auditing
) -> None:
    audit = case.started()
    auditor = live.as_(SUPERVISOR)
    key, answer = next(iter(needed_answers("closure").items()))
    with (
        begun(live.as_("qs-1"), f"{audit}/changes") as reading,
        begun(live.as_(MANAGER), f"{audit}/changes") as of_audit,
        begun(live.as_(MANAGER)) as work,
    ):
        saved = auditor.change("PUT", f"{audit}/answers/{key}", answer)
        assert saved.status_code in {200, 201}, saved.text
        assert reading.next().data["kind"] == "audit.changed"
        view = {"view": "It is fair."}
        assert auditor.change("PUT", f"{audit}/worker-view", view, on=audit).status_code == 200
        assert reading.next().data["kind"] == "audit.changed"
        assert live.as_("qs-1").act(f"{audit}/cancel", {"reason": "Twice."}).status_code == 200
        # An answer leaves the audit as it is for whoever does not read it.
        told = [of_audit.next().data["kind"] for _ in range(2)]
        assert told == ["audit.changed", "audit.cancelled"]
        assert work.next().data["kind"] == "audit.cancelled"


def test_whose_list_something_left_is_told_to_look_again(live: Api, case: Auditing) -> None:
    audit = f"/v1/audits/{case.plan(type='collaborative', auditor='au-1')['id']}"
    with begun(live.as_("au-1")) as stream:
        answer = live.as_("qs-1").act(f"{audit}/assign", {"auditor": "au-2"})
        assert answer.status_code == 200, answer.text
        told = stream.next()
        assert (told.name, told.data) == ("look_again", {"because": "changed"})
        assert live.as_("au-1").get(audit).status_code == 404


@pytest.mark.long
def test_whoever_lost_the_right_hears_nothing_more_of_it(live: Api, case: Auditing) -> None:
    audit = f"/v1/audits/{case.plan(type='collaborative', auditor='au-1')['id']}"
    with begun(live.as_("au-1"), f"{audit}/changes") as lost, begun(live.as_("au-1")) as work:
        assert live.as_("qs-1").act(f"{audit}/assign", {"auditor": "au-2"}).status_code == 200
        assert live.as_("au-2").act(f"{audit}/start").status_code == 200
        assert work.next().data == {"because": "changed"}, "that something went, and not what"
        mine = f"/v1/audits/{case.plan(type='collaborative', auditor='au-1')['id']}"
        assert work.next().data["path"] == mine, "and nothing of what another then did to it"
        told = lost.next()
        assert (told.name, told.data) == ("end", {"because": "not_let_in"})
    with listening(live.as_("au-1"), f"{audit}/changes") as refused:
        assert refused.response.status_code == 404


@pytest.mark.long
def test_a_change_beside_one_of_the_directory_is_told_all_the_same(
    live: Api, case: Auditing
) -> None:
    """All are told to look again at their work, and whoever listens to an audit hears of it."""
    audit = planned(case)
    with (
        begun(live.as_("qs-1"), f"{audit}/changes") as of_audit,
        begun(live.as_("qs-1")) as work,
    ):
        recorded(
            live,
            ConfigurationChanged(about=uuid4(), what="service", code="new"),
            edited(live, audit),
        )
        assert of_audit.next().data["path"] == audit
        said = [work.next() for _ in range(2)]
        assert {one.name for one in said} == {"change", "look_again"}


@pytest.mark.long
def test_that_something_was_done_with_a_restricted_record_is_told_to_nobody_who_leads_the_team(
    live: Api, case: Auditing, new_ref: Callable[[], str]
) -> None:
    edit = edited(live, planned(case))
    restricted(live, str(edit.subject))
    another = of_new_child(live, new_ref)
    with begun(live.as_(MANAGER)) as stream:
        recorded(live, edit)
        last = planned(another)
        assert stream.next().data["path"] == last, "the first thing that is said"
        at = stream.last_id
        recorded(live, edit)
    with listening(live.as_(MANAGER), last=at) as again:
        last = planned(another)
        assert again.next().data["path"] == last, "nor to whoever comes back"


def test_whose_list_a_restriction_empties_is_told_and_its_audit_is_listened_to_no_longer(
    live: Api, case: Auditing
) -> None:
    audit = planned(case)
    subject = live.as_("qs-1").get(audit).json()["subject"]["id"]
    manager = live.as_(MANAGER)
    with begun(manager, f"{audit}/changes") as of_audit, begun(manager) as work:
        restricted(live, subject)
        assert work.next().data == CHANGED
        assert of_audit.next().data == {"because": "not_let_in"}


@pytest.mark.long
def test_a_restriction_is_told_to_who_loses_sight_of_the_record_by_it_and_its_end_to_who_gains_it(
    live: Api, case: Auditing, new_ref: Callable[[], str]
) -> None:
    subject = live.as_("qs-1").get(planned(case)).json()["subject"]["id"]
    another = of_new_child(live, new_ref)
    restricted(live, subject)
    with begun(live.as_(MANAGER)) as stream:
        restricted(live, subject, "pre_adoption")
        last = planned(another)
        assert stream.next().data["path"] == last, "they saw it neither before nor after"
        restricted(live, subject, None)
        assert stream.next().data == CHANGED, "it is in their list again"
        restricted(live, subject)
        assert stream.next().data == CHANGED, "and no longer"
    let_in(live, case, MANAGER)
    restricted(live, subject, None)
    with begun(live.as_(MANAGER)) as stream:
        restricted(live, subject)
        last = planned(another)
        assert stream.next().data["path"] == last, "who is let in lost nothing"


@pytest.mark.long
def test_a_second_restriction_is_not_told_to_whoever_comes_back(
    live: Api, case: Auditing, new_ref: Callable[[], str]
) -> None:
    subject = live.as_("qs-1").get(planned(case)).json()["subject"]["id"]
    another = of_new_child(live, new_ref)
    restricted(live, subject)
    with begun(live.as_(MANAGER)) as stream:
        first = planned(another)
        assert stream.next().data["path"] == first
        at = stream.last_id
    restricted(live, subject, "pre_adoption")
    with listening(live.as_(MANAGER), last=at) as again:
        last = planned(another)
        assert again.next().data["path"] == last


@pytest.mark.long
def test_who_holds_no_role_any_more_listens_no_longer(
    live: Api, case: Auditing, accounts: Accounts
) -> None:
    audit = planned(case)
    subject = accounts.another(None, "quality_standards")
    principal = live.as_(subject).get("/v1/me").json()["principal_id"]
    (role,) = live.as_("admin-1").get(f"/v1/role-assignments?principal={principal}").json()["items"]
    theirs = live.as_(subject)
    with begun(theirs, f"{audit}/changes") as of_audit, begun(theirs) as work:
        path = f"/v1/role-assignments/{role['id']}"
        ended = live.as_("admin-1").act(f"{path}/end", {"to": clock.now().date().isoformat()})
        assert ended.status_code == 200, ended.text
        for stream in (of_audit, work):
            assert stream.next().data == {"because": "not_let_in"}


def recorded(live: Api, *happened: Event) -> None:
    """What these say happens in one transaction."""

    async def act(workshop: Workshop) -> None:
        async with workshop.open_as_service(uuid4().hex) as work:
            for one in happened:
                await work.record(one)

    live.server.work(act)


def edited(live: Api, audit: str) -> AuditEdited:
    """That an audit was edited."""
    subject = live.as_("qs-1").get(audit).json()["subject"]["id"]
    return AuditEdited(about=UUID(audit.rpartition("/")[2]), subject=UUID(subject))


def restricted(live: Api, subject: str, kind: str | None = "staff") -> None:
    """A child's record is restricted, or released (None)."""

    async def act(workshop: Workshop) -> None:
        async with workshop.open_as_service(uuid4().hex) as work:
            await restrict(work, await work.session.get_one(Subject, UUID(subject)), kind)

    live.server.work(act)


def let_in(live: Api, case: Auditing, worker: str) -> None:
    """Somebody gets leave to see a restricted record."""
    (account,) = live.as_("admin-1").get(f"/v1/principals?worker={worker}").json()["items"]
    grant = {
        "principal_id": account["id"],
        "reason": "Theirs to do.",
        "expires_at": (clock.now() + timedelta(hours=1)).isoformat(),
    }
    given = live.as_("qs-1").create(f"/v1/subjects/mosaic/{case.ref}/restriction-grants", grant)
    assert given.status_code == 201, given.text


def test_a_listener_of_another_process_hears_it_too(live: Api, other: Api, case: Auditing) -> None:
    with begun(other.as_(SUPERVISOR)) as there, begun(live.as_(SUPERVISOR)) as here:
        audit = planned(case)
        assert there.next().data["path"] == here.next().data["path"] == audit


def test_listening_goes_on_where_it_ended_whichever_process_answers(
    live: Api, other: Api, case: Auditing
) -> None:
    with begun(live.as_(SUPERVISOR)) as stream:
        first = planned(case)
        last = stream.next()
        assert last.data["path"] == first
    missed = [planned(case) for _ in range(3)]
    with listening(other.as_(SUPERVISOR), last=last.id) as again:
        told = [again.next() for _ in missed]
        assert [one.data["path"] for one in told] == missed, "in order, once, and not the first"
        then = planned(case)
        assert again.next().data["path"] == then


def test_a_sign_of_life_moves_the_position_on(
    live: Api, case: Auditing, new_ref: Callable[[], str]
) -> None:
    with begun(live.as_(OTHER_MANAGER)) as stream:
        planned(case)
        at = stream.sign_of_life()
    theirs = of_new_child(live, new_ref, team=OTHER_TEAM, worker=f"sw1-{OTHER_TEAM}")
    audit = planned(theirs, auditor=f"ps-{OTHER_TEAM}")
    with listening(live.as_(OTHER_MANAGER), last=at) as again:
        told = again.next()
        while told.name != "change":
            told = again.next()
        assert told.data["path"] == audit


@pytest.mark.parametrize("last", ["nonsense", "é", "0", "x" * 5_000])
def test_an_id_that_was_not_sent_is_refused(live: Api, last: str) -> None:
    answer = live.get(WORK, headers={"last-event-id": last.encode()})
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["parameter"] == "Last-Event-ID"


def test_everybody_is_told_to_look_again_when_the_directory_changes(
    live: Api, accounts: Accounts
) -> None:
    with begun(live.as_(WORKER)) as stream:
        answer = live.as_("admin-1").change(
            "PUT", f"/v1/services/new-{uuid4().hex[:8]}", {"name": "A new service"}
        )
        assert answer.status_code in {200, 201}, answer.text
        assert stream.next().data == {"because": "changed"}


def test_who_is_let_in_no_longer_is_sent_away(live: Api, accounts: Accounts) -> None:
    subject = accounts.another(None, "quality_standards")
    principal = live.as_(subject).get("/v1/me").json()["principal_id"]
    with begun(live.as_(subject)) as stream:
        path = f"/v1/principals/{principal}"
        gone = live.as_("admin-1").act(f"{path}/disable")
        assert gone.status_code == 200, gone.text
        told = stream.next()
        assert (told.name, told.data) == ("end", {"because": "not_let_in"})
        assert told.retry is not None
        with pytest.raises(StopIteration):
            stream.next()


def test_it_ends_with_the_token(
    live: Api, at: Callable[[str], None], issuer: DevelopmentIssuer
) -> None:
    at("2026-11-23T09:30:00Z")
    with begun(live.as_(SUPERVISOR)) as stream:
        clock.freeze(clock.now() + timedelta(days=2))
        told = stream.next()
        assert (told.name, told.data) == ("end", {"because": "token_expired"})


def test_a_new_day_makes_everybody_look_again(live: Api, at: Callable[[str], None]) -> None:
    at("2026-11-23T23:30:00Z")
    with begun(live.as_(SUPERVISOR)) as stream:
        at("2026-11-24T00:10:00Z")
        assert stream.next().data == {"because": "time"}


def test_nobody_listens_more_often_than_one_may(live: Api) -> None:
    person = live.as_("au-2")
    with begun(person), begun(person), begun(person):
        answer = person.get(WORK)
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/quota-exceeded")
        assert int(answer.headers["retry-after"]) > 0
        with begun(live.as_("au-1")):
            pass
    with begun(person):
        pass


@pytest.mark.long
def test_an_idle_listener_outlives_the_limit_of_idle_connections(live: Api) -> None:
    with begun(live.as_(MANAGER)) as stream:
        while stream.signs_of_life < 6:  # at ten a second: twice as long as one may be idle
            stream.sign_of_life()


def test_a_head_says_what_would_be_sent_and_ends(live: Api) -> None:
    token = f"Bearer {live.token()}"
    answer = live.http.head(WORK, headers={"authorization": token})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.content == b""


def test_nobody_listens_to_an_audit_that_they_may_not_see(live: Api, case: Auditing) -> None:
    audit = planned(case)
    for path in (f"{audit}/changes", f"/v1/audits/{uuid4()}/changes"):
        assert live.as_(OTHER_MANAGER).get(path).status_code == 404
    assert live.as_("reporting-1").get(f"{audit}/changes").status_code == 403


@pytest.mark.long
def test_what_belongs_to_an_audit_is_told_and_nothing_else(live: Api, case: Auditing) -> None:
    first, second = case.filled(), planned(case)
    with begun(live.as_("qs-1"), f"{first}/changes") as stream:
        given = live.as_("qs-1").act(f"{second}/cancel", {"reason": "Opened twice."})
        assert given.status_code == 200, given.text
        done = live.as_(SUPERVISOR).act(
            f"{first}/complete", {"overall": {"judgement": "good", "rationale": "In time."}}
        )
        assert done.status_code == 200, done.text
        told = stream.changes(until=first)
    assert second not in {one.data["path"] for one in told}
    assert "audit.completed" in {one.data["kind"] for one in told}


def test_a_listener_that_goes_is_forgotten(live: Api, live_server: Server) -> None:
    assert live_server.running is not None
    hub = live_server.running.hub
    with begun(live.as_(SUPERVISOR)) as stream:
        while len(hub) > 1:  # those of other tests go
            stream.sign_of_life()
        with begun(live.as_(MANAGER)):
            assert len(hub) == 2
        while len(hub) > 1:
            stream.sign_of_life()


@pytest.mark.long
def test_being_told_shows_no_child_and_is_no_read_of_one(
    live: Api, case: Auditing, database: Database
) -> None:
    audit = planned(case)
    with begun(live.as_(MANAGER), f"{audit}/changes") as stream, begun(live.as_(MANAGER)):
        assert live.as_("qs-1").act(f"{audit}/cancel", {"reason": "Twice."}).status_code == 200
        assert stream.changes(until=audit)
    theirs = (
        "SELECT FROM access_log l JOIN principals p ON p.id = l.principal_id"
        f" WHERE p.subject = '{MANAGER}' AND l.subject_ids && ARRAY("
        f"SELECT subject_id FROM audits WHERE id = '{audit.rpartition('/')[2]}')"
    )
    execute(database.migrate_url, f"DO $$ BEGIN ASSERT NOT EXISTS ({theirs}); END $$")
