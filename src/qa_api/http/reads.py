"""Answering reads: run the one statement and send its bytes."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Self
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

import asyncpg
from fastapi import Request, Response
from fastapi.security import SecurityScopes

from qa_api import clock, problems
from qa_api.auth.actor import finding_the_caller
from qa_api.auth.roles import Permission, roles_with
from qa_api.auth.tokens import Caller
from qa_api.db import Database, Prepared
from qa_api.http.accept import preferred
from qa_api.http.access import caller_of, guards_as, permission_of
from qa_api.http.etags import etag, is_unchanged
from qa_api.http.list_tables import CSV, form_asked, table
from qa_api.http.request_context import context_of
from qa_api.reads.cursors import Cursors, KeyPart
from qa_api.reads.documents import Document
from qa_api.reads.lines import AccessLines, Line
from qa_api.reads.listings import Listing
from qa_api.reads.purposes import Purposes, PurposesInForce
from qa_api.rules.local_time import local_date
from qa_api.values.fields import Output
from qa_api.values.pages import ListForm, PageQuery, TableQuery

JSON = "application/json"

log = logging.getLogger(__name__)


class Reader:
    """Reads for one request, with the rights its caller has at this moment."""

    def __init__(self, request: Request, caller: Caller, permission: Permission) -> None:
        now = clock.now()
        self._request = request
        self._values: dict[str, Any] = {
            "issuer": caller.issuer,
            "subject": caller.subject,
            "now": now,
            "today": local_date(now),
            "permitted_roles": sorted(roles_with(permission)),
            "correlation_id": context_of(request.scope).correlation_id,
            "operation": permission.value,
        }

    @classmethod
    @guards_as("reader")
    async def of(cls, request: Request, scopes: SecurityScopes) -> Self:
        """The dependency: a reader for the caller and the permission that the route names."""
        return cls(request, await caller_of(request), permission_of(scopes))

    async def document(self, document: Document, **key: Any) -> Response:
        """The one resource, with its ETag, or 304; what the caller may not see is 404."""
        found = await self.found(document, **key)
        return self.answer(found["body"].encode(), found["version"])

    async def found(self, document: Document, **key: Any) -> asyncpg.Record:
        """`version` and `body` of the one resource; what the caller may not see is 404."""
        why = await self._asked_why() if document.logged else None
        rows: Sequence[asyncpg.Record] = ()
        for visible in document.tries:
            prepared = await document.ready(visible, why=why is not None, apart=True)
            rows = await self._run(prepared, {**key, **(why or {})}, logs=why is not None)
            if rows:
                break
        else:
            await self._refuse_strangers()
            raise problems.not_found()
        if why is not None:
            await self._refuse_without_purpose(rows)
        elif document.logged:
            await self._leave_line(rows)
        return rows[0]

    async def _asked_why(self) -> dict[str, Any] | None:
        """The parameters of a purpose; None where the policy in force asks for none."""
        purposes = await self._purposes()
        return None if purposes is None else purposes.values(self._request.headers)

    async def _purposes(self) -> Purposes | None:
        state = self._request.app.state
        in_force: PurposesInForce = state.purposes
        return await in_force.on(self.today, state.database)

    async def _refuse_without_purpose(self, rows: Sequence[asyncpg.Record]) -> None:
        if rows[0]["refused"]:
            log.info("refused for want of a purpose: %s", self._values["operation"])
            purposes = await self._purposes()
            raise problems.purpose_required(purposes.codes if purposes else ())

    def preferred(self, available: Sequence[str]) -> str:
        """The media type that the caller would like best; 406 where none will do."""
        return preferred(self._request.headers.get("accept"), available)

    @property
    def today(self) -> date:
        """The London date of this request."""
        today: date = self._values["today"]
        return today

    async def page(self, listing: Listing, query: PageQuery, **further: Any) -> Response:
        """One page of a list; the next one begins after the key of the last row shown.

        `further` are the parameters of what is listed, where it is computed from some.
        """
        listing = _sorted(listing, query)
        given = _filters_given(query)
        filters = frozenset(f"{_marked(value)}{name}" for name, value in given.items())
        cursors: Cursors = self._request.app.state.cursors
        values: dict[str, Any] = {f"given_{name}": value for name, value in given.items()}
        values |= further
        values["limit"] = query.limit
        if query.cursor is not None:
            key = cursors.read(query.cursor, listing.name, _as_keys(given))
            values |= {f"after_{n}": part for n, part in enumerate(key)}
        why = await self._asked_why() if listing.logged and not listing.own_work else None
        prepared = await listing.ready(filters, after=query.cursor is not None, why=why is not None)
        rows = await self._run(prepared, {**values, **(why or {})}, logs=why is not None)
        shown, cursor = rows[: query.limit], None
        if not rows:
            await self._refuse_strangers()
        elif why is not None:
            await self._refuse_without_purpose(rows)
        elif listing.logged:
            await self._leave_line(shown)
        if len(rows) > query.limit:
            key = tuple(shown[-1])[1 : 1 + len(listing.order)]
            cursor = cursors.write(listing.name, _as_keys(given), key)
        bodies = [row["body"] for row in shown]
        return self._written(listing, query, bodies, cursor)

    def _written(
        self, listing: Listing, query: PageQuery, rows: Sequence[str], cursor: str | None
    ) -> Response:
        """A page in the form that is asked for; the next one is in `Link` whatever the form."""
        headers = {"Link": next_link(self._request, cursor)} if cursor else {}
        if isinstance(query, TableQuery):
            headers["Vary"] = "Accept"
            form = form_asked(query.format, self._request.headers.get("accept"))
            if form is ListForm.CSV:
                headers["Content-Disposition"] = f'attachment; filename="{listing.name}.csv"'
                body = table(listing.shape.schema, rows)
                return Response(body, media_type=CSV, headers=headers)
        following = f'"{cursor}"' if cursor else "null"
        body = f'{{"items":[{",".join(rows)}],"next_cursor":{following}}}'
        return Response(body, media_type=JSON, headers=headers)

    async def rows(self, prepared: Prepared, **values: Any) -> Sequence[asyncpg.Record]:
        """The rows of a statement that stands behind the caller's context and logs nothing."""
        rows = await self._run(prepared, values)
        if not rows:
            await self._refuse_strangers()
        return rows

    def computed(self, found: Output, version: int) -> Response:
        """What was computed, not read, with its ETag, or 304."""
        return self.answer(found.model_dump_json().encode(), version)

    async def who(self) -> asyncpg.Record:
        """The caller as the database knows them now."""
        (who,) = await self.rows(finding_the_caller())
        return who

    async def _run(
        self, prepared: Prepared, values: Mapping[str, Any], *, logs: bool = False
    ) -> Sequence[asyncpg.Record]:
        """The rows of a statement; `logs`: it writes its line of the access log itself."""
        database: Database = self._request.app.state.database
        pool = database.logged_reads if logs else database.plain_reads
        arguments = prepared.arguments({**self._values, **values})
        async with pool.acquire(timeout=database.pool_wait_seconds) as connection:
            rows: Sequence[asyncpg.Record] = await connection.fetch(prepared.sql, *arguments)
        return rows

    async def _leave_line(self, shown: Sequence[asyncpg.Record]) -> None:
        """Go on when the line that says whom these rows show is on the disk."""
        values = self._values
        line = Line.of(shown, values["now"], values["correlation_id"], values["operation"])
        if line is not None:
            lines: AccessLines = self._request.app.state.access_lines
            await lines.write(line)

    async def _refuse_strangers(self) -> None:
        """Say 401 or 403 if the answer is empty because the caller has no rights at all."""
        who = await self._run(finding_the_caller(), {})
        if not who:
            raise problems.unauthenticated("The token names nobody known here.")
        if not who[0]["permitted"]:
            raise problems.forbidden(permission=self._values["operation"])

    def answer(
        self,
        body: bytes,
        version: int,
        *,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A representation of the resource with its ETag, or 304."""
        tag = etag(version, body)
        sent = {**(headers or {}), "ETag": tag}
        if is_unchanged(self._request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=sent)
        return Response(body, media_type=media_type, headers=sent)


def next_link(request: Request, cursor: str) -> str:
    """The `Link` header that names the following page."""
    asked = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
    query = urlencode([*(one for one in asked if one[0] != "cursor"), ("cursor", cursor)])
    return f'<{quote(request.scope["path"])}?{query}>; rel="next"'


def given_filters(query: PageQuery) -> dict[str, KeyPart]:
    """The filters that the caller set, as a cursor is bound to them."""
    return _as_keys(_filters_given(query))


_OF_PAGES: Final = frozenset({*TableQuery.model_fields, "sort"})
"""What a query says of the page and its order, and not of the rows."""


def _filters_given(query: PageQuery) -> dict[str, Any]:
    """The filters that the caller set; of several values each once, and one alone as it is."""
    return {
        name: _once_each(value) if isinstance(value, list) else value
        for name in type(query).model_fields
        if name not in _OF_PAGES and (value := getattr(query, name)) is not None
    }


def _once_each(values: Sequence[Any]) -> Any:
    once = sorted(set(values))
    return once[0] if len(once) == 1 else once


def _marked(value: Any) -> str:
    """How a statement knows what a filter is given: see `Listing.prepared`."""
    if value is False:
        return "!"
    return "+" if isinstance(value, list) else ""


def _as_keys(given: Mapping[str, Any]) -> dict[str, KeyPart]:
    return {
        name: value if isinstance(value, UUID) else _comparable(value)
        for name, value in given.items()
    }


def _comparable(value: Any) -> KeyPart:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def _sorted(listing: Listing, query: PageQuery) -> Listing:
    """The list in the order that is asked for; without one, in its own."""
    by: str | None = getattr(query, "sort", None)
    if by is None or (by == "due_on" and by not in listing.sorted):
        return listing
    return listing.reversed if by == "-due_on" and by not in listing.sorted else listing.sorted[by]
