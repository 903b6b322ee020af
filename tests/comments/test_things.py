"""What a conversation is about decides who reads it, and when it is locked (X8)."""

import asyncio
import re

import asyncpg
import pytest

from qa_api.rules.comments import LOCKED_IN, CommentKind
from qa_api.settings import Settings
from tests.api import Api
from tests.audits.auditing import HEAD, MANAGER, SUPERVISOR, WORKER, Auditing
from tests.comments.talking import about, read, replied, said, sees, waits
from tests.conftest import Database
from tests.escalations.test_escalations import act, urgent
from tests.moderation.moderating import OUTCOME, Moderating, place
from tests.responses.casework import Casework
from tests.sealing.twins import without_chance
from tests.test_privileges import ask

AUDITOR = "au-1"


def locked(api: Api, person: str, comment: str) -> bool:
    """Whether it says so, and nothing is added or resolved any more."""
    assert read(api, person, comment)["locked"] is True
    late = api.as_(person).create(f"{comment}/replies", {"text": "One more."})
    end = api.as_(person).act(f"{comment}/resolve")
    shown = read(api, person, comment)
    anew = about(api, person, shown["kind"], shown["about"])
    told = {(one.status_code, one.json().get("code")) for one in (late, end, anew)}
    return told == {(422, "locked")}


