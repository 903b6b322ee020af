"""What is measured against, (b): the same resources as most FastAPI services are written.

Async SQLAlchemy ORM with `selectinload`, a session per request, a `response_model`. No token, no
visibility, no policies (it connects as the tables' owner), no access log, no events, no keys.
`allowed_actions` is left empty, which is in its favour.
"""

# The columns come from the tables, unseen by mypy.
# mypy: disable-error-code="attr-defined"
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from bench.plain_schemas import AuditIn, AuditOut, AuditPage
from qa_api import models
from qa_api.servers import dsn_arguments

METADATA = MetaData()


class Entity(DeclarativeBase):
    """Plain mappings of the service's own tables."""

    metadata = METADATA


for _name in sorted(models.Base.metadata.tables):
    models.Base.metadata.tables[_name].to_metadata(METADATA)


def _table(name: str) -> Any:
    return METADATA.tables[name]


class Subject(Entity):
    __table__ = _table("subjects")


class SubjectAlias(Entity):
    __table__ = _table("subject_aliases")


class AuditType(Entity):
    __table__ = _table("audit_types")


class AuditTool(Entity):
    __table__ = _table("audit_tools")


class Answer(Entity):
    __table__ = _table("audit_answers")

    @property
    def applies(self) -> bool:
        """As the answer of a completed audit says it."""
        return not self.left_out


class Judgement(Entity):
    __table__ = _table("domain_judgements")


class Attempt(Entity):
    __table__ = _table("family_contact_attempts")


class FamilyContact(Entity):
    __table__ = _table("family_contacts")
    contacts = relationship(Attempt, order_by=Attempt.number)


class WorkerView(Entity):
    __table__ = _table("worker_views")


class OwnView(Entity):
    __table__ = _table("own_views")


class Revision(Entity):
    __table__ = _table("audit_revisions")


class UrgentFinding(Entity):
    __table__ = _table("urgent_findings")


class Action(Entity):
    __table__ = _table("restorative_actions")


class DueDate(Entity):
    __table__ = _table("audit_due_dates")


class Audit(Entity):
    __table__ = _table("audits")
    subject = relationship(Subject)
    answers = relationship(Answer, order_by=Answer.question_key)
    judgements = relationship(Judgement, order_by=Judgement.domain_key)
    family_contact = relationship(FamilyContact, uselist=False)
    worker_view = relationship(WorkerView, uselist=False)
    own_view = relationship(OwnView, uselist=False)
    revisions = relationship(Revision, order_by=Revision.number)
    urgent_findings = relationship(UrgentFinding, order_by=UrgentFinding.id)
    actions = relationship(Action, order_by=Action.id)
    owed = relationship(DueDate, uselist=False)


WHOLE: tuple[ORMOption, ...] = (
    selectinload(Audit.subject),
    selectinload(Audit.answers),
    selectinload(Audit.judgements),
    selectinload(Audit.family_contact).selectinload(FamilyContact.contacts),
    selectinload(Audit.worker_view),
    selectinload(Audit.own_view),
    selectinload(Audit.revisions),
    selectinload(Audit.urgent_findings),
    selectinload(Audit.actions),
    selectinload(Audit.owed),
)


def create_app(owner_url: str) -> FastAPI:
    """The application over the database at `owner_url`."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args=dsn_arguments(owner_url)
        | {"server_settings": {"jit": "off", "timezone": "UTC"}},
        pool_size=10,
        max_overflow=0,
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session)]  # noqa: N806  # a type
    app = FastAPI()

    @app.get("/v1/audits/{audit_id}", response_model=AuditOut)
    async def get_audit(audit_id: UUID, session: Session) -> Audit:
        audit = await session.get(Audit, audit_id, options=WHOLE)
        if audit is None:
            raise HTTPException(404)
        return audit

    @app.get("/v1/audits", response_model=AuditPage)
    async def list_audits(
        team: str, state: str, after: UUID, session: Session, limit: int = 50
    ) -> dict[str, Any]:
        found = await session.scalars(
            select(Audit)
            .where(Audit.team == team, Audit.state == state, Audit.id < after)
            .order_by(Audit.id.desc())
            .limit(limit + 1)
            .options(selectinload(Audit.subject))
        )
        audits = found.all()
        following = str(audits[limit - 1].id) if len(audits) > limit else None
        return {"items": audits[:limit], "next_cursor": following}

    @app.post("/v1/audits", response_model=AuditOut, status_code=201)
    async def post_audit(body: AuditIn, session: Session) -> Audit:
        subject = (
            await session.scalars(
                select(Subject)
                .join(SubjectAlias, SubjectAlias.subject_id == Subject.id)
                .where(
                    SubjectAlias.system == body.subject.system,
                    SubjectAlias.ref == body.subject.ref,
                )
            )
        ).one()
        tool = (
            await session.scalars(
                select(AuditTool)
                .join(AuditType, AuditType.tool_code == AuditTool.code)
                .where(AuditType.code == body.type, AuditTool.state == "published")
            )
        ).one()
        now = datetime.now(UTC)  # noqa: TID251  # no part of the service
        held = {"subject_id": subject.id, "team": subject.team, "worker": subject.worker}
        audit = Audit(
            id=uuid4(),
            type=body.type,
            subject=subject,
            team=subject.team,
            worker=subject.worker,
            tool_id=tool.id,
            scale_code=tool.scale_code,
            scale_number=tool.scale_number,
            overall_asked=tool.overall,
            opened_by="person",
            policy_version=1,
            auditor=body.auditor,
            audited_worker=subject.worker,
            audited_team=subject.team,
            planned_at=now,
            started_at=now,
            state="in_progress",
            answers=[
                Answer(**held, **answer.model_dump(), tool_id=tool.id, answered_at=now, version=1)
                for answer in body.answers
            ],
            actions=[
                Action(
                    id=uuid4(),
                    **held,
                    **action.model_dump(),
                    state="open",
                    version=1,
                )
                for action in body.actions
            ],
            judgements=[],
            revisions=[],
            urgent_findings=[],
            family_contact=None,
            worker_view=None,
            own_view=None,
            owed=None,
            version=1,
        )
        session.add(audit)
        await session.commit()
        return audit

    return app
