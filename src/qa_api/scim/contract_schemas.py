"""The schemas of SCIM's contract, made from those that the service shows at `/Schemas`."""

from typing import Any, Final

from scim2_models import Attribute, Schema, ServiceProviderConfig
from scim2_models import ResourceType as SomeResourceType

from qa_api.scim.resources import PROVIDER
from qa_api.values.scim import ERROR, MOST_RESULTS

Json = dict[str, Any]

_MESSAGES: Final = "urn:ietf:params:scim:api:messages:2.0:"
_ID: Final = "0197a3f4-0c1d-7a55-8f02-9b1d2e3f4a51"


def schemas() -> Json:
    """Every schema by its name: those that `/Schemas` shows, lists of them, and the messages."""
    described = (*PROVIDER.schemas, ServiceProviderConfig.to_schema(), SomeResourceType.to_schema())
    found = {str(one.name): _resource(one) for one in (*described, Schema.to_schema())}
    found["User"]["examples"] = [_USER]
    found["Group"]["examples"] = [_GROUP]
    for name in ("User", "Group", "ResourceType", "Schema"):
        found[f"{name}List"] = _page(name)
    return {**found, "PatchOp": _PATCH_OP, "Error": _ERROR}


def _resource(schema: Schema) -> Json:
    """A schema of SCIM as JSON Schema; attributes that no schema lists are those of every one."""
    attributes = {str(one.name): one for one in schema.attributes or ()}
    properties: Json = {
        "schemas": _many({"type": "string", "maxLength": 200}, "The URN of its schema.", 10),
        **{name: _attribute(one) for name, one in attributes.items()},
    }
    if schema.name in {"User", "Group"}:
        properties["externalId"] = _text("What the provider calls it; nobody else does.")
    properties["id"] = {**_text("Its id here."), "readOnly": True}
    properties["meta"] = _META
    required = ["schemas", *(name for name, one in attributes.items() if one.required)]
    described = str(schema.description or schema.name)
    return _object(described, properties, sorted(set(required) - {"active"}))


def _attribute(one: Attribute) -> Json:
    words = str(one.description or one.name)
    if one.sub_attributes:
        inside = {str(each.name): _attribute(each) for each in one.sub_attributes}
        needed = sorted(str(each.name) for each in one.sub_attributes if each.required)
        found = _object(words, inside, needed)
    elif one.type is Attribute.Type.boolean:
        found = {"type": "boolean", "description": words}
    elif one.type is Attribute.Type.integer:
        most = 2**31 - 1
        number = {"format": "int32", "minimum": 0, "maximum": most}
        found = {"type": "integer", **number, "description": words}
    elif one.type is Attribute.Type.complex:
        found = {"type": "object", "description": words}
    else:
        found = _text(words)
    if one.mutability.value == "readOnly":
        found["readOnly"] = True
    return _many(found, words, 10_000) if one.multi_valued else found


def _object(words: str, properties: Json, required: list[str]) -> Json:
    found: Json = {"type": "object", "description": words, "properties": properties}
    return {**found, "required": required} if required else found


def _text(words: str, most: int = 2_000) -> Json:
    return {"type": "string", "maxLength": most, "description": words}


def _many(items: Json, words: str, most: int) -> Json:
    return {"type": "array", "maxItems": most, "description": words, "items": items}


def _page(name: str) -> Json:
    number = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}
    properties = {
        "schemas": _many({"type": "string", "maxLength": 200}, "That this is a list.", 1),
        "totalResults": {**number, "description": "How many there are."},
        "startIndex": {**number, "description": "The place of the first one here."},
        "itemsPerPage": {**number, "description": "How many are here."},
        "Resources": _many({"$ref": f"#/components/schemas/{name}"}, "They.", MOST_RESULTS),
    }
    return _object("One page of a list.", properties, ["schemas", "totalResults"])


_META: Final[Json] = {
    **_object(
        "When it came about and where it is.",
        {
            "resourceType": _text("What kind it is."),
            "created": {**_text("When it was told of.", 40), "format": "date-time"},
            "lastModified": {**_text("When it was last changed.", 40), "format": "date-time"},
            "location": _text("Where it is."),
        },
        [],
    ),
    "readOnly": True,
}
_OPERATION: Final = _object(
    "One operation (RFC 7644 §3.5.2).",
    {
        "op": _text("`add`, `replace` or `remove`, in whatever case.", 10),
        "path": _text("The attribute, or some of its values; without it `value` names attributes."),
        "value": {"description": "What is added or takes the place of what was."},
    },
    ["op"],
)
_PATCH_OP: Final[Json] = {
    **_object(
        "Operations that are all applied, or none.",
        {
            "schemas": _many({"type": "string", "maxLength": 200}, "That this is a patch.", 1),
            "Operations": _many(_OPERATION, "In their order.", 1_000),
        },
        ["Operations", "schemas"],
    ),
    "examples": [
        {
            "schemas": [f"{_MESSAGES}PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": False}],
        }
    ],
}
_ERROR: Final[Json] = {
    **_object(
        "A refusal (RFC 7644 §3.12). It never repeats what was sent.",
        {
            "schemas": _many({"type": "string", "maxLength": 200}, "That this is an error.", 1),
            "status": _text("The HTTP status, as text.", 3),
            "scimType": _text("The keyword of a 400 or 409, such as `invalidFilter`.", 40),
            "detail": _text("What is wrong."),
        },
        ["detail", "schemas", "status"],
    ),
    "examples": [
        {
            "schemas": [ERROR],
            "status": "400",
            "scimType": "invalidFilter",
            "detail": "The filters here are `userName eq` and `externalId eq`, each with a text,"
            " and only one at a time.",
        }
    ],
}
_USER: Final[Json] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": _ID,
    "externalId": "3f0c1a52-6a0e-4e0c-8a51-0f6d1c2b7e94",
    "userName": "jo.bloggs@example.gov.uk",
    "displayName": "Jo Bloggs",
    "active": True,
}
_GROUP: Final[Json] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "id": "0197a3f4-2b7e-7c31-9d0f-5e6f7a8b9c02",
    "displayName": "QA auditors",
    # Without its `$ref`: tools take one in an example for a reference within the contract.
    "members": [{"value": _ID, "type": "User"}],
}
