"""The webhooks of the contract: each event that is sent, with a schema and an example of its own.

Both follow from the fields of the event. The tests hold every message that is sent to its schema.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from qa_api.events import Event
from qa_api.events.addresses import url_of
from qa_api.http.openapi_headers import Json, asked
from qa_api.rules.escalation import EscalationTrigger
from qa_api.rules.states import GateState

_ID: Final = "018f6b2e-7c1a-7d3e-9b54-2f0c8a61d{:03x}"
_MOST_IDS: Final = 1_000


def _told(description: str, example: Any, **more: Any) -> Json:
    return {"description": description, "examples": [example], **more}


_FIELDS_AS_SHOWN: Final[Mapping[str, Json]] = {
    "about": _told("The record that the event is about, by our id.", _ID.format(1)),
    "subject": _told(
        "The child or carer household as its case system names it; null where none is meant.",
        {"system": "mosaic", "ref": "C-1001"},
    ),
    "action_ids": _told("The restorative actions that follow.", [_ID.format(2)]),
    "audit_id": _told("The audit that it follows from.", _ID.format(3)),
    "audit_type": _told("The code of the audit type.", "closure"),
    "clock": _told(
        "Whose date it is: the response's, that of a round after a return, or the review's.",
        "response",
        enum=["response", "round", "review"],
    ),
    "due_on": _told("The due date, a day in London.", "2026-11-30"),
    "due_on_before": _told("The due date until now, a day in London.", "2026-11-27"),
    "escalates": _told(
        "Whether the judgement raises an escalation to the team manager (§4.3).", False
    ),
    "gate_id": _told("The closure gate whose closing it follows from.", _ID.format(4)),
    "group": _told("The code of the auditor group; null: auditors in no group.", "a"),
    "judgement": _told(
        "The overall judgement, a grade of the audit's scale; null where there is none.", "good"
    ),
    "may_close": _told("Whether the case may be closed now.", True),
    "notification_id": _told("What your 2xx proves to have been delivered.", _ID.format(5)),
    "observed_on": _told("The day of the observation, in London.", "2026-11-23"),
    "outcome_ids": _told("The outcomes to come, one for each audit drawn.", [_ID.format(6)]),
    "period": _told("The month or the quarter of the financial year.", "2026-10"),
    "population_hash": _told("SHA-256 of what was drawn from, in hexadecimal.", "0" * 64),
    "quarter": _told("The quarter of the financial year.", "2026-27 Q3"),
    "revision": _told("The revision that is read now; the first is 1.", 2),
    "round": _told("Which round of the response; the first is 1.", 1),
    "routed_to": _told("Who takes it up.", "learning_development"),
    "state": _told("Where the gate stands.", "clear", enum=[state.value for state in GateState]),
    "system": _told("The code of the case system whose case it is.", "mosaic"),
    "team": _told("Our code of the team.", "lincoln-fast"),
    "trigger": _told(
        "What made the escalation.",
        "urgent_finding",
        enum=[trigger.value for trigger in EscalationTrigger],
    ),
    "worker": _told("What your case system calls the worker, else our code.", "SmithJ"),
}
"""What each field of a message means, with an example."""

_CALLED: Final[Mapping[str, Json]] = {
    "worker": _told("What your case system calls the worker; null where not known.", "SmithJ"),
    "team": _told("What your case system calls the team; null where not known.", "East Team"),
}
_OF_GATES: Final[Mapping[str, Json]] = {
    "ref": _told("What the case system calls the child or carer household.", "C-1001"),
    "episode_id": _told("What the case system calls the episode.", "EP-1"),
}
_BASE_URL: Final = "https://qa.example.org"
_SUBJECT: Final[Json] = {
    "type": ["object", "null"],
    "required": ["system", "ref"],
    "properties": {
        "system": {"type": "string", "maxLength": 60, "description": "The case system's code."},
        "ref": {"type": "string", "maxLength": 100, "description": "What it calls the subject."},
    },
}
_TEXT: Final[Json] = {"type": "string", "maxLength": 200}
_PLAIN: Final[Mapping[Any, Json]] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100_000},
    UUID: {"type": "string", "format": "uuid", "maxLength": 36},
    date: {"type": "string", "format": "date", "maxLength": 10},
}


def schema_name(event_type: str) -> str:
    """The component that describes the messages of an event type."""
    return "Webhook" + event_type.title().replace(".", "").replace("_", "")


def webhook_schemas(types: Mapping[str, type[Event]]) -> Json:
    """A schema for each event type that is sent, by its name among the components."""
    return {
        schema_name(name): _message(name, event)
        for name, event in sorted(types.items())
        if event.sent
    }


def webhooks(types: Mapping[str, type[Event]]) -> Iterator[tuple[str, Json]]:
    for name, event in sorted(types.items()):
        if event.sent:
            yield name, {"post": _received(name, event)}


def _message(name: str, event: type[Event]) -> Json:
    data = _data(name, event)
    example = {field: schema["examples"][0] for field, schema in data.items()}
    body = {"type": name, "timestamp": "2026-11-23T09:30:00Z", "data": example}
    return {
        "type": "object",
        "description": f"{_words(event)[0]} Thin: references and an address, never free text.",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "const": name},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "maxLength": 35,
                "description": "When it happened, in UTC.",
            },
            "data": {
                "type": "object",
                "description": "References by name, and where the record can be read.",
                "required": [field for field in data if field not in _OF_GATES],
                "properties": data,
            },
        },
        "examples": [body],
    }


def _data(name: str, event: type[Event]) -> Json:
    hints = get_type_hints(event)
    data: Json = {}
    for one in fields(event):
        form = _SUBJECT if one.name == "subject" else _form(hints[one.name])
        data[one.name] = {**form, **_FIELDS_AS_SHOWN[one.name]}
        if one.name in _CALLED:
            data[f"{one.name}_reference"] = {**_or_null(_TEXT), **_CALLED[one.name]}
    if name.startswith("closure_gate."):
        data |= {field: {**_TEXT, **told} for field, told in _OF_GATES.items()}
    address = url_of(_BASE_URL, name, {field: one["examples"][0] for field, one in data.items()})
    url = _told("Where the record can be read.", address)
    return data | {"url": {"type": "string", "format": "uri", "maxLength": 500, **url}}


def _form(hint: Any) -> Json:
    """The JSON of a field's type."""
    if get_origin(hint) is UnionType:
        (known,) = (one for one in get_args(hint) if one is not NoneType)
        return _or_null(_PLAIN[known])
    if get_origin(hint) is tuple:
        return {"type": "array", "maxItems": _MOST_IDS, "items": dict(_PLAIN[get_args(hint)[0]])}
    return dict(_PLAIN[hint])


