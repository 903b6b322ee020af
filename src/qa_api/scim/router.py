"""The SCIM routes: the identity provider's account alone, in SCIM's own form (RFC 7644).

They are no part of the contract of the API: `openapi/scim.json` describes them.
"""

import asyncio
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from qa_api import problems
from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.request_context import context_of
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.scim.refusals import refused
from qa_api.values.scim import BASE, ERROR, MEDIA_TYPE, MOST_RESULTS

router = APIRouter(prefix=BASE, route_class=StrictRoute, include_in_schema=False)

Asking = Annotated[Change, secured(Change.looking, Permission.PRINCIPAL_PROVISION)]


class ScimQuery(BaseModel):
    """What a request may ask of a resource or a list (RFC 7644 §3.4.2, §3.9)."""

    model_config = ConfigDict(defer_build=True)

    filter: str | None = None
    """Only those of which this holds: `userName eq "..."` or `externalId eq "..."`."""
    start_index: str | None = Field(default=None, alias="startIndex")
    """The place of the first one, from 1 on."""
    count: str | None = None
    """How many at most; 200 are the most."""
    attributes: str | None = None
    """Only these attributes, with commas between."""
    excluded: str | None = Field(default=None, alias="excludedAttributes")
    """All but these."""
    sort_by: str | None = Field(default=None, alias="sortBy")
    """Not supported, and without effect."""
    sort_order: str | None = Field(default=None, alias="sortOrder")
    """Not supported, and without effect."""


Asked = Annotated[ScimQuery, Query()]


@cache
def _serving() -> ModuleType:
    """What serves the resources: it loads the library, which a start does not wait for."""
    return import_module("qa_api.scim.serving")


async def _serve() -> Any:
    return await asyncio.to_thread(_serving)


def _answer(document: dict[str, Any] | None, status: int = 200, **headers: str) -> Response:
    body = b"" if document is None else orjson.dumps(document)
    return Response(body, status, headers, None if document is None else MEDIA_TYPE)


def _issuer(request: Request, asking: Change) -> str:
    return request.app.state.settings.scim_issuer or asking.issuer


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise problems.not_found() from None


def _range(query: ScimQuery) -> tuple[int, int]:
    """The place of the first one, from 0 on, and how many at most."""
    numbers = []
    for name, given, default in (
        ("startIndex", query.start_index, 1),
        ("count", query.count, MOST_RESULTS),
    ):
        try:
            number = int(given) if given is not None else default
        except ValueError:
            raise refused("invalidValue", f"`{name}` is a whole number.") from None
        numbers.append(max(0, min(number, 1_000_000)))
    return max(numbers[0] - 1, 0), min(numbers[1], MOST_RESULTS)


# --- what there is ---


@router.get("/ServiceProviderConfig")
async def get_service_provider_config(_: Asking) -> Response:
    """What of SCIM is supported."""
    return _answer((await _serve()).config())


@router.get("/ResourceTypes")
async def list_resource_types(_: Asking, query: Asked) -> Response:
    """The kinds of resources: users and groups."""
    return _answer((await _serve()).resource_types(query.filter))


@router.get("/ResourceTypes/{name}")
async def get_resource_type(name: str, _: Asking) -> Response:
    """One kind of resource."""
    return _answer((await _serve()).resource_type(name))


@router.get("/Schemas")
async def list_schemas(_: Asking, query: Asked) -> Response:
    """The schemas of the resources."""
    return _answer((await _serve()).schemas(query.filter))


@router.get("/Schemas/{urn}")
async def get_schema(urn: str, _: Asking) -> Response:
    """One schema, by its URN."""
    return _answer((await _serve()).schema(urn))


# --- people ---


@router.get("/Users")
async def list_users(request: Request, asking: Asking, query: Asked) -> Response:
    """People, those too whom two people let in here; or the one that a filter finds."""
    first, most = _range(query)
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    return _answer(await people.listed(query, first, most))


@router.post("/Users")
async def create_user(request: Request, asking: Asking, query: Asked) -> Response:
    """Let somebody new in, without worker and without role."""
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    made = await people.create(context_of(request.scope).document, query)
    return _answer(made, 201, Location=f"{BASE}/Users/{made['id']}")


@router.get("/Users/{user_id}")
async def get_user(user_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """One person."""
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    return _answer(await people.shown(_id(user_id), query))


@router.put("/Users/{user_id}")
async def replace_user(user_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """Replace what is said of a person. `active: false` ends their access at once."""
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    sent = context_of(request.scope).document
    return _answer(await people.replace(_id(user_id), sent, query))


@router.patch("/Users/{user_id}")
async def patch_user(user_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """Change what is said of a person. `active: false` ends their access at once."""
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    sent = context_of(request.scope).document
    return _answer(await people.patch(_id(user_id), sent, query))


@router.delete("/Users/{user_id}")
async def delete_user(user_id: str, request: Request, asking: Asking) -> Response:
    """End a person's access and take them out of every group. What they did stands."""
    people = (await _serve()).People(asking.work, _issuer(request, asking))
    await people.remove(_id(user_id))
    return _answer(None, 204)


# --- groups ---


@router.get("/Groups")
async def list_groups(request: Request, asking: Asking, query: Asked) -> Response:
    """Groups, or those that a filter finds."""
    first, most = _range(query)
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    return _answer(await groups.listed(query, first, most))


@router.post("/Groups")
async def create_group(request: Request, asking: Asking, query: Asked) -> Response:
    """Tell of a group. It gives nothing until two people map it to a role."""
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    made = await groups.create(context_of(request.scope).document, query)
    return _answer(made, 201, Location=f"{BASE}/Groups/{made['id']}")


@router.get("/Groups/{group_id}")
async def get_group(group_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """One group and who belongs to it."""
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    return _answer(await groups.shown(_id(group_id), query))


@router.put("/Groups/{group_id}")
async def replace_group(group_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """Replace a group's name and members."""
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    sent = context_of(request.scope).document
    return _answer(await groups.replace(_id(group_id), sent, query))


@router.patch("/Groups/{group_id}")
async def patch_group(group_id: str, request: Request, asking: Asking, query: Asked) -> Response:
    """Change a group's name or members."""
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    sent = context_of(request.scope).document
    return _answer(await groups.patch(_id(group_id), sent, query))


@router.delete("/Groups/{group_id}")
async def delete_group(group_id: str, request: Request, asking: Asking) -> Response:
    """Remove a group. Who belonged to it holds no more what it gave."""
    groups = (await _serve()).Groups(asking.work, _issuer(request, asking))
    await groups.remove(_id(group_id))
    return _answer(None, 204)


# --- what is not supported ---


@router.api_route("/.search", methods=["POST"])
@router.api_route("/Users/.search", methods=["POST"])
@router.api_route("/Groups/.search", methods=["POST"])
@router.api_route("/Bulk", methods=["POST"])
@router.api_route("/Me", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def not_supported(_: Asking) -> Response:
    """501: searches by POST, bulk requests and `/Me` are not supported."""
    detail = "This part of SCIM is not supported; see `/ServiceProviderConfig`."
    return _answer({"schemas": [ERROR], "status": "501", "detail": detail}, 501)
