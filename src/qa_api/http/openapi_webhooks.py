"""The webhooks of the contract: every event that is sent, and what it looks like."""

from collections.abc import Iterator, Mapping
from typing import Final

from qa_api.events import Event
from qa_api.http.openapi_headers import Json, asked

WEBHOOK_SCHEMAS: Final[Json] = {
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


def webhooks(types: Mapping[str, type[Event]]) -> Iterator[tuple[str, Json]]:
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
                        asked("webhook-id", "The same for every attempt.", required=True),
                        asked("webhook-timestamp", "Seconds since 1970.", required=True, most=20),
                        asked("webhook-signature", "`v1,` and base64.", required=True, most=1_000),
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
