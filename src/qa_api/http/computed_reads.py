"""Answering reads that a rule computes, since no single statement can."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request, Response
from fastapi.security import SecurityScopes
from pydantic import BaseModel

from qa_api.attempts import DATABASE_FAULTS
from qa_api.auth.roles import Permission
from qa_api.http.access import caller_of, guards_as, permission_of
from qa_api.http.etags import etag, is_unchanged
from qa_api.http.quotas import Quotas
from qa_api.http.reads import given_filters, next_link
from qa_api.http.request_context import context_of
from qa_api.http.writes import JSON
from qa_api.opening import IN_FORCE
from qa_api.reads.cursors import Cursors
from qa_api.replica import NotNow, Primary, Replica, said_of
from qa_api.values.fields import Output
from qa_api.values.pages import PageQuery
from qa_api.work import Work, Workshop

Row = TypeVar("Row", bound=BaseModel)
log = logging.getLogger(__name__)


@guards_as("reader")
async def computed_read(request: Request, scopes: SecurityScopes) -> AsyncIterator[Work]:
    """A work for reading only: for a caller with the permission, about no child."""
    async with _opened(request, scopes) as work:
        yield work


@asynccontextmanager
async def _opened(request: Request, scopes: SecurityScopes) -> AsyncIterator[Work]:
    caller = await caller_of(request)
    workshop: Workshop = request.app.state.workshop
    async with workshop.open(
        issuer=caller.issuer,
        subject=caller.subject,
        permission=permission_of(scopes),
        correlation_id=context_of(request.scope).correlation_id,
    ) as work:
        yield work


@guards_as("reader")
async def computed_report(request: Request, scopes: SecurityScopes) -> AsyncIterator[Work]:
    """The same for a report: who asks for one after another asks behind all others."""
    async with _behind_others(request), _opened(request, scopes) as work:
        yield work


@asynccontextmanager
async def _behind_others(request: Request) -> AsyncIterator[None]:
    """Wait, where one of one's own has just been made; before there is a connection."""
    quotas: Quotas = request.app.state.quotas
    async with quotas.behind_others(await caller_of(request)):
        yield


@guards_as("reader behind")
async def computed_behind(request: Request, scopes: SecurityScopes) -> AsyncIterator[Work]:
    """A report, from the replica where there is one and the caller may list no rows.

    Whoever may list rows looks for what they have just done, and a grant of theirs is a row too.
    """
    replica: Replica | None = request.app.state.database.replica
    async with (
        _behind_others(request),
        AsyncExitStack() as on_primary,
        AsyncExitStack() as there,
    ):
        work = await on_primary.enter_async_context(_opened(request, scopes))
        if replica is None or work.actor.holds(Permission.METRICS_BREAK_DOWN):
            yield work
            return
        try:
            behind = await there.enter_async_context(_on_replica(replica, work))
        except (NotNow, *DATABASE_FAULTS) as why:
            log.info("the primary answers instead of the replica: %s", said_of(why))
            await on_primary.aclose()  # a statement of it may have failed
            yield await on_primary.enter_async_context(_opened(request, scopes))
            return
        await on_primary.aclose()
        yield behind


@asynccontextmanager
async def _on_replica(replica: Replica, work: Work) -> AsyncIterator[Work]:
    """The same caller's work there, with the rules that are in force there. Raises NotNow."""
    primary = await Primary.asked(work.driver)
    async with replica.read(primary, exact=False) as followed:
        found = await followed.transaction.driver.fetchrow(IN_FORCE, work.today)
        if found is None:
            raise NotNow("it shows no rules")
        as_at = work.now - followed.behind
        yield replace(work, transaction=followed.transaction, as_at=as_at, **found)


def told_as_at(as_at: datetime | None) -> dict[str, str]:
    """The header of what a replica has answered: up to when it surely holds all, to a second."""
    if as_at is None:
        return {}
    return {"Data-As-At": as_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def answered(
    request: Request, version: int, found: Output, as_at: datetime | None = None
) -> Response:
    """What a rule decided, with its ETag, or 304. `as_at`: see `told_as_at`."""
    body = found.model_dump_json(by_alias=True).encode()
    tag = etag(version, body)
    headers = {"ETag": tag, **told_as_at(as_at)}
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


def listed(
    request: Request, name: str, query: PageQuery, rows: Sequence[Row], key: Callable[[Row], str]
) -> Response:
    """One page of computed rows; they are in the ascending order of a unique `key`."""
    cursors: Cursors = request.app.state.cursors
    given = given_filters(query)
    if query.cursor is not None:
        (last,) = cursors.read(query.cursor, name, given)
        rows = [row for row in rows if key(row) > str(last)]
    shown, cursor, headers = rows[: query.limit], None, {}
    if len(rows) > query.limit:
        cursor = cursors.write(name, given, (key(shown[-1]),))
        headers["Link"] = next_link(request, cursor)
    items = ",".join(row.model_dump_json(by_alias=True) for row in shown)
    following = f'"{cursor}"' if cursor else "null"
    body = f'{{"items":[{items}],"next_cursor":{following}}}'
    return Response(body, media_type=JSON, headers=headers)
