"""Reports on an authority of chance, as they are presented, one version after the other.

Rows are written as plainly as the database takes them. Nothing of it is committed, so each story
has the quarter to itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from qa_api.audits.amending import said_by
from qa_api.board.reports import draft_report, present_report
from qa_api.board.schemas import BoardReportDraft
from qa_api.board.serving import WHOLE_AUTHORITY
from qa_api.models.access import Principal
from qa_api.models.audits import Audit, AuditRevision, FamilyContact, FamilyContactAttempt
from qa_api.models.base import new_id
from qa_api.models.board import BoardReport, QaUpdate, QaUpdateSubmission
from qa_api.models.catalogue import AuditTool
from qa_api.models.directory import Service, TeamService
from qa_api.models.escalations import Escalation
from qa_api.models.moderation import ModerationMember, ModerationOutcome
from qa_api.models.planning import PlanTheme, QuarterPlan, Theme
from qa_api.models.subjects import Subject
from qa_api.rules.local_time import FinancialQuarter
from qa_api.subjects.service import hand_over
from qa_api.values.preconditions import Precondition
from qa_api.work import Work
from tests.board.authorities import BAD, SERVICES, THEMES, Authority, Row
from tests.board.conftest import NARRATIVE
from tests.board.numbers_told import Document
from tests.escalations.explained import due_now
from tests.moderation.draws import draw_of
from tests.responses.casework import Service as Running

QUARTER: Final = FinancialQuarter.labelled("2026-27 Q2")
_PERIODS: Final = ("2012-12", "2013-10")
"""Of the samples; no other draw is of these."""
_FIRST: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Undone(Exception):
    """Ends a story, and with it all that was written for it."""


def documents(service: Running, story: Sequence[Authority]) -> Sequence[Document]:
    """What each version tells of an authority."""
    found: list[Document] = []

    async def tell(work: Work) -> None:
        telling = Telling(work)
        await telling.begin()
        found.extend([await telling.report(authority) for authority in story])
        raise Undone

    try:
        service.work(tell)
    except Undone:
        return found
    raise AssertionError("a story leaves nothing behind")


class Telling:
    """The reports on an authority, told in one work."""

    def __init__(self, work: Work) -> None:
        """`work` is the service's own."""
        self.work, self.written = work, dict[UUID, Row]()
        self.submitted, self.versions = frozenset[str](), 0

    async def begin(self) -> None:
        """What all audits refer to."""
        # A fourth one: among three the heads of two know too much for much to be told.
        await self._added([Service(code="disability", name="Children with disabilities")])
        own = [team for team, service in SERVICES.items() if service == "disability"]
        moved = update(TeamService).where(TeamService.team.in_(own)).values(service="disability")
        await self.work.session.execute(moved)
        asked = select(AuditTool).where(AuditTool.overall == "required").limit(1)
        self.tool = (await self.work.session.scalars(asked)).one()
        drafted = datetime(2026, 6, 1, tzinfo=UTC)
        self.plan = QuarterPlan(
            id=new_id(),
            quarter=QUARTER.label,
            number=1,
            audit_type="themed",
            drafted_at=drafted,
            state="draft",
        )
        themes = [Theme(code=one, title=one, sources=[]) for one in THEMES]
        await self._added([self.plan, *themes])
        await self._added(
            PlanTheme(plan_id=self.plan.id, theme=one, source="Complaints") for one in THEMES
        )
        self.plan.state, self.plan.published_at = "published", drafted
        people = select(Principal.id).where(Principal.worker.in_(("qs-1", "qs-2")))
        self.confirming = (await self.work.session.scalars(people)).all()
        await self.work.session.flush()

    async def report(self, authority: Authority) -> Document:
        """What the next version of the report tells."""
        self.work = replace(self.work, now=_FIRST.replace(day=_FIRST.day + self.versions))
        self.versions += 1
        await self._write(authority)
        report, every = new_id(), replace(self.work, actor=WHOLE_AUTHORITY)
        draft = BoardReportDraft(quarter=QUARTER.label, title="July to September", summary=None)
        await draft_report(every, report, draft)
        await every.session.flush()
        await present_report(every, report, Precondition(any_version=True))
        await every.session.flush()
        found = await every.session.get_one(BoardReport, report)
        assert found.snapshot is not None
        return dict(found.snapshot)

    async def _write(self, authority: Authority) -> None:
        """The rows as they are now."""
        before = self.written
        await self._come({key: row for key, row in authority.rows.items() if key not in before})
        if not before:
            await self._find_urgent(authority)
        for key, row in before.items():
            if (now := authority.rows.get(key)) != row:
                await self._change(key, row, now)
        moderated = {
            key: row
            for key, row in authority.rows.items()
            if row.after and (key not in before or not before[key].after)
        }
        await self._moderate(moderated)
        await self._submit(authority.submitted - self.submitted)
        self.written, self.submitted = dict(authority.rows), authority.submitted
        await self.work.session.flush()
        self.work.session.expunge_all()

    # --- audits ---

    async def _come(self, rows: Mapping[UUID, Row]) -> None:
        children = {key: self._child(row) for key, row in rows.items()}
        await self._added(children.values())
        audits = {key: self._audit(key, row, children[key]) for key, row in rows.items()}
        await self._added(audits.values())
        heard = [(key, _held(row, children[key])) for key, row in rows.items() if row.heard]
        await self._added(FamilyContact(audit_id=key, expected=True, **of) for key, of in heard)
        spoken = {"who": "Mother", "how": "Telephone", "at": self.work.now, "outcome": "spoken"}
        await self._added(
            FamilyContactAttempt(audit_id=key, number=1, **spoken, **of) for key, of in heard
        )
        for key, row in rows.items():
            audit = audits[key]
            audit.completed_at, audit.completed_on = _completed_at(row), _completed_at(row).date()
            audit.overall_judgement, audit.overall_rationale = row.judgement, "Seen."
            audit.state = "completed"
        await self.work.session.flush()
        due = await due_now(self.work)
        await self._added(
            Escalation(
                id=new_id(),
                trigger="inadequate_judgement",
                audit_id=key,
                raised_at=_completed_at(row),
                **due,
                state="raised",
                **_held(row, children[key]),
            )
            for key, row in rows.items()
            if row.judgement == BAD
        )

    def _child(self, row: Row) -> Subject:
        id_ = new_id()
        return Subject(
            id=id_,
            kind="child",
            system="mosaic",
            ref=str(id_),
            team=row.team,
            worker=f"sw1-{row.team}",
            restricted=False,
        )

    def _audit(self, key: UUID, row: Row, child: Subject) -> Audit:
        plan, team = (self.plan.id, row.team) if row.theme else (None, None)
        return Audit(
            id=key,
            type="collaborative",
            tool_id=self.tool.id,
            scale_code=self.tool.scale_code,
            scale_number=self.tool.scale_number,
            opened_by="person",
            policy_version=self.work.policy_version,
            auditor=row.auditor,
            audited_worker=f"sw1-{row.team}",
            audited_team=row.team,
            planned_at=_completed_at(row),
            started_at=_completed_at(row),
            state="in_progress",
            plan_id=plan,
            plan_team=team,
            theme_code=row.theme,
            **_held(row, child),
        )

    async def _find_urgent(self, authority: Authority) -> None:
        """Alerts of urgent findings, about the first child of each team."""
        due, first = await due_now(self.work), dict[str, UUID]()
        for key, row in authority.rows.items():
            first.setdefault(row.team, key)
        audits = [await self.work.session.get_one(Audit, key) for key in first.values()]
        await self._added(
            Escalation(
                id=new_id(),
                trigger="urgent_finding",
                audit_id=audit.id,
                raised_at=audit.completed_at,
                **due,
                state="raised",
                subject_id=audit.subject_id,
                team=audit.team,
                worker=audit.worker,
                restricted=False,
            )
            for audit in audits
            for _ in range(authority.urgent)
        )

    async def _change(self, key: UUID, row: Row, now: Row | None) -> None:
        """It was of the wrong child, its judgement is amended, or its case goes to another team."""
        audit = await self.work.session.get_one(Audit, key)
        if now is None:
            audit.error_reported_by, second = self.confirming
            await self.work.session.flush()
            audit.recorded_in_error_at, audit.error_confirmed_by = self.work.now, second
            await self.work.session.flush()
            return
        if now.judgement != row.judgement:
            said = await said_by(self.work, audit)
            kept = {"number": audit.revision, "reason": "It was worse.", "content": said}
            await self._added(
                [AuditRevision(audit_id=key, replaced_at=self.work.now, **kept, **_of(audit))]
            )
            audit.overall_judgement, audit.revision = now.judgement, audit.revision + 1
            await self.work.session.flush()
        if now.team != row.team:
            subject = await self.work.session.get_one(Subject, audit.subject_id)
            await hand_over(self.work, subject, team=now.team, worker=None, at=self.work.now)
        await self.work.session.flush()

    # --- moderation, updates ---

    async def _moderate(self, rows: Mapping[UUID, Row]) -> None:
        """All that were moderated since the last version, as one open sample."""
        if not rows:
            return
        session, after = self.work.session, QUARTER.next.starts_on
        first = QUARTER.starts_on.replace(day=self.versions)
        sample = await draw_of(self.work, _PERIODS[self.versions - 1], first, after)
        found = [await session.get_one(Audit, key) for key in rows]
        await self._added(_member(sample.id, audit) for audit in found)
        outcomes = [_outcome(sample.id, at, audit) for at, audit in enumerate(found, 1)]
        await self._added(outcomes)
        for outcome, row in zip(outcomes, rows.values(), strict=True):
            outcome.moderated_judgement, outcome.moderated_rationale = row.after, "Seen."
            outcome.moderated_at, outcome.moderated_by = self.work.now, outcome.moderator
        await session.flush()

    async def _submit(self, services: Collection[str]) -> None:
        begun = {
            "quarter": QUARTER.label,
            "explanation": {},
            "policy_version": self.work.policy_version,
            "calendar_version": self.work.calendar_version,
            "begun_at": self.work.now,
            "figures": {},
        }
        updates = [QaUpdate(id=new_id(), service=code, state="draft", **begun) for code in services]
        await self._added(updates)
        await self._added(
            QaUpdateSubmission(
                update_id=one.id,
                number=1,
                submitted_at=self.work.now,
                narrative=NARRATIVE,
                figures={},
            )
            for one in updates
        )

    async def _added(self, things: Iterable[Any]) -> None:
        self.work.session.add_all(things)
        await self.work.session.flush()


