"""A child about whom everything was recorded that can be, and a sibling in the same episode."""

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import select, text

from qa_api.caseloads.schemas import ChildIn
from qa_api.caseloads.sheets import Row
from qa_api.caseloads.staging import Staging
from qa_api.models.access import Principal, RestrictionGrant
from qa_api.models.actions import ActionDateChange, RestorativeAction
from qa_api.models.audits import Audit, DomainJudgement, OwnView
from qa_api.models.base import new_id
from qa_api.models.moderation import LearningAction, ModeratedDomain
from qa_api.models.planning import PlanCaseList, QuarterPlan, Theme
from qa_api.models.subjects import PanelDateChange
from qa_api.retention.content import GOES, SUBJECT, Treatment, owner_column, owner_kind
from qa_api.work import Work
from tests.api import Json
from tests.audits.auditing import ACTION, FINDING, GOOD, MANAGER, SUPERVISOR, WORKER, Auditing
from tests.closures.sending import ALLOCATED, PROPOSED, Episode
from tests.moderation.draws import draw_of, drawn_for, moderate
from tests.retention.keeping import LONG_AGO, PROPOSER, Keeping, as_role

# Each life has a caseload of a day of its own.
_DAYS = count()
SECRET = "Her aunt's new address is known to us."


def whole_life(keeping: Keeping, case: Auditing, born_on: str = LONG_AGO) -> Episode:
    """Everything that can be recorded about a child; what people wrote is the secret."""
    sibling = keeping.new_ref()
    _in_caseloads(keeping, case, sibling)
    audit = _audited(case)
    episode = _closing(keeping, case, sibling, born_on)
    place = f"/audits/{audit.rpartition('/')[2]}/overall_rationale"
    redaction = {"path": place, "reason": SECRET}
    answer = keeping.api.create(f"/v1/subjects/mosaic/{case.ref}/redactions", redaction)
    assert answer.status_code == 201, answer.text
    keeping.lift(keeping.hold_child(case))
    subject_id = UUID(keeping.subject_id(case))
    keeping.service.work(lambda work: _what_takes_longer(work, subject_id, audit, case.ref))
    settle(case, episode)
    say_the_secret(keeping, str(subject_id))
    return episode


def _in_caseloads(keeping: Keeping, case: Auditing, sibling: str) -> None:
    """One caseload that was taken, and one that is being read in."""
    day = date(2020, 1, 1) + timedelta(days=next(_DAYS))
    keeping.send_caseload(day, case.ref, sibling)
    child = {"ref": case.ref, "team": case.team, "status": "child-in-need"}

    async def read_in(work: Work) -> None:
        await work.act_as_service()
        staging = await Staging.begin(work, "mosaic", day)
        await staging.add(work, [Row(1, ChildIn.model_validate(child))])

    keeping.service.work(read_in)


def settle(case: Auditing, episode: Episode) -> None:
    """Whatever is still open about a child is done: while it is, the record stays."""
    about = f"subject=mosaic/{case.ref}&limit=100"
    leads, standards = case.api.as_(MANAGER), case.api.as_(PROPOSER)
    for response in case.read(f"/v1/audit-responses?{about}&state=submitted")["items"]:
        path = f"/v1/audit-responses/{response['id']}/review"
        case.accept(leads.act(path, {"outcome": "adequate"}))
    for action in case.read(f"/v1/restorative-actions?{about}&settled=false")["items"]:
        path = f"/v1/restorative-actions/{action['id']}/verify"
        seen = {"made_a_difference": True, "note": "Seen on the file."}
        case.accept(leads.act(path, seen))
    for escalation in case.read(f"/v1/escalations?{about}")["items"]:
        path = f"/v1/escalations/{escalation['id']}"
        case.accept(leads.act(f"{path}/acknowledge"))
        said = {"actions_to_be_taken": "A visit today."}
        case.accept(leads.act(f"{path}/inform-quality-standards", said))
        case.accept(standards.act(f"{path}/resolve", {"resolution": "The child is safe."}))
    for learning in case.read("/v1/learning-actions?state=open&limit=500")["items"]:
        if learning["description"] == SECRET:
            path = f"/v1/learning-actions/{learning['id']}/cancel"
            case.accept(standards.act(path, {"reason": "Seen in another way."}))
    Episode(case.api, [case.ref], id=episode.id).tell("case.closure_cancelled.v1", 4)


