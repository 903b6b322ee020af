"""What the identity provider sends, read: a resource, or a resource with operations applied.

Attributes of the standard that are not kept here are passed over, so that a provider may send all
it knows. What is in no schema is refused: a mistyped `active` must not leave somebody in.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    PatchOp,
    Path,
    Resource,
    ResponseParameters,
    SCIMException,
    ScimFilter,
)
from scim2_models.path import CompareOperator, Comparison

from qa_api.scim.refusals import refused
from qa_api.scim.resources import POLICY, WHOLE, Group, User

R = TypeVar("R", User, Group)

MOST_OPERATIONS: Final = 1_000
_OPERATIONS: Final = frozenset({"add", "replace", "remove"})  # in any case: Entra ID says `Add`
_KEPT_BY_ALL: Final = frozenset({"schemas", "id", "meta", "externalid"})


def created(model: type[R], sent: object) -> R:
    """The resource that shall be made. Somebody of whom `active` is not said is active."""
    return _validated(model, sent, Context.RESOURCE_CREATION_REQUEST)


def replaced(model: type[R], sent: object, original: R) -> R:
    """The resource that shall take the place of another.

    `active` stays where it is not said, and so does `externalId`, by which the provider finds
    somebody again (RFC 7644 §3.5.1).
    """
    resource = _validated(model, sent, Context.RESOURCE_REPLACEMENT_REQUEST, original)
    if resource.external_id is None:
        resource.external_id = original.external_id
    try:
        resource.replace(original)
    except SCIMException as refusal:
        raise refused(refusal.scim_type) from None
    return resource


def patched(model: type[R], sent: object, original: R) -> R:
    """The resource with every operation applied, or none."""
    message = _members(model, sent)
    operations = next((message[key] for key in message if key.lower() == "operations"), None)
    if not isinstance(operations, list) or not operations:
        raise refused("invalidSyntax", "`Operations` is a list of one or more operations.")
    if len(operations) > MOST_OPERATIONS:
        raise refused("tooMany", f"At most {MOST_OPERATIONS} operations are applied at once.")
    read = [_kept(model, each, at) for at, each in enumerate(operations, 1)]
    kept = [each for each in read if each is not None]
    resource = original.model_copy(deep=True)
    if kept:
        others = {key: value for key, value in message.items() if key.lower() != "operations"}
        try:
            patch = PatchOp[model].model_validate(  # type: ignore[valid-type]  # known when it runs
                {**others, "Operations": kept},
                scim_ctx=Context.RESOURCE_PATCH_REQUEST,
                scim_policy=POLICY,
            )
            patch.patch(resource, scim_policy=POLICY)
        except SCIMException as refusal:
            raise refused(refusal.scim_type) from None
        except ValidationError as faults:
            raise _refused(faults) from None
    return resource


def filtered(model: type[R], expression: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The attribute and the value of the one kind of filter there is: that they are equal.

    `names` are the attributes that can be filtered by, in lower case, with what they are called.
    """
    supported = " and ".join(f"`{name} eq`" for name in names.values())
    detail = f"The filters here are {supported}, each with a text, and only one at a time."
    try:
        found = ScimFilter[model](expression).ast  # type: ignore[valid-type]  # as above
    except SCIMException:
        raise refused("invalidFilter", detail) from None
    if (
        not isinstance(found, Comparison)
        or found.op is not CompareOperator.eq
        or found.attr_path.sub_attr is not None
        or not isinstance(found.value, str)
        or (name := found.attr_path.attr.lower()) not in names
    ):
        raise refused("invalidFilter", detail)
    return names[name], found.value


def asked_for(
    model: type[R], attributes: str | None, excluded: str | None
) -> ResponseParameters[Any]:
    """Which attributes the answer shall have."""
    given = {"attributes": attributes, "excludedAttributes": excluded}
    try:
        return ResponseParameters[model].model_validate(  # type: ignore[valid-type]  # as above
            {name: value for name, value in given.items() if value is not None}
        )
    except (ValidationError, SCIMException):
        detail = "`attributes` or `excludedAttributes` names attributes, with commas; not both."
        raise refused("invalidValue", detail) from None


# --- what is kept of it ---