def _completed_at(row: Row) -> datetime:
    return datetime(2026, row.month, 16, 9, tzinfo=UTC)


def _held(row: Row, child: Subject) -> dict[str, Any]:
    return {
        "subject_id": child.id,
        "team": row.team,
        "worker": f"sw1-{row.team}",
        "restricted": False,
    }


def _of(audit: Audit) -> dict[str, Any]:
    names = ("subject_id", "team", "worker", "restricted")
    return {name: getattr(audit, name) for name in names}


def _member(sample: UUID, audit: Audit) -> ModerationMember:
    return ModerationMember(
        sample_id=sample,
        audit_id=audit.id,
        audit_type=audit.type,
        judgement=audit.overall_judgement,
        audited_team=audit.audited_team,
        drawn=True,
        **_of(audit),
    )


def _outcome(sample: UUID, position: int, audit: Audit) -> ModerationOutcome:
    return ModerationOutcome(
        id=new_id(),
        sample_id=sample,
        audit_id=audit.id,
        position=position,
        auditor=audit.auditor,
        audit_type=audit.type,
        audit_revision=audit.revision,
        completed_on=audit.completed_on,
        scale_code=audit.scale_code,
        scale_number=audit.scale_number,
        auditor_judgement=audit.overall_judgement,
        auditor_rationale=audit.overall_rationale,
        sealed=False,
        unsealed_because="policy",
        moderator="qs-1",
        **_of(audit),
    )
