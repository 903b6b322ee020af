"""Serving SCIM's resources: from what is sent to what is done, and from rows to what is shown."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar
from uuid import UUID

from scim2_models import Context, ListResponse, Meta, Reference, Resource, ResourceType, Schema
from sqlalchemy import ColumnElement, func

from qa_api import problems
from qa_api.models.provisioning import ScimGroup, ScimUser
from qa_api.scim import groups, people
from qa_api.scim.reading import asked_for, created, filtered, patched, replaced
from qa_api.scim.refusals import refused
from qa_api.scim.resources import CONFIG, PROVIDER, SCHEMAS, Group, GroupMember, User
from qa_api.values.scim import BASE
from qa_api.work import Work

R = TypeVar("R", User, Group)
Json = dict[str, Any]

_LONGEST: Final = 200
_SUBJECT: Final = re.compile(r"[!-~]{1,200}")
"""What a token's subject may be."""


class Query(Protocol):
    """What a request asks for."""

    filter: str | None
    attributes: str | None
    excluded: str | None


class _Served(ABC, Generic[R]):
    """One kind of resource, of the people or groups of one issuer."""

    model: ClassVar[Any]
    names: ClassVar[Mapping[str, str]]

    def __init__(self, work: Work, issuer: str) -> None:
        self._work = work
        self._issuer = issuer

    async def listed(self, query: Query, first: int, most: int) -> Json:
        """A page of them, or of those that the filter finds."""
        shown = asked_for(self.model, query.attributes, query.excluded)
        where = []
        if query.filter is not None:
            where.append(self._where(*filtered(self.model, query.filter, self.names)))
        total, found = await self._found(where, first, most)
        page: ListResponse[Any] = ListResponse.__class_getitem__(self.model)(
            total_results=total, start_index=first + 1, items_per_page=len(found), resources=found
        )
        return page.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=shown)

    async def shown(
        self, id_: UUID, query: Query, context: Context = Context.RESOURCE_QUERY_RESPONSE
    ) -> Json:
        """One of them as it stands."""
        shown = asked_for(self.model, query.attributes, query.excluded)
        resource: Resource[Any] = await self._one(id_)
        return resource.model_dump(scim_ctx=context, response_parameters=shown)

    async def create(self, sent: object, query: Query) -> Json:
        """One of which the provider tells for the first time."""
        id_ = await self._create(created(self.model, sent))
        return await self.shown(id_, query, Context.RESOURCE_CREATION_RESPONSE)

    async def replace(self, id_: UUID, sent: object, query: Query) -> Json:
        """What is said of it now, all of it."""
        original = await self._one(id_, to_change=True)
        await self._change(id_, replaced(self.model, sent, original))
        return await self.shown(id_, query, Context.RESOURCE_REPLACEMENT_RESPONSE)

    async def patch(self, id_: UUID, sent: object, query: Query) -> Json:
        """What is said of it now, operation by operation."""
        original = await self._one(id_, to_change=True)
        await self._change(id_, patched(self.model, sent, original))
        return await self.shown(id_, query, Context.RESOURCE_PATCH_RESPONSE)

    @abstractmethod
    def _where(self, name: str, value: str) -> ColumnElement[bool]: ...

    @abstractmethod
    async def _found(
        self, where: Sequence[ColumnElement[bool]], first: int, most: int
    ) -> tuple[int, list[R]]: ...

    @abstractmethod
    async def _one(self, id_: UUID, *, to_change: bool = False) -> R: ...

    @abstractmethod
    async def _create(self, resource: R) -> UUID: ...

    @abstractmethod
    async def _change(self, id_: UUID, resource: R) -> None: ...


class People(_Served[User]):
    """The people whom the provider lets in, those too whom two people let in here."""

    model = User
    names: ClassVar = {"username": "userName", "externalid": "externalId"}

    async def remove(self, id_: UUID) -> None:
        """End their access, and forget them."""
        await people.take_up(self._work, self._issuer)
        person = await people.one(self._work, self._issuer, id_, to_change=True)
        await people.remove(self._work, person)

    def _where(self, name: str, value: str) -> ColumnElement[bool]:
        if name == "userName":
            return func.lower(ScimUser.user_name) == func.lower(value)
        return ScimUser.external_id == value

    async def _found(
        self, where: Sequence[ColumnElement[bool]], first: int, most: int
    ) -> tuple[int, list[User]]:
        await people.take_up(self._work, self._issuer)
        total, found = await people.found(
            self._work, self._issuer, *where, offset=first, limit=most
        )
        return total, [_user(person) for person in found]

    async def _one(self, id_: UUID, *, to_change: bool = False) -> User:
        await people.take_up(self._work, self._issuer)
        return _user(await people.one(self._work, self._issuer, id_, to_change=to_change))

    async def _create(self, resource: User) -> UUID:
        told = _told_of_user(resource)
        if not _SUBJECT.fullmatch(told.external_id or told.user_name):
            detail = (
                "`externalId` (or `userName` where there is none) is the subject of their tokens:"
                " letters, digits and signs of the keyboard without spaces, 200 at most."
            )
            raise refused("invalidValue", detail)
        return await people.create(self._work, self._issuer, told)

    async def _change(self, id_: UUID, resource: User) -> None:
        person = await people.one(self._work, self._issuer, id_, to_change=True)
        await people.change(self._work, person, _told_of_user(resource))