def _validated(model: type[R], sent: object, context: Context, original: R | None = None) -> R:
    members = _kept_of(model, _members(model, sent), "The body")
    named = {key.lower(): key for key in members}
    schemas = members.get(named.get("schemas", ""))
    core = str(model.__schema__).lower()
    if not isinstance(schemas, list) or core not in [str(each).lower() for each in schemas]:
        raise refused("invalidSyntax", "`schemas` names the schema of the resource.")
    members[named["schemas"]] = [str(model.__schema__)]
    if "active" in model.model_fields and "active" not in named:
        members["active"] = getattr(original, "active", True)
    try:
        return model.model_validate(members, scim_ctx=context, scim_policy=POLICY)
    except SCIMException as refusal:
        raise refused(refusal.scim_type) from None
    except ValidationError as faults:
        raise _refused(faults) from None


def _members(model: type[R], sent: object) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise refused("invalidSyntax", "The body is a JSON object.")
    _refuse_two_spellings(model, sent)
    return dict(sent)


def _refuse_two_spellings(model: type[R], sent: object) -> None:
    """Names are the same in any case, and with the schema before them (RFC 7643 §2.1)."""
    schema = f"{model.__schema__}:".lower()
    waiting = [sent]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            names = _attributes_named(one, schema)
            if len(set(names)) < len(names):
                detail = "An attribute is named twice: upper and lower case make no difference."
                raise refused("invalidSyntax", detail)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _attributes_named(members: Mapping[str, Any], schema: str) -> list[str]:
    """In lower case, without the schema; those that are under the schema as a name, too."""
    names = []
    for key, value in members.items():
        name = f"{key}:".lower()
        if name == schema and isinstance(value, dict):
            names += [str(each).lower() for each in value]
        names.append(name.removeprefix(schema))
    return [name.removesuffix(":") for name in names]


def _kept(model: type[R], operation: object, at: int) -> dict[str, Any] | None:
    """One operation, as far as it is about what is kept; None where it is about nothing of it."""
    where = f"Operation {at}"
    if not isinstance(operation, dict):
        raise refused("invalidSyntax", f"{where} is no JSON object.")
    members = {str(key).lower(): value for key, value in operation.items()}
    if str(members.get("op")).lower() not in _OPERATIONS:
        raise refused("invalidValue", f"{where} has no `op` of add, replace and remove.")
    if model is Group:
        members = _with_ids(members)
    path = members.get("path")
    if path is None:
        if not isinstance(members.get("value"), dict):
            return members  # the library refuses it as it deserves
        value = _kept_of(model, members["value"], where)
        return {**members, "value": value} if value else None
    if not isinstance(path, str):
        raise refused("invalidPath", f"{where} has a path that is no text.")
    return members if _is_kept(model, path, where) else None


def _with_ids(operation: dict[str, Any]) -> dict[str, Any]:
    """An operation with the ids of members as they are written here: a UUID has no case."""
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and "members" in path.lower():
        path = re.sub('"([^"]*)"', lambda quoted: f'"{_as_id(quoted[1])}"', path)
        return {**operation, "path": path, **({"value": _ids_of(value)} if value else {})}
    if path is None and isinstance(value, dict):
        ids = {key: _ids_of(of_it) for key, of_it in value.items() if "members" in key.lower()}
        return {**operation, "value": {**value, **ids}}
    return operation


def _ids_of(members: object) -> object:
    if isinstance(members, list):
        return [_ids_of_one(one) for one in members]
    return _ids_of_one(members)


def _ids_of_one(member: object) -> object:
    if isinstance(member, dict):
        return {
            key: _as_id(of_it) if key.lower() == "value" else of_it for key, of_it in member.items()
        }
    return _as_id(member)


def _as_id(said: object) -> object:
    try:
        return str(UUID(said)) if isinstance(said, str) else said
    except ValueError:
        return said


def _kept_of(model: type[R], members: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {key: value for key, value in members.items() if _is_kept(model, key, where)}


def _is_kept(model: type[R], path: str, where: str) -> bool:
    """Whether a path is of what is kept; refuses one that is in no schema of the standard."""
    if path.lower() in _KEPT_BY_ALL or _resolves(model, path, where):
        return True
    if _resolves(WHOLE[model], path, where):
        return False
    raise refused("invalidPath", f"{where} names an attribute that is in no schema of it.")


def _resolves(model: type[Resource[Any]], path: str, where: str) -> bool:
    try:
        found = Path[model](path)  # type: ignore[valid-type]  # as above
        return found.resolve() is not None or found.model is not None
    except SCIMException:
        raise refused("invalidPath", f"{where} has a path that cannot be read.") from None


def _refused(faults: ValidationError) -> Exception:
    first = Error.from_validation_errors(faults)[0]
    return refused(first.scim_type or "invalidValue")
