"""What moderation waits for keeps a record, and about one that went nobody writes any more (X4)."""

from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.moderation import LearningAction
from qa_api.work import Work
from tests.audits.auditing import MANAGER, SUPERVISOR, Auditing
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.retention.keeping import Keeping

WAITING = ("pair", "consensus", "learning action")


@pytest.fixture
def case(keeping: Keeping) -> Auditing:
    """A child born so long ago that their record may go."""
    return keeping.child()


async def moderated(work: Work, path: str, waiting: str | None) -> UUID:
    """An audit in a sample, where something still waits for somebody or nothing does."""
    audit = await work.session.get_one(Audit, UUID(path.rpartition("/")[2]))
    starts_on = date(1800, 1, 1) + timedelta(days=audit.id.int % 30_000)
    sealed = {"second_grade": "sealed"}
    sample = await draw_of(work, "2026-10", starts_on, work.today, **sealed)
    outcome = await drawn_for(work, sample, audit, 1, moderator="slt-1", relation_to_auditor="none")
    if waiting == "pair":
        return outcome.id
    await moderate(work, outcome, outcome.auditor_judgement)
    if waiting == "consensus":
        outcome.consensus_judgement = "requires_improvement"
        outcome.consensus_rationale = "As we both see it."
        outcome.consensus_proposed_at, outcome.consensus_proposed_by = work.now, "slt-1"
    if waiting == "learning action":
        learning = LearningAction(
            id=new_id(),
            outcome_id=outcome.id,
            state="open",
            description="Ask who was not seen.",
            owner=SUPERVISOR,
            due_on=work.today,
            set_at=work.now,
            set_by=MANAGER,
            subject_id=audit.subject_id,
            team=audit.team,
            worker=audit.worker,
        )
        work.session.add(learning)
    return outcome.id


@pytest.mark.parametrize("waiting", WAITING)
def test_what_moderation_still_waits_for_keeps_its_record(
    keeping: Keeping, case: Auditing, waiting: str
) -> None:
    """Whoever is to judge would read that the content went, and their words would never go."""
    audit = case.completed()
    keeping.service.work(lambda work: moderated(work, audit, waiting))
    run = keeping.propose()
    keeping.approve(run)
    keeping.execute(run)
    assert keeping.items(run)[keeping.subject_id(case)]["outcome"] == "still_open"


def test_nobody_writes_about_a_record_that_went(keeping: Keeping, case: Auditing) -> None:
    audit, subject_id = case.completed(), keeping.subject_id(case)
    outcome_id = keeping.service.work(lambda work: moderated(work, audit, None))
    sample = keeping.rows(f"SELECT sample_id FROM moderation_outcomes WHERE id = '{outcome_id}'")
    outcome = f"/v1/moderation-samples/{sample[0]['sample_id']}/outcomes/{audit[-36:]}"
    run = keeping.propose()
    keeping.approve(run)
    keeping.execute(run)
    assert keeping.items(run)[subject_id]["outcome"] == "removed"

    standards, moderator = keeping.api.as_("qs-1"), keeping.api.as_("slt-1")
    gone = {"system": "mosaic", "ref": f"removed:{subject_id}"}
    learn = {"description": "Ask her aunt.", "owner": SUPERVISOR, "due_on": "2026-12-31"}
    agreed = {"judgement": "requires_improvement", "rationale": "Her aunt says so."}
    said = {"kind": "moderation_outcome", "about": str(outcome_id), "text": "Her aunt knows."}
    refused = [
        moderator.create("/v1/comments", said),
        moderator.change("PUT", f"{outcome}/consensus", agreed, on=outcome),
        moderator.create(f"{outcome}/learning-actions", learn),
        standards.act(f"{audit}/record-in-error", {"reason": "It is of her aunt."}),
        standards.create("/v1/legal-holds", {"reason": "Her aunt asks.", "subject": gone}),
    ]
    assert [each.status_code for each in refused] == [409] * 5, [each.text for each in refused]
    assert all("its content has gone" in each.json()["detail"] for each in refused)


@pytest.mark.parametrize(
    "changed",
    [
        "moderation_outcomes SET analysis = 'Her aunt'",
        "moderation_outcomes SET consensus_rationale = 'Her aunt'",
        "audits SET error_reason = 'Her aunt'",
    ],
)
def test_the_database_takes_no_word_about_a_record_that_went(
    keeping: Keeping, case: Auditing, changed: str
) -> None:
    audit, subject_id = case.completed(), keeping.subject_id(case)
    keeping.service.work(lambda work: moderated(work, audit, None))
    keeping.remove()
    with pytest.raises(asyncpg.RestrictViolationError, match="the content of this record has gone"):
        keeping.rows(f"UPDATE {changed} WHERE subject_id = '{subject_id}'")