class Groups(_Served[Group]):
    """The groups of the provider."""

    model = Group
    names: ClassVar = {"displayname": "displayName", "externalid": "externalId"}

    async def remove(self, id_: UUID) -> None:
        """The group is there no more."""
        row = await groups.one(self._work, self._issuer, id_, to_change=True)
        await groups.remove(self._work, row)

    def _where(self, name: str, value: str) -> ColumnElement[bool]:
        if name == "displayName":
            return func.lower(ScimGroup.display_name) == func.lower(value)
        return ScimGroup.external_id == value

    async def _found(
        self, where: Sequence[ColumnElement[bool]], first: int, most: int
    ) -> tuple[int, list[Group]]:
        total, rows = await groups.found(self._work, self._issuer, *where, offset=first, limit=most)
        members = await groups.members_of(self._work, [row.id for row in rows])
        return total, [_group(row, members[row.id]) for row in rows]

    async def _one(self, id_: UUID, *, to_change: bool = False) -> Group:
        row = await groups.one(self._work, self._issuer, id_, to_change=to_change)
        return _group(row, (await groups.members_of(self._work, [id_]))[id_])

    async def _create(self, resource: Group) -> UUID:
        await people.take_up(self._work, self._issuer)
        return await groups.create(self._work, self._issuer, _told_of_group(resource))

    async def _change(self, id_: UUID, resource: Group) -> None:
        await people.take_up(self._work, self._issuer)
        row = await groups.one(self._work, self._issuer, id_, to_change=True)
        await groups.change(self._work, row, _told_of_group(resource))


# --- rows as resources, and back ---


def _user(person: people.Person) -> User:
    row = person.row
    return User(
        id=str(row.id),
        external_id=row.external_id,
        user_name=row.user_name,
        display_name=row.display_name,
        active=person.active,
        meta=_meta(row, "Users"),
    )


def _group(row: ScimGroup, members: Sequence[UUID]) -> Group:
    return Group(
        id=str(row.id),
        external_id=row.external_id,
        display_name=row.display_name,
        members=[
            GroupMember(value=str(each), ref=Reference[User](f"{BASE}/Users/{each}"), type="User")
            for each in members
        ]
        or None,
        meta=_meta(row, "Groups"),
    )


def _meta(row: ScimUser | ScimGroup, where: str) -> Meta:
    return Meta(
        resource_type=where.removesuffix("s"),
        created=row.created_at,
        last_modified=row.changed_at,
        location=f"{BASE}/{where}/{row.id}",
    )


def _told_of_user(resource: User) -> people.Told:
    return people.Told(
        user_name=_line("userName", resource.user_name) or _missing("userName"),
        external_id=_line("externalId", resource.external_id),
        display_name=_line("displayName", resource.display_name),
        active=bool(resource.active),
    )


def _told_of_group(resource: Group) -> groups.Told:
    if any(member.type and member.type.lower() != "user" for member in resource.members or ()):
        raise refused("invalidValue", "A member is a user: groups within groups are not taken.")
    try:
        members = frozenset(UUID(member.value) for member in resource.members or ())
    except (ValueError, TypeError, AttributeError):
        raise refused("invalidValue", "A member's `value` is the `id` of a user.") from None
    return groups.Told(
        display_name=_line("displayName", resource.display_name) or _missing("displayName"),
        external_id=_line("externalId", resource.external_id),
        members=members,
    )


def _line(name: str, value: str | None) -> str | None:
    """A text as it is kept: one line of 200 characters at most, and something in it."""
    if value is None:
        return None
    if len(value) > _LONGEST or not value.isprintable() or not value.strip():
        detail = f"`{name}` is one line of text, {_LONGEST} characters at most, and not blank."
        raise refused("invalidValue", detail)
    return value


def _missing(name: str) -> str:
    raise refused("invalidValue", f"`{name}` is required.")


# --- what the service says of itself ---


def config() -> Json:
    """`/ServiceProviderConfig`."""
    document = _dumped(CONFIG)
    document["meta"] = {
        "resourceType": "ServiceProviderConfig",
        "location": f"{BASE}/ServiceProviderConfig",
    }
    return document


def resource_types(filter_: str | None) -> Json:
    """`/ResourceTypes`, all of them."""
    _refuse_filter(filter_)
    return _all([_described(one, "ResourceType") for one in PROVIDER.resource_types])


def resource_type(name: str) -> Json:
    """One kind of resource; 404 where there is none of this name."""
    for one in PROVIDER.resource_types:
        if one.id == name:
            return _described(one, "ResourceType")
    raise problems.not_found()


def schemas(filter_: str | None) -> Json:
    """`/Schemas`, all of them."""
    _refuse_filter(filter_)
    return _all([_described(one, "Schema") for one in SCHEMAS])


def schema(urn: str) -> Json:
    """One schema; 404 where there is none of this URN."""
    for one in SCHEMAS:
        if str(one.id) == urn:
            return _described(one, "Schema")
    raise problems.not_found()


def _refuse_filter(filter_: str | None) -> None:
    """RFC 7644 §4: these are always listed whole."""
    if filter_ is not None:
        raise problems.forbidden("What the service says of itself is not filtered.")


def _described(one: ResourceType | Schema, kind: str) -> Json:
    document = _dumped(one)
    document["meta"] = {"resourceType": kind, "location": f"{BASE}/{kind}s/{one.id}"}
    return document


def _all(resources: list[Json]) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(resources),
        "startIndex": 1,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def _dumped(one: Resource[Any]) -> Json:
    return one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
