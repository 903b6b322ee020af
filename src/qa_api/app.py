"""The application: every router behind the gate. The only module that imports routers."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.orm import configure_mappers
from starlette.types import Scope

from qa_api import clock
from qa_api.actions.router import router as actions
from qa_api.audits.router import router as audits
from qa_api.audits.service import CONSTRAINT_REFUSALS as AUDIT_CONSTRAINTS
from qa_api.auth.tokens import Caller, TokenVerifier
from qa_api.board.router import router as board
from qa_api.calendars.router import router as calendars
from qa_api.case_events.router import BODY_TYPES
from qa_api.case_events.router import router as case_events
from qa_api.caseloads.router import FILE_TYPES
from qa_api.caseloads.router import router as caseloads
from qa_api.catalogue.router import router as catalogue
from qa_api.closure_gates.router import router as closure_gates
from qa_api.comments.router import router as comments
from qa_api.db import Database
from qa_api.directory.router import router as directory
from qa_api.due_audits.intervals import CONSTRAINT_REFUSALS as DUE_AUDIT_CONSTRAINTS
from qa_api.due_audits.router import router as due_audits
from qa_api.escalations.router import router as escalations
from qa_api.hand_overs.router import router as hand_overs
from qa_api.http import errors, openapi
from qa_api.http.contract import router as contract_file
from qa_api.http.cross_origin import CrossOrigin
from qa_api.http.docs import docs_router
from qa_api.http.fast_path import FastPath
from qa_api.http.files import FILES_AT_ONCE
from qa_api.http.first_page import first_page
from qa_api.http.gate import Gate
from qa_api.http.health import Check, health_router
from qa_api.http.metrics import Metrics
from qa_api.http.problem_pages import router as problem_pages
from qa_api.http.quotas import WHAT_IT_IS, Allowance, ClientClass, Quotas
from qa_api.http.table import Table
from qa_api.http.turns import Turns
from qa_api.live.hub import Hub
from qa_api.live.router import router as live
from qa_api.me.router import router as me
from qa_api.moderation.router import router as moderation
from qa_api.notifications.router import router as notifications
from qa_api.observations.router import router as observations
from qa_api.observations.service import CONSTRAINT_REFUSALS as OBSERVATION_CONSTRAINTS
from qa_api.planning.router import router as planning
from qa_api.practice_audits.router import router as practice_audits
from qa_api.reactions import REACTIONS
from qa_api.reads.cursors import Cursors
from qa_api.reads.lines import AccessLines
from qa_api.reads.purposes import PurposesInForce
from qa_api.records.router import router as records
from qa_api.reporting.pseudonyms import Pseudonyms
from qa_api.reporting.router import router as reporting
from qa_api.reporting.service import DOWNLOADS_AT_ONCE
from qa_api.responses.router import router as responses
from qa_api.retention.router import router as retention
from qa_api.retention.service import CONSTRAINT_REFUSALS as RETENTION_CONSTRAINTS
from qa_api.rulebook import Rulebook
from qa_api.scim.router import router as scim
from qa_api.settings import Settings
from qa_api.subjects.router import router as subjects
from qa_api.unusual_reads.router import router as unusual_reads
from qa_api.webhooks.router import router as webhooks
from qa_api.webhooks.targets import Targets
from qa_api.work import Workshop

CONSTRAINT_REFUSALS: errors.ConstraintRefusals = {
    **AUDIT_CONSTRAINTS,
    **DUE_AUDIT_CONSTRAINTS,
    **OBSERVATION_CONSTRAINTS,
    **RETENTION_CONSTRAINTS,
}
"""What the database holds, in words for callers."""

ROUTERS = (
    me,
    live,
    directory,
    subjects,
    calendars,
    catalogue,
    audits,
    due_audits,
    responses,
    actions,
    notifications,
    escalations,
    comments,
    case_events,
    closure_gates,
    planning,
    caseloads,
    moderation,
    practice_audits,
    observations,
    records,
    retention,
    unusual_reads,
    hand_overs,
    board,
    reporting,
    webhooks,
)

MESSAGES_AT_ONCE = 4
"""How many messages of case systems one process takes in at a time."""
NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""FastAPI tells of each request by its address, which may name a child's record, where the process
has a collector set up for it by its environment; and it looks for one at each request."""


@lru_cache(maxsize=1)
def contract() -> dict[str, Any]:
    """The contract of this release; it depends on no setting."""
    return openapi.build(create_app(Settings(environment="development")))


