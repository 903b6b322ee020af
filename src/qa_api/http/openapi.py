"""The contract, generated from the code: what FastAPI knows, and what our edge adds to it.

FastAPI describes bodies and parameters; the preconditions, keys, tags and problems that `Reader`
and `Change` bring are the same for every route that uses them, and are written in here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from qa_api.events import EVENT_TYPES, Event
from qa_api.http.deprecations import describe
from qa_api.http.event_stream import EVENT_STREAM
from qa_api.http.examples import give_body_examples, give_examples
from qa_api.http.openapi_guards import ANY_REFUSAL, COMPLETE, GENERIC, refusal_components
from qa_api.http.openapi_headers import ON_EVERY_ANSWER, PURPOSE, PURPOSE_OF_NO_CHANGE, Json
from qa_api.http.openapi_meanings import sent_in, with_meanings
from qa_api.http.openapi_small import with_components, with_short_nulls, written
from qa_api.http.openapi_steps import with_steps
from qa_api.http.openapi_tags import TAGS
from qa_api.http.openapi_webhooks import schema_name, webhook_schemas, webhooks
from qa_api.http.openapi_words import with_words
from qa_api.http.parameters import meanings_of
from qa_api.http.problem_document import SCHEMAS
from qa_api.http.route import GUARD
from qa_api.problems.catalogue import PHRASES

PERMISSION: Final = "x-permission"
FILES: Final = ("openapi.json", "openapi.client.json", "scim.json")
DESCRIPTION: Final = """Quality audits of casework with children: audits, the responses and actions
they call for, escalations, closure gates, and who was told what, when and why.

