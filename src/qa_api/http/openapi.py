"""The contract, generated from the code: what FastAPI knows, and what our edge adds to it.

FastAPI describes bodies and parameters; the preconditions, keys, tags and problems that `Reader`
and `Change` bring are the same for every route that uses them, and are written in here.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from qa_api.events import EVENT_TYPES, Event
from qa_api.http.examples import give_examples
from qa_api.http.openapi_tags import TAGS
from qa_api.http.parameters import described
from qa_api.http.problem_document import EVERYWHERE, SCHEMAS, refusals
from qa_api.http.route import GUARD
from qa_api.problems.catalogue import CATALOGUE, PHRASES

Json = dict[str, Any]

PERMISSION: Final = "x-permission"
_GENERIC: Final = re.compile(r"([A-Z][A-Za-z]*)_([A-Z][A-Za-z]*)_")
_UNREADABLE: Final = ("malformed-request", "uri-too-long", "header-fields-too-large")
FILES: Final = ("openapi.json", "openapi.client.json")
DESCRIPTION: Final = """Quality audits of casework with children: audits, the responses and actions
they call for, escalations, closure gates, and who was told what, when and why.

Every refusal is a problem (RFC 9457). Changes name the version they are based on (`If-Match`),
creates carry an `Idempotency-Key`. Dates without a time are London dates, instants are UTC.
Every answer names its request in `X-Correlation-ID`: yours, where you send a
UUID or 32 hexadecimal digits as we write them, else one of ours. Every GET can be asked with
HEAD."""


def _header(description: str, most: int = 200, **more: object) -> Json:
    return {"description": description, "schema": {"type": "string", "maxLength": most, **more}}


def _always(description: str, most: int) -> Json:
    return {**_header(description, most), "required": True}


_ETAG: Final = _always("The version of this representation; send it back in `If-Match`.", 200)
_CORRELATION: Final = _always("Names this request in logs and problems.", 64)
_LINK: Final = _header('The next page, `rel="next"`; absent on the last.', 4_000)
_LOCATION: Final = _always("Where what was created is from now on.", 500)
_REPLAYED: Final = _header("`true` when the key had been used for this very request before.", 5)


def _asked(name: str, description: str, *, required: bool, most: int = 200, **more: object) -> Json:
    schema = _header(description, most, **more)
    return {"name": name, "in": "header", "required": required, **schema}


_IF_NONE_MATCH: Final = _asked(
    "If-None-Match", "The tag you hold: 304 when nothing changed.", required=False
)
_IF_MATCH: Final = _asked("If-Match", "The tag of the version you are changing.", required=False)
_CREATES: Final = _asked(
    "If-None-Match", "`*` where you mean to create what is not there yet.", required=False
)
_KEY: Final = _asked(
    "Idempotency-Key",
    "The same key and body again is answered without doing it again. Kept 30 days.",
    required=True,
    most=257,
    pattern=r"""^([!#-\[\]-~]{1,255}|"[ !#-\[\]-~]{1,255}")$""",
)
_MAY_KEY: Final = {**_KEY, "required": False}
_PURPOSE: Final = _asked(
    "X-Purpose",
    "For what purpose you read what is outside your own work: a code of the policy (`purposes`). It"
    " is asked for only where the policy says so, and kept with the record that you have read it.",
    required=False,
    most=60,
)
_NAMES_OF_SUBJECTS: Final = frozenset({"ref", "subject_id", "subject_ref"})
"""The fields by which an answer names a child or a carer household."""
_CHANGING: Final = (
    *EVERYWHERE,
    *_UNREADABLE,
    "not-found",
    "state-conflict",
    "request-timeout",
    "content-too-large",
    "unsupported-media-type",
    "validation",
    "business-rule",
)


def build(app: FastAPI, sent: Callable[[], Mapping[str, type[Event]]] | None = None) -> Json:
    """The whole contract of an application, webhooks included."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="Quality audit service",
        description=DESCRIPTION,
        routes=[one for route in app.routes for one in getattr(route, "routes", [route])],
        tags=[{"name": tag, "description": about} for tag, about in TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "The maintainers of qa_api"},
        servers=[
            {
                "url": "/",
                "description": "Local, staging or production: wherever this was served from.",
                "x-internal": False,
            }
        ],
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(deepcopy(dict(SCHEMAS)))
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"] = {name: _calm(schema) for name, schema in components["schemas"].items()}
    give_examples(components["schemas"])
    components["responses"] = _refusals()
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of a registered issuer, checked as RFC8725 advises. It names "
            "a principal, nothing more; the permission that an operation needs is its "
            f"`{PERMISSION}`.",
        }
    }
    for method, operation in _operations(document):
        _complete(method, operation)
    for method, operation in _operations(document):
        if method == "get" and _names_a_subject(operation, components["schemas"]):
            operation.setdefault("parameters", []).append(_PURPOSE)
    used = json.dumps(document["paths"])
    components["responses"] = {
        name: response
        for name, response in components["responses"].items()
        if f'"#/components/responses/{name}"' in used
    }
    document["webhooks"] = dict(_webhooks(sent() if sent else EVENT_TYPES))
    components["schemas"].update(_WEBHOOK_SCHEMAS)
    return _with_plain_names(document)


def _with_plain_names(document: Json) -> Json:
    """`Page[AuditRow]` is `AuditRowPage` to a generator, not `Page_AuditRow_`."""
    schemas: Json = document["components"]["schemas"]
    plain = {name: _GENERIC.sub(r"\2\1", name) for name in schemas}
    document["components"]["schemas"] = {plain[name]: schemas[name] for name in sorted(schemas)}
    text = json.dumps(document)
    for name, better in plain.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{better}"')
    named: Json = json.loads(text)
    return named


def client_variant(document: Json) -> Json:
    """The contract without webhooks, on which client generators stumble."""
    variant = {key: value for key, value in document.items() if key != "webhooks"}
    schemas = variant["components"]["schemas"]
    kept = {name: schema for name, schema in schemas.items() if name not in _WEBHOOK_SCHEMAS}
    return {**variant, "components": {**variant["components"], "schemas": kept}}


def write_contract(document: Json, directory: Path, *, check: bool) -> list[str]:
    """Write both files, or with `check` only name those that differ from what is committed."""
    differing = []
    for name, content in zip(FILES, (document, client_variant(document)), strict=True):
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
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


def _complete(method: str, operation: Json) -> None:
    """Write into one operation what its guard brings along."""
    guard = operation.pop(GUARD, None)
    responses: Json = operation["responses"]
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    _say_who_may(operation)
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    if guard is not None:
        add = {
            "reader": _complete_read,
            "change": _complete_change,
            "creating": _complete_create,
            "receiving": _complete_receipt,
            "pulling": _complete_pull,
        }
        add[guard](method, operation)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _calm(parameter["schema"], parameter=True)
        parameter.setdefault("description", described(parameter["name"]))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["schema"] = _calm(content["schema"])
    for status, response in responses.items():
        if "$ref" in response:
            continue
        if response.get("description", "Successful Response") == "Successful Response":
            response["description"] = PHRASES.get(int(status), _SUCCESS.get(status, "Answered"))
        response.setdefault("headers", {})["X-Correlation-ID"] = _CORRELATION
    operation["responses"] = dict(sorted(responses.items()))


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


def _complete_read(_: str, operation: Json) -> None:
    responses = operation["responses"]
    answer = responses["200"].setdefault("headers", {})
    slugs = [*EVERYWHERE, *_UNREADABLE, "not-found", "validation"]
    if _is_page(operation):
        answer["Link"] = _LINK
        slugs = [*EVERYWHERE, *_UNREADABLE, "invalid-cursor", "validation"]
    else:
        answer["ETag"] = _ETAG
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        responses["304"] = {"description": "Not modified", "headers": {"ETag": _ETAG}}
    _refuse(responses, slugs)


def _is_page(operation: Json) -> bool:
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {})
    name = str(schema.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return _GENERIC.fullmatch(name) is not None


def _complete_pull(_: str, operation: Json) -> None:
    operation["responses"]["200"].setdefault("headers", {})["Link"] = _LINK
    slugs = (*EVERYWHERE, *_UNREADABLE, "invalid-cursor", "not-found", "validation")
    _refuse(operation["responses"], slugs)


def _complete_change(method: str, operation: Json) -> None:
    parameters, responses = operation.setdefault("parameters", []), operation["responses"]
    parameters += [_IF_MATCH, _MAY_KEY]
    if method == "put":
        parameters.append(_CREATES)
    if "204" not in responses:  # without a document there is no tag
        made = next(status for status in responses if status.startswith("2"))
        answer = responses[made].setdefault("headers", {})
        answer["ETag"], answer["Idempotent-Replayed"] = _ETAG, _REPLAYED
    slugs = ("precondition-failed", "precondition-required", "idempotency-key-reused")
    _refuse(responses, [*_CHANGING, *slugs])


def _complete_create(_: str, operation: Json) -> None:
    operation.setdefault("parameters", []).append(_KEY)
    made = next(status for status in operation["responses"] if status.startswith("2"))
    answer = operation["responses"][made].setdefault("headers", {})
    answer |= {"ETag": _ETAG, "Location": _LOCATION, "Idempotent-Replayed": _REPLAYED}
    slugs = ("idempotency-key-required", "idempotency-key-reused")
    _refuse(operation["responses"], [*_CHANGING, *slugs])


def _complete_receipt(_: str, operation: Json) -> None:
    _refuse(operation["responses"], _CHANGING)


def _refuse(responses: Json, slugs: Iterable[str]) -> None:
    for status in {CATALOGUE[slug].status for slug in slugs}:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{_refusal(status)}"})


def _refusal(status: int) -> str:
    return PHRASES[status].title().replace(" ", "").replace("-", "")


def _refusals() -> Json:
    """One component for each status, with an example of each problem that it may carry."""
    return {
        _refusal(int(status)): {
            **response,
            "headers": response.get("headers", {}) | {"X-Correlation-ID": _CORRELATION},
        }
        for status, response in sorted(refusals(*CATALOGUE).items(), key=str)
    }


def _calm(schema: Any, *, parameter: bool = False) -> Any:
    """Without what says nothing: titles made up from names, and null in a query parameter."""
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

_WEBHOOK_SCHEMAS: Final[Json] = {
    "WebhookEvent": {
        "type": "object",
        "description": "A thin event: references and an address, never free text.",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "maxLength": 100, "examples": ["closure_gate.changed"]},
            "timestamp": {"type": "string", "format": "date-time", "maxLength": 35},
            "data": {
                "type": "object",
                "description": "References by name, and `url`, where the record can be read.",
                "properties": {
                    "worker": {
                        "type": ["string", "null"],
                        "maxLength": 200,
                        "description": "What the receiver's case system calls the worker, where "
                        "that is known, else our code.",
                    },
                    "worker_reference": {
                        "type": ["string", "null"],
                        "maxLength": 200,
                        "description": "What the receiver's case system calls the worker; null "
                        "where that is not known. Beside every `worker`.",
                    },
                    "team": {
                        "type": ["string", "null"],
                        "maxLength": 200,
                        "description": "Our code of the team.",
                    },
                    "team_reference": {
                        "type": ["string", "null"],
                        "maxLength": 200,
                        "description": "What the receiver's case system calls the team; null "
                        "where that is not known. Beside every `team`.",
                    },
                },
                "additionalProperties": True,
            },
        },
    }
}


def _webhooks(types: Mapping[str, type[Event]]) -> Iterator[tuple[str, Json]]:
    for name, event in sorted(types.items()):
        if not event.sent:
            continue
        yield (
            name,
            {
                "post": {
                    "operationId": "on_" + name.replace(".", "_"),
                    "summary": (event.__doc__ or name).strip(),
                    "description": "Signed as Standard Webhooks describes: `webhook-id`, "
                    "`webhook-timestamp` and `webhook-signature`.",
                    "tags": ["webhooks"],
                    "security": [],
                    "parameters": [
                        _asked("webhook-id", "The same for every attempt.", required=True),
                        _asked("webhook-timestamp", "Seconds since 1970.", required=True, most=20),
                        _asked("webhook-signature", "`v1,` and base64.", required=True, most=1_000),
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/WebhookEvent"}
                            }
                        },
                    },
                    "responses": {
                        "2XX": {"description": "Received. Anything else is tried again."},
                        "410": {"description": "No longer wanted: deliveries are parked."},
                        **{
                            status: {
                                "description": "This message is refused: it is not sent again."
                            }
                            for status in ("400", "409", "413", "422")
                        },
                    },
                }
            },
        )
