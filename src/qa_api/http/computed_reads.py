"""Answering reads that a rule computes, since no single statement can."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from fastapi import Request, Response
from fastapi.security import SecurityScopes
from pydantic import BaseModel

from qa_api.http.access import caller_of, guards_as, permission_of
from qa_api.http.etags import etag, is_unchanged
from qa_api.http.reads import given_filters, next_link
from qa_api.http.request_context import context_of
from qa_api.http.writes import JSON
from qa_api.reads.cursors import Cursors
from qa_api.values.fields import Output
from qa_api.values.pages import PageQuery
from qa_api.work import Work, Workshop

Row = TypeVar("Row", bound=BaseModel)


@guards_as("reader")
async def computed_read(request: Request, scopes: SecurityScopes) -> AsyncIterator[Work]:
    """A work for reading only: for a caller with the permission, about no child."""
    caller = await caller_of(request)
    workshop: Workshop = request.app.state.workshop
    async with workshop.open(
        issuer=caller.issuer,
        subject=caller.subject,
        permission=permission_of(scopes),
        correlation_id=context_of(request.scope).correlation_id,
    ) as work:
        yield work


def answered(request: Request, version: int, found: Output) -> Response:
    """What a rule decided, with its ETag, or 304."""
    body = found.model_dump_json(by_alias=True).encode()
    tag = etag(version, body)
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type=JSON, headers={"ETag": tag})


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
