"""Every filter takes what its description promises: each value and example that it names."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.api import Api, Json
from tests.audits.auditing import ACTION, FINDING, SUPERVISOR, of_new_child
from tests.contract.document import Operation, operations, resolved

ASKERS = ("qs-1", "admin-1", "au-1", "hos-fast", "case-system-mosaic", "reporting-1")
ASKED: dict[str, str] = {}
"""Who was found to be allowed to ask."""
NAMES_OF_THINGS = {"next_cursor", "changes_token", "webhook-id", "system/ref", "true", "false"}
"""What descriptions quote that is no value of the parameter itself."""
TOKENS = {"cursor", "changed_since"}
"""What only an earlier answer gives."""
NEEDED: dict[str, dict[str, str]] = {
    "add_working_days": {"start": "2026-12-24", "days": "5"},
    "get_metrics_breakdown": {"by": "quarter"},
    "get_caseload_sample_size": {"width_percent": "10"},
    "explain_deadline": {"rule": "response_due", "at": "2026-12-24T09:00:00Z"},
}
NEEDED_BY: dict[tuple[str, str], dict[str, str]] = {
    ("pull_dataset", "trailer"): {"format": "csv"},
}
"""What one parameter needs beside it."""
OF_FORMAT = {
    "uuid": str(uuid4()),
    "date": "2026-11-23",
    "date-time": "2026-11-23T09:30:00+01:00",
    "int32": "1",
    "int64": "1",
}


def values_of(parameter: Json) -> list[str]:
    """Every value that a parameter's schema and words promise."""
    named = parameter["schema"].get("items", parameter["schema"])
    schema = resolved(named)
    # What a schema that others use too says of its values is said of all of them.
    own = "" if "$ref" in named else schema.get("description", "")
    words = f"{parameter['description']} {own}"
    quoted = [word for word in re.findall(r"`([^`]+)`", words) if word not in NAMES_OF_THINGS]
    listed = [str(value) for value in schema.get("enum", ())]
    if schema.get("type") == "boolean":
        listed = ["true", "false"]
    if schema.get("format") in OF_FORMAT:
        listed.append(OF_FORMAT[schema["format"]])
    examples = [str(example) for example in schema.get("examples", ())]
    # One that quotes characters, as in "also `.`, `_`", promises no value.
    return listed + examples + [word for word in quoted if len(word) > 1]


def filters() -> Iterator[Any]:
    for operation in operations():
        for parameter in operation.content.get("parameters", ()):
            if operation.method == "get" and parameter["in"] == "query":
                yield pytest.param(operation, parameter, id=f"{operation}-{parameter['name']}")


@pytest.mark.parametrize(("operation", "parameter"), list(filters()))
def test_a_filter_takes_each_value_that_it_promises(
    api: Api, at: Callable[[str], None], operation: Operation, parameter: Json
) -> None:
    at("2026-11-23T09:30:00Z")
    values = values_of(parameter)
    assert values or parameter["name"] in TOKENS, "it promises nothing that could be tried"
    path = re.sub(r"\{[^}]+\}", lambda name: in_path(operation, name.group()[1:-1]), operation.path)
    for value in values:
        query = NEEDED.get(str(operation), {}) | {parameter["name"]: value}
        query |= NEEDED_BY.get((str(operation), parameter["name"]), {})
        for person in sorted(ASKERS, key=ASKED.get(str(operation), ASKERS[0]).__ne__):
            answer = api.as_(person).get(path, params=query)
            if answer.status_code != 403:
                ASKED[str(operation)] = person
                break
        assert answer.status_code in {200, 404}, f"{value}: {answer.text}"


def in_path(operation: Operation, name: str) -> str:
    """Something of the right form, whether or not it is there."""
    (found,) = [
        parameter
        for parameter in operation.content["parameters"]
        if parameter["in"] == "path" and parameter["name"] == name
    ]
    return values_of(found)[-1]


def about_a_subject() -> Iterator[Any]:
    for operation in operations():
        names = {parameter["name"] for parameter in operation.content.get("parameters", ())}
        if operation.method == "get" and "subject" in names:
            yield pytest.param(operation, id=str(operation))


@pytest.mark.long
@pytest.mark.parametrize("operation", list(about_a_subject()))
def test_a_subject_is_named_by_id_or_as_its_case_system_calls_it(
    api: Api, operation: Operation, new_ref: Callable[[], str]
) -> None:
    case, other = (of_new_child(api, new_ref) for _ in range(2))
    for child in (case, other):
        audit = child.filled()
        supervisor = api.as_(SUPERVISOR)
        assert supervisor.create(f"{audit}/urgent-findings", FINDING).status_code == 201
        assert supervisor.create(f"{audit}/actions", ACTION).status_code == 201
        good = {"judgement": "good", "rationale": "In time."}
        child.accept(supervisor.act(f"{audit}/complete", {"overall": good}))
    subject = case.read(f"/v1/subjects/mosaic/{case.ref}")["id"]
    asking = api.as_("qs-1")
    by_id = case.accept(asking.get(operation.path, params={"subject": subject}))
    by_name = case.accept(asking.get(operation.path, params={"subject": f"mosaic/{case.ref}"}))
    assert by_name == by_id
    assert other.ref not in json.dumps(by_name)
    nobody = case.accept(asking.get(operation.path, params={"subject": "mosaic/C-unheard-of"}))
    assert nobody["items"] == []
    for page in (by_id, by_name):
        for row in page["items"]:
            assert subject in json.dumps(row)