Every refusal is a problem (RFC 9457). Changes name the version they are based on (`If-Match`),
creates carry an `Idempotency-Key`. Dates without a time are London dates, instants are UTC.
Every answer names its request in `X-Correlation-ID`: yours, where you send a
UUID or 32 hexadecimal digits as we write them, else one of ours. Every GET can be asked with
HEAD."""


API_ID: Final = "f3a6b1d2-7c54-4f0e-9b88-2d1a5c0e7b41"
"""Names this API in catalogues of APIs, whatever it is called."""
SERVER: Final[Json] = {
    "url": "/",
    "description": "Local, staging or production: wherever this was served from.",
    "x-internal": False,
}
BEARER: Final[Json] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token of a registered issuer, checked as RFC8725 advises. It names "
    "a principal, nothing more; the permission that an operation needs is its "
    f"`{PERMISSION}`.",
}

_NAMES_OF_SUBJECTS: Final = frozenset({"ref", "subject_id", "subject_ref"})
"""The fields by which an answer names a child or a carer household."""


def build(app: FastAPI, sent: Callable[[], Mapping[str, type[Event]]] | None = None) -> Json:
    """The whole contract of an application, webhooks included."""
    every = (one for route in app.routes for one in getattr(route, "routes", [route]))
    routes = [route for route in every if getattr(route, "include_in_schema", True)]
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="Quality audit service",
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": tag, "description": about} for tag, about in TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "The maintainers of qa_api"},
        servers=[SERVER],
    )
    document["info"] |= {"x-api-id": API_ID, "x-audience": "company-internal"}
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(deepcopy(dict(SCHEMAS)))
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"] = {name: _calm(schema) for name, schema in components["schemas"].items()}
    give_examples(components["schemas"])
    components["responses"] = refusal_components()
    components["securitySchemes"] = {"bearer": BEARER}
    # What the service says of itself, its health and version, takes no parameters.
    said = {route.unique_id: meanings_of(route) for route in routes if isinstance(route, APIRoute)}
    for method, operation in _operations(document):
        _complete(method, operation, said.get(operation["operationId"], {}))
    for method, operation in _operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            give_body_examples(content, components["schemas"])
        _take_a_purpose(method, operation, components["schemas"])
    used = json.dumps(document["paths"])
    components["responses"] = {
        name: response
        for name, response in components["responses"].items()
        if f'"#/components/responses/{name}"' in used
    }
    types = sent() if sent else EVENT_TYPES
    document["webhooks"] = dict(webhooks(types))
    components["schemas"].update(webhook_schemas(types))
    said_of = with_meanings(with_words(with_steps(components["schemas"])), sent_in(document))
    components["schemas"] = {name: with_short_nulls(each) for name, each in said_of.items()}
    return with_components(_with_plain_names(document))


def _with_plain_names(document: Json) -> Json:
    """`Page[AuditRow]` is `AuditRowPage` to a generator, not `Page_AuditRow_`."""
    schemas: Json = document["components"]["schemas"]
    plain = {name: GENERIC.sub(r"\2\1", name) for name in schemas}
    document["components"]["schemas"] = {plain[name]: schemas[name] for name in sorted(schemas)}
    text = json.dumps(document)
    for name, better in plain.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{better}"')
    named: Json = json.loads(text)
    return named


def client_variant(document: Json) -> Json:
    """The contract without webhooks, on which client generators stumble, and with streams as text.

    Before 3.2, OpenAPI has the schema of a stream describe each of its events; to a generator of
    clients that would be a body that it cannot read.
    """
    variant = {key: value for key, value in document.items() if key != "webhooks"}
    variant["paths"] = _with_streams_as_text(document["paths"])
    schemas = variant["components"]["schemas"]
    of_webhooks = {schema_name(name) for name in document["webhooks"]}
    kept = {name: schema for name, schema in schemas.items() if name not in of_webhooks}
    return {**variant, "components": {**variant["components"], "schemas": kept}}


def _with_streams_as_text(paths: Json) -> Json:
    written = deepcopy(paths)
    for _, operation in _operations({"paths": written}):
        for response in operation["responses"].values():
            if stream := response.get("content", {}).get(EVENT_STREAM):
                stream["x-event"] = stream["schema"]
                stream["schema"] = {"type": "string", "maxLength": 2**31 - 1}
                del stream["example"]  # that of one event
    return written


def write_contract(document: Json, scim: Json, directory: Path, *, check: bool) -> list[str]:
    """Write all files, or with `check` only name those that differ from what is committed."""
    differing = []
    for name, content in zip(FILES, (document, client_variant(document), scim), strict=True):
        text = written(content) + "\n"
        file = directory / name
        if not file.exists() or file.read_text() != text:
            differing.append(name)
            if not check:
                directory.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
    return differing


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for item in document["paths"].values():
        yield from item.items()


def _complete(method: str, operation: Json, meanings: Mapping[str, str]) -> None:
    """Add to an operation what its guard brings: headers, preconditions and refusals."""
    guard = operation.pop(GUARD, None)
    responses: Json = operation["responses"]
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    _say_who_may(operation)
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    if guard is not None:
        COMPLETE[guard](method, operation)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _calm(parameter["schema"], parameter=True)
        if "description" not in parameter:
            parameter["description"] = meanings[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["schema"] = _calm(content["schema"])
    for status, response in responses.items():
        if "$ref" in response:
            continue
        if response.get("description", "Successful Response") == "Successful Response":
            response["description"] = PHRASES.get(int(status), _SUCCESS.get(status, "Answered"))
        response.setdefault("headers", {}).update(ON_EVERY_ANSWER)
    operation["responses"] = {**dict(sorted(responses.items())), "default": ANY_REFUSAL}
    describe(operation)


def _take_a_purpose(method: str, operation: Json, schemas: Json) -> None:
    """Name the header where somebody is shown: by reads, and by changes that change nothing."""
    changes = any(each.get("name") == "If-Match" for each in operation.get("parameters", ()))
    if (method == "get" or changes) and _names_a_subject(operation, schemas):
        purpose = PURPOSE if method == "get" else PURPOSE_OF_NO_CHANGE
        operation.setdefault("parameters", []).append(purpose)


def _names_a_subject(operation: Json, schemas: Json) -> bool:
    """Whether what an operation answers when all goes well names a subject, however deep inside."""
    seen: set[str] = set()

    def names(part: Any) -> bool:
        if isinstance(part, list):
            return any(map(names, part))
        if not isinstance(part, dict):
            return False
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name:
            unseen = name not in seen
            seen.add(name)
            return unseen and names(schemas[name])
        fields = part.get("properties", {})
        inside = [value for key, value in part.items() if key not in _VALUES]
        return not _NAMES_OF_SUBJECTS.isdisjoint(fields) or names([*inside, *fields.values()])

    return names([each.get("content") for each in [operation["responses"].get("200", {})]])


def _say_who_may(operation: Json) -> None:
    """The permission beside the scheme: linters know scopes of OAuth 2 only, not roles."""
    held = [scope for entry in operation.get("security", ()) for scope in entry.get("bearer", ())]
    operation["security"] = [{"bearer": []}] if held else []
    for permission in held:
        operation[PERMISSION] = permission
        operation["description"] += f"\n\nNeeds the permission `{permission}`."


def _calm(schema: Any, *, parameter: bool = False) -> Any:
    """The schema without noise: titles made up from names, and null in a query parameter."""
    if isinstance(schema, list):
        return [_calm(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if parameter and "anyOf" in schema:
        (kept,) = [part for part in schema["anyOf"] if part != {"type": "null"}]
        schema = {**{key: value for key, value in schema.items() if key != "anyOf"}, **kept}
    if "oneOf" in schema and "discriminator" not in schema:
        # Told apart by what they hold, not by a name: linters cannot see that they exclude another.
        schema = {("anyOf" if key == "oneOf" else key): value for key, value in schema.items()}
    if schema.get("type") == "integer":
        schema = {"format": "int32", **schema}  # larger ones say so themselves
    return {
        key: value if key in _VALUES else _calm(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


_VALUES: Final = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords that hold values, not schemas: what is in them stays as it is."""

_SUCCESS: Final = {"200": "The resource", "201": "Created", "202": "Accepted", "204": "Done"}
