"""The contract of SCIM, a file of its own: its schemas are those that `/Schemas` shows.

What the RFC settles is not told again here; a client of SCIM reads `/ServiceProviderConfig`.
"""

from collections.abc import Mapping
from typing import Any, Final

from qa_api.problems.catalogue import PHRASES
from qa_api.scim.contract_schemas import schemas
from qa_api.values.scim import BASE, MEDIA_TYPE, MOST_RESULTS

Json = dict[str, Any]

PERMISSION: Final = "principal:provision"
_DESCRIPTION: Final = f"""How an identity provider tells of people and groups, by SCIM 2.0
(RFC 7643, RFC 7644) in its own conventions: media type `{MEDIA_TYPE}`, its form of errors.

A token of a registered issuer is asked for, whose principal holds the role `identity_provider`
(`{PERMISSION}`). It lets somebody new in without worker and role, and ends access at once. It never
changes whose token a principal is or which worker, and gives a role only by a group that two people
mapped to it."""


def build(version: str) -> Json:
    """The whole contract of SCIM, of this release."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "qa_api SCIM",
            "summary": "People and groups by SCIM 2.0",
            "description": _DESCRIPTION,
            "version": version,
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "The maintainers of qa_api"},
        },
        "servers": [
            {
                "url": "/",
                "description": "Local, staging or production: wherever this was served from.",
                "x-internal": False,
            }
        ],
        "tags": [
            {"name": "people", "description": "Whom the provider lets in, and until when."},
            {"name": "groups", "description": "Who belongs to which group."},
            {"name": "service", "description": "What of SCIM is supported."},
        ],
        "paths": {**_discovery(), **_of("User", "people"), **_of("Group", "groups")},
        "components": {
            "schemas": dict(sorted(schemas().items())),
            "responses": {_name(status): _refusal(status) for status in _REFUSALS},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the provider's account, checked as RFC8725 advises.",
                }
            },
        },
    }


# --- operations ---

_REFUSALS: Final = (400, 401, 403, 404, 409, 413, 415, 429, 500, 503)
_ALWAYS: Final = (400, 401, 403, 404, 429, 500, 503)
_CHANGING: Final = (*_ALWAYS, 409, 413, 415)
_CORRELATION: Final[Json] = {
    "description": "Names this request in logs.",
    "required": True,
    "schema": {"type": "string", "maxLength": 64},
}
_HEADERS: Final[Json] = {
    "X-Correlation-ID": _CORRELATION,
    **{
        name: {
            "description": f"What of the caller's quota {said}, as everywhere in this service.",
            "schema": {"type": "string", "maxLength": 100},
        }
        for name, said in {"RateLimit": "is left", "RateLimit-Policy": "there is"}.items()
    },
}
_PARAMETERS: Final[Mapping[str, str]] = {
    "filter": 'One equality: `userName eq "..."` or `displayName eq "..."`, `externalId eq "..."`.',
    "startIndex": "The place of the first one, from 1 on.",
    "count": f"How many at most; {MOST_RESULTS} are the most.",
    "attributes": "Only these attributes, with commas between: none but these is there.",
    "excludedAttributes": "All but these attributes, with commas between.",
    "sortBy": "Without effect: sorting is not supported.",
    "sortOrder": "Without effect: sorting is not supported.",
}


def _of(resource: str, tag: str) -> Json:
    """The paths of a kind of resource."""
    one, many = resource.lower(), f"{resource.lower()}s"
    of_this = f"{BASE}/{resource}s"
    body = {"required": True, "content": _content(resource)}
    patch = {"required": True, "content": _content("PatchOp")}
    by_id = [_path_parameter(one)]
    shown = _asked("attributes", "excludedAttributes")

    def operation(verb: str, words: str, *further: Json, **more: Any) -> Json:
        return _operation(tag, f"{verb}_{one}", words, [*by_id, *further], **more)

    return {
        of_this: {
            "get": _operation(
                tag,
                f"list_{many}",
                f"{many.title()}, page by page.",
                _asked(*_PARAMETERS),
                answer=f"{resource}List",
            ),
            "post": _operation(
                tag,
                f"create_{one}",
                _WORDS[f"create_{one}"],
                shown,
                answer=resource,
                status=201,
                body=body,
            ),
        },
        f"{of_this}/{{{one}_id}}": {
            "get": operation("get", f"One {one}.", *shown, answer=resource),
            "put": operation(
                "replace", _WORDS[f"replace_{one}"], *shown, answer=resource, body=body
            ),
            "patch": operation(
                "patch", _WORDS[f"patch_{one}"], *shown, answer=resource, body=patch
            ),
            "delete": operation("delete", _WORDS[f"delete_{one}"], status=204),
        },
    }


_ENDS: Final = "`active: false` ends their access with their next request."
_WORDS: Final[Mapping[str, str]] = {
    "create_user": "Let somebody new in, without worker and role. `externalId` is the subject of"
    " their tokens, or `userName` where there is none; it never changes.",
    "replace_user": f"Replace what is said of somebody. {_ENDS} `active` and `externalId`"
    " stay where they are not given.",
    "patch_user": f"Change what is said of somebody. {_ENDS} `active: true` lets in again whom the"
    " provider shut out, without worker and role; nobody whom a person shut out.",
    "delete_user": "End somebody's access and take them out of every group. What they did stands.",
    "create_group": "Tell of a group. It gives nothing until two people map it to a role.",
    "replace_group": "Replace a group's name and members.",
    "patch_group": "Change a group's name or members. Who joins is given what the group gives.",
    "delete_group": "Remove a group. What two people mapped it to ends, and who belonged to it"
    " holds it no more.",
}


def _discovery() -> Json:
    lists = {"ResourceTypes": "resource_types", "Schemas": "schemas"}
    found = {
        f"{BASE}/ServiceProviderConfig": {
            "get": _operation(
                "service",
                "get_service_provider_config",
                "What of SCIM is supported.",
                [],
                answer="ServiceProviderConfig",
            )
        }
    }
    for path, name in lists.items():
        kind, words = path.removesuffix("s"), name.replace("_", " ")
        found[f"{BASE}/{path}"] = {
            "get": _operation("service", f"list_{name}", f"All {words}.", [], answer=f"{kind}List")
        }
        found[f"{BASE}/{path}/{{{name.removesuffix('s')}_id}}"] = {
            "get": _operation(
                "service",
                f"get_{name.removesuffix('s')}",
                f"One of the {words}.",
                [_path_parameter(name.removesuffix("s"))],
                answer=kind,
            )
        }
    return found


def _operation(
    tag: str,
    name: str,
    words: str,
    parameters: list[Json],
    *,
    answer: str | None = None,
    status: int = 200,
    body: Json | None = None,
) -> Json:
    done: Json = {
        "description": PHRASES.get(status, {200: "The resource", 204: "Done"}.get(status, "Made")),
        "headers": dict(_HEADERS),
    }
    if answer is not None:
        done["content"] = _content(answer)
    if status == 201:
        done["headers"]["Location"] = {
            "description": "Where it is from now on.",
            "required": True,
            "schema": {"type": "string", "maxLength": 500},
        }
    changes = body is not None or status == 204
    refusals = _CHANGING if changes else _ALWAYS
    operation: Json = {
        "tags": [tag],
        "operationId": name,
        "summary": name.replace("_", " ").capitalize(),
        "description": f"{words}\n\nNeeds the permission `{PERMISSION}`.",
        "security": [{"bearer": []}],
        "x-permission": PERMISSION,
        "parameters": parameters,
        "responses": {
            str(status): done,
            **{str(each): {"$ref": f"#/components/responses/{_name(each)}"} for each in refusals},
        },
    }
    if body is not None:
        operation["requestBody"] = body
    return operation


def _asked(*names: str) -> list[Json]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": _PARAMETERS[name],
            "schema": {"type": "string", "maxLength": 2_000},
        }
        for name in names
    ]


def _path_parameter(name: str) -> Json:
    words = f"The {name.replace('_', ' ')}, by its `id`."
    schema = {"type": "string", "maxLength": 200}
    described = {"in": "path", "required": True, "description": words, "schema": schema}
    return {"name": f"{name}_id", **described}


def _content(name: str) -> Json:
    return {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _name(status: int) -> str:
    return PHRASES[status].title().replace(" ", "").replace("-", "")


def _refusal(status: int) -> Json:
    headers: Json = dict(_HEADERS)
    for name, statuses in {"WWW-Authenticate": (401,), "Retry-After": (429, 503)}.items():
        if status in statuses:
            schema = {"type": "string", "maxLength": 200}
            headers[name] = {"description": f"As HTTP has it: `{name}`.", "schema": schema}
    return {"description": PHRASES[status], "headers": headers, "content": _content("Error")}
