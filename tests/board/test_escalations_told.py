"""How many escalations there are tells of no judgement that nothing else tells (R4.3.2, R4.7.3)."""

from collections.abc import Callable, Iterable
from uuid import UUID

import pytest

from qa_api.audits.steps import held as of_case
from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.escalations import Escalation
from qa_api.work import Work
from tests.api import Api
from tests.board.test_metrics import metrics
from tests.board.test_nested_counts import closing, follow
from tests.board.test_publishing import counts
from tests.board.test_readers import BAD, SIX, audits, told
from tests.escalations.explained import due_now
from tests.moderation.moderating import Moderating
from tests.moderation.profiles import completed
from tests.planning.quarters import accept
from tests.reporting.copies import REPORTER
from tests.responses.casework import Casework


@pytest.fixture
def moderating(
    casework: Casework, board: Api, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Moderating:
    return Moderating(casework.service, board, new_ref, at)


def escalate(moderating: Moderating, made: Iterable[str], trigger: str) -> None:
    """An escalation of each of these audits, raised now."""

    async def write(work: Work) -> None:
        for one in made:
            audit = await work.session.get_one(Audit, UUID(one))
            escalation = Escalation(
                id=new_id(),
                trigger=trigger,
                audit_id=audit.id,
                raised_at=work.now,
                **await due_now(work),
                state="raised",
                **of_case(audit),
            )
            work.session.add(escalation)
            await work.session.flush()

    moderating.service.work(write)


@pytest.mark.long
def test_an_audit_that_was_amended_after_the_quarter_is_not_the_one_without_an_escalation(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2072-73 Q1", "2072-05-16"
    made = [one for team in SIX for one in audits(moderating, team, day, 4)]
    *_, later = moderating.audits(*[f"{day}T09:00:00Z"] * 7, judgement="good", team="lac-south")
    escalate(moderating, made, "inadequate_judgement")
    at("2072-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert (told(found), counts(found, "urgent_findings")) == ({24}, (0, 24))
    moderating.amend(later, BAD)
    escalate(moderating, [later], "inadequate_judgement")
    found = metrics(board, REPORTER, quarter)
    assert told(found) == {25}
    assert counts(found, "urgent_findings") == (0, None), "25 less 24 is the one"


@pytest.mark.long
def test_escalations_less_judgements_tell_of_no_single_case_that_closed_without_an_audit(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2073-74 Q1", "2073-05-16"
    made = [one for team in SIX for one in audits(moderating, team, day, 4)]
    escalate(moderating, made, "inadequate_judgement")
    escalate(moderating, made[:1], "closed_without_audit")
    at("2073-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert (told(found), counts(found, "urgent_findings")) == ({24}, (0, None))


@pytest.mark.long
def test_an_escalation_of_two_domains_tells_not_which_of_them_it_was(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    """Of each domain 25 are inadequate, of 26 audits: in one safety alone, in one voice alone."""
    quarter, then = "2074-75 Q1", "2074-05-16T09:00:00Z"
    at(then)
    questions = [{"key": "seen", "text": "Seen?", "answer_kind": "text"}]
    tool = {
        "code": "two-domains",
        "name": "Two domains",
        "scale": {"code": "four-point", "number": 1},
        "overall": "none",
        "domains": [
            {
                "key": key,
                "title": key,
                "escalates": True,
                "questions": [one | {"key": f"{key}_seen"} for one in questions],
            }
            for key in ("voice", "safety")
        ],
    }
    made = accept(board.as_("qs-1").create("/v1/audit-tools", tool))
    accept(board.act(f"/v1/audit-tools/{made['id']}/publish"))
    bad: list[str] = []

    async def complete(work: Work, voice: str, safety: str, team: str) -> None:
        said = {"voice": voice, "safety": safety}
        audit = await completed(work, moderating, UUID(made["id"]), "four-point", said, team=team)
        if BAD in (voice, safety):
            bad.append(str(audit.id))

    async def complete_all(work: Work) -> None:
        for team in SIX:
            for judgement, many in (("good", 6), (BAD, 4)):
                for _ in range(many):
                    await complete(work, judgement, judgement, team)
        await complete(work, BAD, "good", "lac-south")
        await complete(work, "good", BAD, "lac-north")

    moderating.service.work(complete_all)
    escalate(moderating, bad, "inadequate_judgement")
    at("2074-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert [
        [one["count"] for one in scale["judgements"] if one["judgement"] == BAD]
        for scale in found["judgements"]
    ] == [[25], [25]]
    assert counts(found, "urgent_findings") == (0, None)


@pytest.mark.long
def test_escalations_beside_closings_tell_of_no_few_that_needed_no_audit(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2094-95 Q1", "2094-05-16"

    async def unaudited(work: Work, audit: Audit) -> None:
        await closing()(work, audit)
        escalation = Escalation(
            id=new_id(),
            trigger="closed_without_audit",
            raised_at=work.now,
            **await due_now(work),
            state="raised",
            **of_case(audit),
        )
        work.session.add(escalation)

    follow(moderating, day, dict.fromkeys(SIX, 4), unaudited)
    at("2094-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert counts(found, "closures_without_audit") == (24, 24)
    assert counts(found, "urgent_findings") == (0, 24)
    follow(moderating, day, {"lac-south": 1, "lac-north": 1}, closing(exempt=True))
    at("2094-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert counts(found, "closures_without_audit") == (26, 26)
    assert counts(found, "closures_exempt") == (None, 26)
    assert counts(found, "urgent_findings") == (0, None), "26 less 24 needed none"


@pytest.mark.long
def test_escalations_less_judgements_tell_of_no_few_that_were_urgent(
    board: Api, moderating: Moderating, at: Callable[[str], None]
) -> None:
    quarter, day = "2095-96 Q1", "2095-05-16"
    made = [one for team in SIX for one in audits(moderating, team, day, 4)]
    escalate(moderating, made, "inadequate_judgement")
    escalate(moderating, made[-2:], "urgent_finding")
    at("2095-07-04T09:00:00Z")
    found = metrics(board, REPORTER, quarter)
    assert told(found) == {24}
    assert counts(found, "urgent_findings") == (None, None), "26 less 24 are the two"
