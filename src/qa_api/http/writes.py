"""Answering changes: one transaction, committed before the answer leaves, each request once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from fastapi import Request, Response
from fastapi.security import SecurityScopes

from qa_api import problems
from qa_api.auth.tokens import Caller
from qa_api.db import Found, Prepared
from qa_api.http.access import caller_of, guards_as, permission_of
from qa_api.http.etags import etag, read_if_match, read_precondition
from qa_api.http.files import digest_of_file
from qa_api.http.idempotency import digest_of, fingerprint, read_key, require_key, sealed
from qa_api.http.quotas import Quotas
from qa_api.http.request_context import context_of
from qa_api.http.turns import Turns
from qa_api.models.base import new_id
from qa_api.opening import TAKE_KEY, RequestKey
from qa_api.reads.documents import Document
from qa_api.reads.purposes import Purposes, PurposesInForce
from qa_api.values.preconditions import Precondition
from qa_api.work import Work, Workshop

P = ParamSpec("P")
T = TypeVar("T")
JSON = "application/json"


_TAKE_KEY = Prepared(
    TAKE_KEY.format(
        who="$1", digest="$2", fingerprint="$3", created_id="$4", now="$5::timestamptz", found=""
    ),
    ("principal_id", "digest", "fingerprint", "created_id", "now"),
)
_EARLIER = Prepared(
    "SELECT fingerprint, created_id FROM idempotency_keys WHERE principal_id = $1 AND digest = $2",
    ("principal_id", "digest"),
)


class Change:
    """One change asked for by one request. `do` carries it out, at most once per key."""

    def __init__(
        self, request: Request, caller: Caller, work: Work, id_: UUID, *, replayed: bool = False
    ) -> None:
        self.work = work
        self._request = request
        self._caller = caller
        self._replayed = replayed
        self.id = id_
        """The id of what a create makes; a replay has the id that was made then."""

    @classmethod
    @guards_as("change")
    async def of(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of what changes a version that is named: a step, a replacement."""
        async with cls._keyed(request, scopes) as change:
            yield change

    @classmethod
    @guards_as("putting")
    async def putting(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a PUT that replaces a version or creates what is not there yet."""
        async with cls._keyed(request, scopes) as change:
            yield change

    @classmethod
    @guards_as("repeating")
    async def repeating(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a change that can be repeated without harm, on any version."""
        async with cls._keyed(request, scopes) as change:
            yield change

    @classmethod
    @guards_as("creating")
    async def creating(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a POST that answers 201: an Idempotency-Key must be given."""
        key = require_key(request.headers.get("idempotency-key"))
        async with cls._opened(request, scopes, await caller_of(request), key) as change:
            yield change

    @classmethod
    @guards_as("receiving")
    async def receiving(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a POST whose messages carry a key of their own (case events).

        A burst of messages waits here, where it costs nothing; waiting for each other in the
        database they would use up the connections that people need.
        """
        turns: Turns = request.app.state.receiving
        caller = await caller_of(request)
        async with turns.taken(), cls._opened(request, scopes, caller) as change:
            yield change

    @classmethod
    @guards_as("receiving")
    async def receiving_many(
        cls, request: Request, scopes: SecurityScopes
    ) -> AsyncIterator["Change"]:
        """The dependency of a POST of many messages at once, which is long work: behind people.

        It waits before it has a turn or a connection, and rests when it has given both back.
        """
        quotas: Quotas = request.app.state.quotas
        turns: Turns = request.app.state.receiving
        caller = await caller_of(request)
        async with (
            quotas.behind_people(turns.patience_seconds),
            turns.taken(),
            cls._opened(request, scopes, caller) as change,
        ):
            yield change

    @classmethod
    @guards_as("receiving")
    async def looking(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a POST that changes nothing: it needs no version and no key."""
        caller = await caller_of(request)
        # It may look through years of rows, for which PostgreSQL had better know which.
        async with cls._opened(request, scopes, caller, planned_once=False) as change:
            yield change

    @classmethod
    @guards_as("receiving")
    async def acting(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """The dependency of a POST that says itself what it is to be done to: no version, no key.

        Sent again it finds what is left to do.
        """
        async with cls._opened(request, scopes, await caller_of(request)) as change:
            yield change

    @classmethod
    @asynccontextmanager
    async def _keyed(cls, request: Request, scopes: SecurityScopes) -> AsyncIterator["Change"]:
        """With the key, where one is given."""
        caller, key = await caller_of(request), read_key(request.headers.get("idempotency-key"))
        async with cls._opened(request, scopes, caller, key) as change:
            yield change

    @classmethod
    @asynccontextmanager
    async def _opened(
        cls,
        request: Request,
        scopes: SecurityScopes,
        caller: Caller,
        key: str | None = None,
        *,
        planned_once: bool = True,
    ) -> AsyncIterator["Change"]:
        """With the key, where there is one. Another request that has taken it is waited for."""
        workshop: Workshop = request.app.state.workshop
        id_, replayed = new_id(), False
        taking = None if key is None else _as_kept(request, key, _asked(request), id_)
        async with workshop.open(
            issuer=caller.issuer,
            subject=caller.subject,
            permission=permission_of(scopes),
            correlation_id=context_of(request.scope).correlation_id,
            key=taking,
            planned_once=planned_once,
        ) as work:
            if taking is not None and not work.key_taken:
                id_, replayed = await _made_before(work, taking), True
            yield cls(request, caller, work, id_, replayed=replayed)

    @property
    def issuer(self) -> str:
        """The issuer of the token with which it is asked for."""
        return self._caller.issuer

    @property
    def if_match(self) -> Precondition:
        """The version that the change is based on; 428 where the request does not say."""
        return read_if_match(self._request.headers.get("if-match"))

    @property
    def precondition(self) -> Precondition:
        """The same for a PUT, which may also create with `If-None-Match: *`."""
        headers = self._request.headers
        return read_precondition(headers.get("if-match"), headers.get("if-none-match"))

    async def do(
        self,
        act: Callable[Concatenate[Work, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """Carry out the change, unless this very request has been carried out before."""
        return None if self._replayed else await act(self.work, *args, **kwargs)

    async def step(
        self,
        document: Document,
        act: Callable[Concatenate[Work, UUID, Precondition, P], Awaitable[T]],
        id_: UUID,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Take a step on the resource of an id, based on the version named, and answer it then."""
        await self.do(act, id_, self.if_match, *args, **kwargs)
        return await self.document(document, id=id_)

    async def document(self, document: Document, *, status: int = 200, **key: Any) -> Response:
        """The resource as this change leaves it, as its caller may see it."""
        row = await self._read(document, key)
        if row is None:
            raise problems.not_found()
        body = row["body"].encode()
        headers = {"ETag": etag(row["version"], body)}
        if self._replayed:
            headers["Idempotent-Replayed"] = "true"
        return Response(body, status, media_type=JSON, headers=headers)

    async def created(self, document: Document, location: str, **key: Any) -> Response:
        """201 with the resource and where it is from now on."""
        response = await self.document(document, status=201, **(key or {"id": self.id}))
        response.headers["Location"] = location
        return response

    async def once(self, key: str, asked: Any) -> tuple[UUID, bool]:
        """Take the key of one item of a batch: the id for it, and whether it was done before.

        `asked` is what the item asks for; the same key for something else is 422.
        """
        taking = _as_kept(self._request, key, (b"", asked), new_id())
        values = {name: getattr(taking, name) for name in RequestKey.__dataclass_fields__}
        who = self.work.actor.principal_id
        if await self.work.run(_TAKE_KEY, principal_id=who, now=self.work.now, **values):
            return taking.created_id, False
        return await _made_before(self.work, taking), True

    async def _read(self, document: Document, key: dict[str, Any]) -> Found | None:
        values = {
            "issuer": self._caller.issuer,
            "subject": self._caller.subject,
            "now": self.work.now,
            "today": self.work.today,
            "permitted_roles": sorted(self.work.actor.roles),
            "correlation_id": self.work.correlation_id,
            "operation": f"{self._request.method.lower()}:{self._operation}",
            **key,
        }
        await self.work.flush()
        purposes = await self._purposes_asked(document)
        why = {} if purposes is None else purposes.values(self._request.headers)
        for visible in document.tries:
            prepared = await document.ready(visible, why=bool(why))
            if rows := await self.work.run(prepared, **values, **why):
                if purposes is not None and rows[0].refused:
                    raise problems.purpose_required(purposes.codes)
                return rows[0]
        return None

    async def _purposes_asked(self, document: Document) -> Purposes | None:
        """The purposes of which the answer takes one; None of a change that has changed anything.

        What somebody does is in the event log; where nothing came of it, it is a read (ADR 30).
        """
        if not document.logged or self._replayed or self.work.stamp is not None:
            return None
        state = self._request.app.state
        in_force: PurposesInForce = state.purposes
        return await in_force.on(self.work.today, state.database)

    @property
    def _operation(self) -> str:
        return str(self._request.scope["route"].operation_id or self._request.scope["route"].name)


def _asked(request: Request) -> tuple[bytes, Any]:
    """What a request asks for: its query and its document, or the digest of its file."""
    context = context_of(request.scope)
    document = context.document if context.file is None else digest_of_file(context.file)
    return request.scope["query_string"], document


def _as_kept(request: Request, key: str, asked: tuple[bytes, Any], id_: UUID) -> RequestKey:
    method, path = request.method, request.url.path
    found = sealed(fingerprint(method, path, *asked), key)
    return RequestKey(digest_of(method, path, key), found, id_)


async def _made_before(work: Work, key: RequestKey) -> UUID:
    """The id that a key was taken for before; for something else than is asked now it is 422."""
    who = work.actor.principal_id
    (earlier,) = await work.run(_EARLIER, principal_id=who, digest=key.digest)
    if earlier.fingerprint != key.fingerprint:
        raise problems.idempotency_key_reused()
    made: UUID = earlier.created_id
    return made