def words_of(shape: Json, shortest: int = 200) -> set[str]:
    """The fields of a schema in which people write what they like: what is shorter is a code."""

    def is_text(field: Json) -> bool:
        if any(is_text(each) for each in field.get("anyOf", ())):
            return True
        of_form = field.keys() & {"pattern", "format", "enum", "const"}
        return field.get("maxLength", 0) >= shortest and not of_form

    return {name for name, field in shape["properties"].items() if is_text(field)}


def _audited(case: Auditing) -> str:
    """An audit with all that follows it: found, answered, amended, moderated."""
    path = case.filled(actions=[ACTION])
    auditor = case.api.as_(SUPERVISOR)
    view = {"view": "The plan changed twice."}
    case.accept(auditor.change("PUT", f"{path}/worker-view", view, on=path))
    case.accept(auditor.create(f"{path}/urgent-findings", FINDING))
    case.accept(auditor.act(f"{path}/complete", {"overall": GOOD}))
    case.accept(
        auditor.act(
            f"{path}/amend",
            {"reason": "Read again.", "overall": GOOD | {"rationale": "As the plan says."}},
        )
    )
    said = {"kind": "audit", "about": path.rpartition("/")[2], "text": "Who was asked?"}
    case.accept(auditor.create("/v1/comments", said))
    (response,) = case.read(f"/v1/audit-responses?audit={path.rpartition('/')[2]}")["items"]
    (action,) = case.read(path)["actions"]
    item = {"action": action["id"], "how": "As agreed.", "done_on": "2026-11-23"}
    submitted = case.api.as_(WORKER).act(
        f"/v1/audit-responses/{response['id']}/submit", {"items": [item]}
    )
    case.accept(submitted)
    return path


def _closing(keeping: Keeping, case: Auditing, sibling: str, born_on: str) -> Episode:
    """The case system tells of the child with a sibling, alone, twice, and what nobody reads."""
    both = Episode(keeping.api, [case.ref, sibling])
    # In each part of it something that nobody reads here, and that may say anything.
    more: dict[str, Any] = {"note": SECRET}
    event = both.event(
        PROPOSED,
        closure={"date": "2026-11-27", "reason_text": SECRET} | more,
        subjects=[{"ref": ref, "role": "child"} | more for ref in both.refs],
        **more,
    )
    event |= {"subject": case.ref, "note": SECRET}
    both.send(event)
    conflicting = {**event, "data": event["data"] | {"closure": {"reason_text": SECRET + "!"}}}
    both.send(conflicting)
    alone = Episode(keeping.api, [case.ref], id=both.id)
    born = {"subjects": [{"ref": case.ref, "role": "child", "born_on": born_on}]}
    alone.tell(ALLOCATED, 2, allocation={"worker": WORKER}, **born)
    alone.tell("case.something_new.v1", 3, note=SECRET)
    return both


