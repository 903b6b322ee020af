"""Messages held against the schemas that the contract has of them."""

import json
from functools import cache

from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from qa_api.http.openapi_webhooks import schema_name
from tests.api import Json, contract

_HERE = "urn:contract"


@cache
def _validator(event_type: str) -> Draft202012Validator:
    registry = Registry([(_HERE, contract())], draft=Draft202012)
    schema = {"$ref": f"{_HERE}#/components/schemas/{schema_name(event_type)}"}
    return Draft202012Validator(json.dumps(schema), registry=registry, validate_formats=True)


def faults_of(message: Json) -> list[str]:
    """What is wrong with a message by its schema, and what it says beyond the schema."""
    schema = contract()["components"]["schemas"][schema_name(message["type"])]
    known = schema["properties"]["data"]["properties"]
    further = [f"{field} is not in the schema" for field in sorted(set(message["data"]) - {*known})]
    return [error.message for error in _validator(message["type"]).iter_errors(message)] + further