@pytest.mark.long
def test_about_a_response_and_an_action_until_they_are_settled(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    response = said(case.api, AUDITOR, "audit_response", case.response)
    action = said(case.api, WORKER, "restorative_action", case.action(), addressees=[AUDITOR])
    for comment in (response, action):
        assert all(sees(case.api, comment, AUDITOR, WORKER, "qs-1"))
        assert not any(sees(case.api, comment, "tm-boston-fast", "sw2-lincoln-fast"))
    casework.deliver(case)
    case.submit()
    case.review("adequate")
    assert locked(case.api, "qs-1", response)
    replied(case.api, AUDITOR, action)
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    assert locked(case.api, WORKER, action)


def test_about_an_audit_until_it_closes(casework: Casework) -> None:
    case = casework.completed_audit(actions=0)
    comment = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    casework.deliver(case)
    assert case.read(f"/v1/audits/{case.audit_id}")["state"] == "closed"
    assert locked(case.api, WORKER, comment)
    assert not waits(case.api, comment, WORKER), "nobody can answer it any more"


@pytest.mark.long
def test_about_an_escalation_among_those_who_see_it(case: Auditing) -> None:
    path = urgent(case)
    comment = said(case.api, MANAGER, "escalation", path)
    assert all(sees(case.api, comment, MANAGER, HEAD, "qs-1"))
    assert not any(sees(case.api, comment, SUPERVISOR, WORKER, "slt-1"))
    assert about(case.api, SUPERVISOR, "escalation", path).status_code == 422
    asked = about(case.api, MANAGER, "escalation", path, addressees=[SUPERVISOR])
    assert asked.json()["errors"][0]["code"] == "cannot-read-it"
    act(case, f"{path}/acknowledge", MANAGER)
    act(case, f"{path}/inform-quality-standards", MANAGER, actions_to_be_taken="Visit today.")
    act(case, f"{path}/resolve", "qs-1", resolution="Seen and safe.")
    assert locked(case.api, MANAGER, comment)


@pytest.mark.long
def test_a_moderator_reads_and_says_nothing_before_they_judge_and_then_the_two_talk(
    moderating: Moderating,
) -> None:
    api, auditor = moderating.api, "ps-lincoln-fast"
    audit = moderating.audit("2021-09-03T10:00:00Z")
    sample = moderating.drawn("2021-09", now="2021-10-04T09:00:00Z")
    (item,) = sample["items"]
    moderator, outcome = item["moderator"], place(sample, item)
    assert item["sealed"]
    outcome_id = moderating.read(outcome)["id"]
    comment = said(api, auditor, "audit", audit, text="I found it inadequate for the drift.")
    asked = said(api, "qs-1", "moderation_outcome", outcome_id, addressees=[moderator])
    assert not any(sees(api, one, moderator) == [True] for one in (comment, asked))
    assert all(sees(api, comment, auditor, "qs-1"))
    early = about(api, moderator, "audit", audit)
    assert (early.status_code, early.json()["code"]) == (422, "sealed")
    on_outcome = about(api, moderator, "moderation_outcome", outcome_id)
    assert on_outcome.json()["code"] == "sealed"
    assert not waits(api, asked, moderator)
    assert waits(api, asked, "qs-1"), "nobody else could answer it"
    answer = api.as_(moderator).change("PUT", outcome, OUTCOME)
    assert answer.status_code == 200, answer.text
    assert all(sees(api, one, moderator) == [True] for one in (comment, asked))
    assert waits(api, asked, moderator), "now they are told"
    assert not waits(api, asked, "qs-1")
    between = said(api, moderator, "moderation_outcome", outcome_id, addressees=[auditor])
    replied(api, auditor, between)
    assert not any(sees(api, between, *{"tm-lincoln-fast", WORKER, "slt-1"} - {moderator}))
    moderating.close(sample)
    assert locked(api, auditor, between)


def test_nobody_finds_out_who_is_to_judge_sealed_by_asking_whom_they_may_ask(
    moderating: Moderating,
) -> None:
    api, auditor = moderating.api, "ps-lincoln-fast"
    audit = moderating.audit("2013-08-05T10:00:00Z")
    sample = moderating.drawn("2013-08", now="2013-09-03T09:00:00Z")
    (item,) = sample["items"]
    assert item["sealed"]
    moderator, outcome = item["moderator"], place(sample, item)
    team = moderator.partition("-")[2]
    other = min({f"tm-{team}", f"dm-{team}"} - {moderator})

    def asked(person: str, by: str = auditor) -> tuple[int, object]:
        answer = about(api, by, "audit", audit, addressees=[person])
        return answer.status_code, answer.json().get("errors")

    for by in (auditor, "qs-1", "tm-boston-fast"):
        assert asked(moderator, by) == asked(other, by), by
    assert asked(moderator)[0] == 422
    answer = api.as_(moderator).change("PUT", outcome, OUTCOME)
    assert answer.status_code == 200, answer.text
    assert [asked(one)[0] for one in (moderator, other)] == [201, 422]
    assert asked(moderator, "tm-boston-fast")[0] == 422, "they read no outcome"


@pytest.mark.long
def test_who_is_to_judge_sealed_and_reads_the_audit_anyway_is_asked_like_anybody(
    moderating: Moderating,
) -> None:
    api, auditor = moderating.api, "ps-lincoln-fast"
    audit = moderating.audit("2021-11-09T10:00:00Z")
    sample = moderating.drawn("2021-11", now="2021-12-03T09:00:00Z")
    (item,) = sample["items"]
    moderator, outcome = item["moderator"], place(sample, item)
    subject = moderating.read(f"/v1/audits/{audit}")["subject"]
    child = {"system": subject["system"], "ref": subject["ref"]}
    plan = {"type": "collaborative", "subject": child, "auditor": moderator}
    later = api.as_("qs-1").create("/v1/audits", plan)
    assert later.status_code == 201, later.text
    comment = said(api, auditor, "audit", audit, addressees=[moderator], text="I say inadequate.")
    before = read(api, auditor, comment)
    assert sees(api, comment, moderator, "qs-1") == [False, True]
    assert [waits(api, comment, one) for one in (moderator, "qs-1")] == [False, True]
    answer = api.as_(moderator).change("PUT", outcome, OUTCOME)
    assert answer.status_code == 200, answer.text
    assert [waits(api, comment, one) for one in (moderator, "qs-1")] == [True, False]
    assert read(api, auditor, comment) == before


@pytest.mark.long
def test_who_is_only_to_do_an_action_does_not_learn_who_audited_by_trying_whom_they_may_ask(
    casework: Casework,
) -> None:
    owner, later = "sw1-boston-fast", "ps-boston-fast"
    case = casework.completed_audit(actions=1, owner=owner)
    child = case.read(f"/v1/audits/{case.audit_id}")["subject"]
    plan = {"type": "collaborative", "subject": {key: child[key] for key in ("system", "ref")}}
    planned = case.api.as_("qs-1").create("/v1/audits", plan | {"auditor": later})
    assert planned.status_code == 201, planned.text
    assert case.api.as_(owner).get(f"/v1/audits/{case.audit_id}").status_code == 404

    def told(person: str, by: str = owner) -> str:
        action = case.action().rpartition("/")[2]
        answer = about(case.api, by, "restorative_action", action, addressees=[person])
        assert answer.status_code in {201, 422}
        return without_chance(str(answer.json().get("errors", "asked")))

    (refusal,) = {told(one) for one in (AUDITOR, later, "au-2", "tm-boston-fast", "nobody")}
    assert "cannot-read-it" in refusal
    # Whom the action names, who leads the team and who oversees it they know.
    assert {told(one) for one in (WORKER, "tm-lincoln-fast", "qs-1")} == {"asked"}
    # Who reads the audit as well is told who audits.
    assert {told(one, by="tm-lincoln-fast") for one in (AUDITOR, later, owner)} == {"asked"}


@pytest.mark.parametrize("kind", [kind.value for kind in CommentKind])
def test_the_database_locks_in_the_same_states_as_the_rule(template: Database, kind: str) -> None:
    ((written,),) = ask(
        template.migrate_url,
        "SELECT prosrc FROM pg_proc WHERE proname = 'qa_is_open_to_comments'",
    )
    branches = {
        branch.split("'")[1]: {*re.findall(r"'(\w+)'", branch)[1:]}
        for branch in re.split(r"\bWHEN\b|\bELSE\b", written)[1:-1]
    }
    others = {*re.findall(r"'(\w+)'", written.rpartition("ELSE")[2])}
    assert branches.get(kind, others) == {str(state) for state in LOCKED_IN[CommentKind(kind)]}


def test_the_database_itself_locks_a_conversation_and_keeps_what_was_said(
    casework: Casework, authority: Settings
) -> None:
    case = casework.completed_audit(actions=0)
    comment = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    casework.deliver(case)
    id_, other = comment.rpartition("/")[2], "gen_random_uuid()"
    columns = "kind, audit_id, addressed, text, written_by, written_at, version"
    reply = (
        f"INSERT INTO comments (id, reply_to, {columns}, subject_id, team, worker)"
        f" SELECT {other}, id, {columns}, subject_id, team, worker FROM comments"
        f" WHERE id = '{id_}'"
    )
    for statement in (
        reply,
        f"UPDATE comments SET resolved_at = now(), resolved_by = 'au-1' WHERE id = '{id_}'",
        f"UPDATE comments SET text = 'Nothing.' WHERE id = '{id_}'",
        f"UPDATE comments SET addressed = false WHERE id = '{id_}'",
        f"UPDATE comment_addressees SET addressee = 'qs-1' WHERE comment_id = '{id_}'",
        f"UPDATE comment_addressees SET answered_at = now() WHERE comment_id = '{id_}'",
        f"INSERT INTO comment_addressees VALUES ('{id_}', 'qs-1', NULL)",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            asyncio.run(as_the_service(authority, statement))
    for statement in (
        f"DELETE FROM comments WHERE id = '{id_}'",
        f"DELETE FROM comment_addressees WHERE comment_id = '{id_}'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            asyncio.run(as_the_service(authority, statement))


async def as_the_service(settings: Settings, statement: str) -> str:
    """What the service's own role is told, whatever reach it gives itself."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await connection.execute("SELECT set_config('qa.reach', 'service', false)")
        done: str = await connection.execute(statement)
        return done
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("person", "team", "seen"),
    [("au-1", "", True), ("sw2-lincoln-fast", "lincoln-fast", False), ("nobody", "", False)],
)
def test_the_second_lock_shows_an_addressed_conversation_to_those_in_it(
    casework: Casework, authority: Settings, person: str, team: str, seen: bool
) -> None:
    case = casework.completed_audit()
    open_ = said(case.api, AUDITOR, "audit", case.audit_id)
    asked = said(case.api, AUDITOR, "audit", case.audit_id, addressees=[WORKER])
    answer = replied(case.api, WORKER, asked)

    async def look() -> list[int]:
        connection = await asyncpg.connect(authority.read_url.get_secret_value())
        try:
            context = {"reach": "rows", "worker": person, "teams": team, "now": "2026-11-23T10:00Z"}
            for name, value in context.items():
                await connection.execute(f"SELECT set_config('qa.{name}', '{value}', false)")
            return [
                await connection.fetchval("SELECT count(*) FROM comments WHERE id = $1", path[-36:])
                for path in (open_, asked, answer)
            ]
        finally:
            await connection.close()

    may_see_the_audit = person != "nobody"
    assert asyncio.run(look()) == [may_see_the_audit, seen, seen]