async def _what_takes_longer(work: Work, subject_id: UUID, path: str, ref: str) -> None:
    """What others do about a child over years: moderation, grants, plans, panel dates."""
    audit = await work.session.get_one(Audit, UUID(path.rpartition("/")[2]))
    held: dict[str, Any] = {"subject_id": subject_id, "team": audit.team, "worker": audit.worker}
    people = select(Principal.id).where(Principal.worker.in_(("qs-1", "qs-2")))
    principal, another = (await work.session.scalars(people)).all()
    action = await work.session.scalar(
        select(RestorativeAction).where(RestorativeAction.audit_id == audit.id).limit(1)
    )
    assert action is not None
    work.session.add(
        ActionDateChange(
            action_id=action.id,
            number=1,
            which="finish_on",
            was=work.today,
            became=work.today + timedelta(days=7),
            reason=SECRET,
            changed_at=work.now,
            **held,
        )
    )
    await work.session.execute(
        text(
            "UPDATE notifications SET state = 'delivered', notified_at = :at"
            " WHERE audit_id = :audit"
        ),
        {"at": work.now, "audit": audit.id},
    )
    own = OwnView(audit_id=audit.id, view=SECRET, written_by=WORKER, written_at=work.now, **held)
    work.session.add(own)
    starts_on = date(1900, 1, 1) + timedelta(days=subject_id.int % 40_000)
    sample = await draw_of(work, "2026-10", starts_on, work.today)
    outcome = await drawn_for(work, sample, audit, 1, moderator="slt-1", relation_to_auditor="none")
    await moderate(work, outcome, outcome.auditor_judgement)
    judged = await work.session.scalar(
        select(DomainJudgement).where(DomainJudgement.audit_id == audit.id).limit(1)
    )
    assert judged is not None
    domain = ModeratedDomain(
        outcome_id=outcome.id,
        domain_key=judged.domain_key,
        audit_id=audit.id,
        scale_code=judged.scale_code,
        scale_number=judged.scale_number,
        auditor_judgement=judged.judgement,
        auditor_rationale=judged.rationale,
        **held,
    )
    learning = LearningAction(
        id=new_id(),
        outcome_id=outcome.id,
        state="open",
        description=SECRET,
        owner=SUPERVISOR,
        due_on=work.today,
        set_at=work.now,
        set_by=MANAGER,
        **held,
    )
    plan = QuarterPlan(
        id=new_id(),
        state="draft",
        quarter="2026-27 Q3",
        number=1,
        audit_type=audit.type,
        drafted_at=work.now,
    )
    theme = Theme(code=f"theme-{plan.id.hex[-8:]}", title="Voice", sources=[])
    for row in (domain, learning, plan, theme):
        work.session.add(row)
        await work.session.flush()
    work.session.add_all(
        [
            RestrictionGrant(
                subject_id=subject_id,
                principal_id=principal,
                reason=SECRET,
                granted_by=another,
                granted_at=work.now,
                expires_at=work.now + timedelta(hours=1),
            ),
            PanelDateChange(first_panel_on=work.today, reason=SECRET, replaced_at=work.now, **held),
            PlanCaseList(
                plan_id=plan.id,
                team=audit.team,
                theme=theme.code,
                system="mosaic",
                method="named",
                population=[{"ref": ref, "excluded": None}, {"ref": "C-other", "excluded": None}],
                population_hash="h",
                chosen=[{"ref": ref, "audit_id": str(audit.id)}],
                explanation={},
                policy_version=work.policy_version,
                posted_at=work.now,
            ),
        ]
    )


def say_the_secret(keeping: Keeping, subject_id: str) -> None:
    """Whatever can be written about the child, in whatever column: it is the secret now.

    A column that must stay empty in the state that its row is in does.
    """
    for table, columns in GOES.items():
        if owner_kind(table) != SUBJECT:
            continue
        for column, treatment in columns.items():
            said = _said(table, column, treatment)
            if said is None:
                continue
            ids = f"{owner_column(table)} = '{subject_id}'"
            where = ids + (" AND lifted_at IS NULL" if table == "legal_holds" else "")
            statement = f"UPDATE {table} SET {column} = {said} WHERE {where}"
            try:
                as_role(keeping.database.migrate_url, statement)
            except asyncpg.CheckViolationError:
                written = f"{statement} AND {column} IS NOT NULL"
                as_role(keeping.database.migrate_url, written)


def _said(table: str, column: str, treatment: Treatment) -> str | None:
    quoted = SECRET.replace("'", "''")
    if treatment is Treatment.MARK:
        return f"'{quoted}'"
    if treatment is Treatment.EMPTY:
        return f"jsonb_build_object('positive_feedback', '{quoted}')"
    if (table, column) == ("audit_answers", "value"):
        return f"to_jsonb('{quoted}'::text)"
    return None