def create_app(settings: Settings) -> FastAPI:
    """The API as one application. It starts without a database and says so in `/readyz`."""
    clock.begin(settings.clock, settings.clock_file)
    metrics = Metrics()
    answered = asyncio.Event()

    def observe(scope: Scope, status: int, seconds: float) -> None:
        answered.set()
        metrics.observe(scope, status, seconds)

    app = FastAPI(
        title="qa_api",
        version=version("qa-api"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=_connecting(settings, answered),
    )
    _equip(app, settings)
    errors.install(app, CONSTRAINT_REFUSALS)
    described = (contract_file, docs_router()) if settings.serve_contract else ()
    first = first_page(version=app.version, serve_contract=settings.serve_contract)
    for router in (first, _health(app, settings, metrics), *described, problem_pages):
        app.include_router(router)
    app.router.routes.append(Table((*ROUTERS, scim)))
    app.add_middleware(FastPath, routers=ROUTERS)
    app.add_middleware(
        Gate,
        allowed_hosts=settings.allowed_hosts,
        max_body_bytes=settings.max_body_bytes,
        body_deadline_seconds=settings.body_deadline_seconds,
        body_types=BODY_TYPES,
        file_types=FILE_TYPES,
        observe=observe,
    )
    if settings.cors_origins:
        app.add_middleware(CrossOrigin, origins=settings.cors_origins)
    return app


def _connecting(
    settings: Settings, answered: asyncio.Event
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What surrounds the life of the application: its database, opened and closed."""

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        database = await Database.open(settings)
        app.state.database = database
        app.state.workshop = Workshop(database, Rulebook(), REACTIONS)
        app.state.hub = Hub(database, settings)
        app.state.access_lines = AccessLines(database)
        tied = asyncio.create_task(_tie_tables(after=answered))
        try:
            yield
        finally:
            if not answered.is_set():
                tied.cancel()
            await asyncio.wait({tied})
            await app.state.hub.close()
            await app.state.access_lines.close()
            await database.close()

    return connected


def _equip(app: FastAPI, settings: Settings) -> None:
    """Give the application what its routes share and the settings decide."""
    app.state.verifier = TokenVerifier(
        settings.token_issuers,
        leeway_seconds=settings.token_leeway_seconds,
        timeout_seconds=settings.jwks_timeout_seconds,
    )
    app.state.cursors = Cursors(settings.cursor_key())
    app.state.pseudonyms = Pseudonyms(settings.pseudonym_key())
    app.state.downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
    app.state.files = asyncio.Semaphore(FILES_AT_ONCE)
    app.state.settings = settings
    app.state.purposes = PurposesInForce()
    app.state.receiving = Turns(MESSAGES_AT_ONCE, patience_seconds=settings.message_wait_seconds)
    app.state.quotas = _quotas(app, settings)
    app.state.webhook_targets = Targets.read(settings.webhook_targets)


def _quotas(app: FastAPI, settings: Settings) -> Quotas:
    """What each class of callers may ask for, and how it is learnt who is of which."""

    def part(connections: int, share: float) -> int:
        return max(1, int(connections * share))

    async def what_it_is(caller: Caller) -> str | None:
        database: Database = app.state.database
        patience = database.pool_wait_seconds
        async with database.plain_reads.acquire(timeout=patience) as connection:
            found: str | None = await connection.fetchval(WHAT_IT_IS, caller.issuer, caller.subject)
            return found

    places = {
        ClientClass.PEOPLE: None,
        ClientClass.CASE_SYSTEMS: part(settings.pool_size, settings.share_case_systems),
        ClientClass.REPORTING: part(settings.read_pool_size, settings.share_reporting),
    }
    return Quotas(
        {each: Allowance(settings.quota(each), number) for each, number in places.items()},
        what_it_is,
        patience_seconds=settings.pool_wait_seconds,
        never_429=frozenset(f"POST {path}" for path in BODY_TYPES),
    )


def _health(app: FastAPI, settings: Settings, metrics: Metrics) -> APIRouter:
    """The routes that say whether the API lives and is ready, and what it counted."""

    async def database_can_be_written() -> None:
        database: Database = app.state.database
        await database.check_it_takes_changes()

    async def seals_are_in_time() -> None:
        database: Database = app.state.database
        since = await database.oldest_unsealed()
        metrics.tell_unsealed(clock.now() - since if since else timedelta())

    async def messages_are_taken_in() -> None:
        receiving: Turns = app.state.receiving
        if receiving.stand_still:
            raise TimeoutError

    return health_router(
        version=version("qa-api"),
        revision=settings.revision,
        checks={
            "database": Check(database_can_be_written),
            "case events": Check(messages_are_taken_in),
        },
        metrics=metrics if settings.serve_metrics else None,
        seals=Check(seals_are_in_time),
    )


async def _tie_tables(after: asyncio.Event) -> None:
    """Configure the mappers of SQLAlchemy in a thread, once the first answer has been given.

    It takes an eighth of a second. Done at the start it would delay readiness, which needs no
    mapper. The mappers live as long as the process, so the garbage collector passes them over.
    """
    await after.wait()
    await asyncio.to_thread(configure_mappers)
    gc.freeze()