def _or_null(form: Json) -> Json:
    return {**form, "type": [form["type"], "null"]}


def _words(event: type[Event]) -> tuple[str, str]:
    """What an event says in a line, and what more there is to say."""
    first, _, more = cleandoc(event.__doc__ or event.type).partition("\n\n")
    return " ".join(first.split()), " ".join(more.split())


def _received(name: str, event: type[Event]) -> Json:
    summary, more = _words(event)
    signed = (
        "Signed as Standard Webhooks describes: `webhook-id`, `webhook-timestamp` and"
        " `webhook-signature`."
    )
    refused = {"description": "This message is refused: it is not sent again."}
    reference = {"$ref": f"#/components/schemas/{schema_name(name)}"}
    return {
        "operationId": "on_" + name.replace(".", "_"),
        "summary": summary,
        "description": f"{more}\n\n{signed}".strip(),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            asked("webhook-id", "The same for every attempt.", required=True),
            asked("webhook-timestamp", "Seconds since 1970.", required=True, most=20),
            asked("webhook-signature", "`v1,` and base64.", required=True, most=1_000),
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {
            "2XX": {"description": "Received. Anything else is tried again."},
            "410": {"description": "No longer wanted: deliveries are parked."},
            **dict.fromkeys(("400", "409", "413", "422"), refused),
        },
    }
