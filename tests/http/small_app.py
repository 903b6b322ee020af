"""A small application behind the gate, as the service is behind it."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Literal

import asyncpg
import httpx
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from starlette.responses import StreamingResponse

from qa_api.http import docs, errors, health, problem_pages
from qa_api.http.etags import read_if_match
from qa_api.http.gate import Gate
from qa_api.http.idempotency import require_key
from qa_api.http.metrics import Metrics
from qa_api.http.route import StrictRoute
from qa_api.problems import forbidden, unauthenticated
from qa_api.rules.decision import Missing, NotAllowedInState, RuleRefused
from qa_api.settings import Settings
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Number,
    Output,
    PageSize,
    QueryFlag,
    Reference,
    ShortText,
    Text,
    Uuid,
)

LIMIT = 10_000


class Kind(StrEnum):
    COMPLIANCE = "compliance"
    SAFETY = "safety"


class ActionIn(Input):
    kind: Choice[Kind]
    text: Text
    due_on: IsoDate | None = None


class YesNo(Input):
    answer_kind: Literal["yes_no"]
    value: bool


class Written(Input):
    answer_kind: Literal["text"]
    value: ShortText


class AuditIn(Input):
    subject: Reference
    audit_type: Code
    auditor: Uuid | None = None
    started_at: Instant | None = None
    due_on: IsoDate
    actions: Few[ActionIn]
    answers: Annotated[dict[Key, YesNo | Written], None] | None = None
    score: Number | None = None
    round: Count | None = None
    restricted: bool = False


class AuditOut(Output):
    due_on: IsoDate
    started_at: Instant | None
    actions: Count


router = APIRouter(prefix="/v1", route_class=StrictRoute)


@router.get("/audits")
async def list_audits(
    limit: PageSize = 50,
    state: Annotated[list[Code] | None, Query()] = None,
    due_from: IsoDate | None = None,
    changed_from: Instant | None = None,
    overdue: QueryFlag | None = None,
    worker: Uuid | None = None,
    kind: Choice[Kind] | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> dict[str, int]:
    return {"limit": limit}


@router.post("/audits", status_code=201)
async def create_audit(
    audit: AuditIn, idempotency_key: Annotated[str | None, Header()] = None
) -> AuditOut:
    require_key(idempotency_key)
    return AuditOut(due_on=audit.due_on, started_at=audit.started_at, actions=len(audit.actions))


@router.get("/audits/{audit_id}")
async def read_audit(audit_id: Uuid) -> dict[str, str]:
    return {"id": str(audit_id)}


@router.patch("/audits/{audit_id}")
async def change_audit(
    audit_id: Uuid, audit: AuditIn, if_match: Annotated[str | None, Header()] = None
) -> dict[str, str]:
    read_if_match(if_match).check(3)
    return {"id": str(audit_id)}


@router.post("/audits/{audit_id}/complete")
async def complete_audit(audit_id: Uuid) -> dict[str, str]:
    return {"id": str(audit_id)}


@router.post("/events")
async def accept_event(event: dict[str, object]) -> dict[str, int]:
    return {"members": len(event)}


def guard(authorization: Annotated[str | None, Header()] = None) -> None:
    if authorization is None:
        raise unauthenticated()
    raise forbidden()


@router.get("/guarded", dependencies=[Depends(guard)])
async def guarded() -> dict[str, str]:
    return {}


class DriverError(Exception):
    """What SQLAlchemy's wrapper of the driver looks like: the real error is its cause."""


FAULTS: dict[str, Exception] = {
    "bug": ZeroDivisionError("SECRET"),
    "deep": RecursionError("SECRET"),
    "unique": asyncpg.UniqueViolationError("SECRET"),
    "foreign-key": asyncpg.ForeignKeyViolationError("SECRET"),
    "deadlock": asyncpg.DeadlockDetectedError("SECRET"),
    "lock": asyncpg.LockNotAvailableError("SECRET"),
    "cancelled": asyncpg.QueryCanceledError("SECRET"),
    "lost": asyncpg.ConnectionDoesNotExistError("SECRET"),
    "interface": asyncpg.InterfaceError("SECRET"),
    "refused": ConnectionRefusedError("SECRET"),
    "slow": TimeoutError("SECRET"),
    "policy": asyncpg.InsufficientPrivilegeError("SECRET"),
    "range": asyncpg.NumericValueOutOfRangeError("SECRET"),
    "syntax": asyncpg.PostgresSyntaxError("SECRET"),
    "stale": StaleDataError("SECRET"),
    "rule": RuleRefused("no-auditor", "R4.1.8", "Nobody audits their own work.", "auditor"),
    "rules": RuleRefused(
        "incomplete",
        "R4.2.3",
        "An action is missing.",
        missing=(Missing("/actions/1", "missing", "Say how it is addressed."),),
    ),
    "state": NotAllowedInState("R4.1.5", "audit", "completed", ("amend",)),
}


@router.get("/faults/{name}")
async def fail(name: str) -> dict[str, str]:
    if name in FAULTS:
        raise FAULTS[name]
    wrapped = DriverError("SECRET")
    wrapped.__cause__ = FAULTS[name.removeprefix("orm-")]
    raise OperationalError("SECRET statement", {"p": "SECRET"}, wrapped)


@router.get("/half")
async def half_an_answer() -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError("SECRET")

    return StreamingResponse(parts())


async def database_is_there() -> None:
    return None


async def broker_is_gone() -> None:
    raise ConnectionRefusedError("SECRET")


async def nothing_waits() -> None:
    pass


def small_app(*, ready: bool = True) -> FastAPI:
    app = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None)
    metrics = Metrics()
    check = database_is_there if ready else broker_is_gone
    app.include_router(router)
    app.include_router(problem_pages.router)
    app.include_router(docs.docs_router())
    app.include_router(
        health.health_router(
            version="1.2.3",
            revision=None,
            checks={"database": health.Check(check)},
            metrics=metrics,
            seals=health.Check(nothing_waits if ready else broker_is_gone),
        )
    )
    app.state.settings = Settings(environment="development")
    errors.install(app)
    app.add_middleware(
        Gate,
        allowed_hosts=["qa.example"],
        max_body_bytes=LIMIT,
        body_deadline_seconds=0.2,
        body_types={"/v1/events": {"application/cloudevents+json"}},
        observe=metrics.observe,
    )
    return app


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=True),
        base_url="http://qa.example",
    )
