"""What the guard of a route brings along, as the contract describes it: headers and refusals."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from qa_api.http.openapi_headers import (
    AS_AT,
    CREATES,
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    KEY,
    LINK,
    LOCATION,
    MAY_KEY,
    OF_DOWNLOADS,
    OF_TABLES,
    ON_EVERY_ANSWER,
    REPLACES,
    REPLAYED,
    Json,
)
from qa_api.http.problem_document import EVERYWHERE, MEDIA_TYPE, refusals
from qa_api.problems.catalogue import CATALOGUE, PHRASES

_ANY_REFUSAL: Final = "AnyRefusal"
ANY_REFUSAL: Final = {"$ref": f"#/components/responses/{_ANY_REFUSAL}"}
"""The answer to a request for which no other is declared."""
GENERIC: Final = re.compile(r"([A-Z][A-Za-z]*)_([A-Z][A-Za-z]*)_")
"""What FastAPI calls the schema of a page: `Page_AuditRow_`."""
_UNREADABLE: Final = ("malformed-request", "uri-too-long", "header-fields-too-large")
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


def _complete_read(_: str, operation: Json) -> None:
    responses = operation["responses"]
    answer = responses["200"].setdefault("headers", {})
    slugs = [*EVERYWHERE, *_UNREADABLE, "not-found", "validation"]
    if _is_page(operation):
        answer["Link"] = LINK
        if "text/csv" in responses["200"]["content"]:
            answer["Content-Disposition"] = OF_TABLES
        slugs = [*EVERYWHERE, *_UNREADABLE, "invalid-cursor", "validation"]
    else:
        answer["ETag"] = ETAG
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        responses["304"] = {"description": "Not modified", "headers": {"ETag": ETAG}}
    _refuse(responses, slugs)


def _complete_read_behind(method: str, operation: Json) -> None:
    _complete_read(method, operation)
    for status in ("200", "304"):
        operation["responses"][status]["headers"] |= AS_AT


def _is_page(operation: Json) -> bool:
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {})
    name = str(schema.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return GENERIC.fullmatch(name) is not None


def _complete_pull(_: str, operation: Json) -> None:
    answer = operation["responses"]["200"].setdefault("headers", {})
    answer |= {"Link": LINK, **OF_DOWNLOADS}
    slugs = (*EVERYWHERE, *_UNREADABLE, "invalid-cursor", "not-found", "validation")
    _refuse(operation["responses"], slugs)


def _complete_listening(_: str, operation: Json) -> None:
    # Besides the quota, too many listeners are refused like whatever cannot be served now.
    slugs = (*EVERYWHERE, *_UNREADABLE, "invalid-cursor", "not-found", "validation")
    _refuse(operation["responses"], slugs)


def _complete_change(method: str, operation: Json) -> None:
    _complete_conditional(method, operation, IF_MATCH)


def _complete_put(method: str, operation: Json) -> None:
    _complete_conditional(method, operation, REPLACES, CREATES)


def _complete_conditional(method: str, operation: Json, *conditions: Json) -> None:
    operation.setdefault("parameters", []).extend(conditions)
    _complete_repeat(method, operation)
    _refuse(operation["responses"], ("precondition-failed", "precondition-required"))


def _complete_repeat(_: str, operation: Json) -> None:
    responses = operation["responses"]
    operation.setdefault("parameters", []).append(MAY_KEY)
    if "204" not in responses:  # without a document there is no tag
        made = next(status for status in responses if status.startswith("2"))
        answer = responses[made].setdefault("headers", {})
        answer["ETag"], answer["Idempotent-Replayed"] = ETAG, REPLAYED
    _refuse(responses, [*_CHANGING, "idempotency-key-reused"])


def _complete_create(_: str, operation: Json) -> None:
    operation.setdefault("parameters", []).append(KEY)
    made = next(status for status in operation["responses"] if status.startswith("2"))
    answer = operation["responses"][made].setdefault("headers", {})
    answer |= {"ETag": ETAG, "Location": LOCATION, "Idempotent-Replayed": REPLAYED}
    slugs = ("idempotency-key-required", "idempotency-key-reused")
    _refuse(operation["responses"], [*_CHANGING, *slugs])


def _complete_receipt(_: str, operation: Json) -> None:
    _refuse(operation["responses"], _CHANGING)


def _refuse(responses: Json, slugs: Iterable[str]) -> None:
    for status in {CATALOGUE[slug].status for slug in slugs}:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{_refusal(status)}"})


def _refusal(status: int) -> str:
    return PHRASES[status].title().replace(" ", "").replace("-", "")


def refusal_components() -> Json:
    """One component for each status, with an example of each problem that it may carry."""
    return {
        _refusal(int(status)): {
            **response,
            "headers": response.get("headers", {}) | ON_EVERY_ANSWER,
        }
        for status, response in sorted(refusals(*CATALOGUE).items(), key=str)
    } | {
        _ANY_REFUSAL: {
            "description": "Whatever else is refused: a problem of the catalogue.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": dict(ON_EVERY_ANSWER),
        }
    }


COMPLETE: Final[Mapping[str, Callable[[str, Json], None]]] = {
    "reader": _complete_read,
    "reader behind": _complete_read_behind,
    "change": _complete_change,
    "putting": _complete_put,
    "repeating": _complete_repeat,
    "creating": _complete_create,
    "receiving": _complete_receipt,
    "pulling": _complete_pull,
    "listening": _complete_listening,
}
"""By the guard's name: writes into an operation of a method what its guard brings along."""
