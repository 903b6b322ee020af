"""Nothing of the contract is without a rule: every operation, every field, every role, the page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from qa_api.auth.matrix import THINGS, Relation, Sight
from qa_api.auth.matrix.fields import CODES, NEEDED_BY, PEOPLE, TEXTS
from qa_api.auth.matrix.leaving import PULLED, SENT, TOLD
from qa_api.auth.matrix.printing import PAGE, page, write_page
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.events import EVENT_TYPES
from qa_api.reporting.columns import Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.webhooks.schemas import SENT_TYPES
from tests.api import Json, contract
from tests.matrix.near import BARRED, BARRED_ELSEWHERE
from tests.matrix.walk import OPERATIONS

_ROOT = Path(__file__).parents[2]


def test_every_operation_belongs_to_exactly_one_thing() -> None:
    named = Counter(operation for thing in THINGS for operation in thing.operations)
    assert {name for name, times in named.items() if times > 1} == set()
    assert set(OPERATIONS) - set(named) == set(), "an operation without a rule"
    assert set(named) - set(OPERATIONS) == set(), "a rule without an operation"


def test_every_rule_gives_to_roles_that_may_ask() -> None:
    for thing in THINGS:
        reads = [name for name in (thing.document, *thing.listed, *thing.computed) if name]
        asking = {
            role
            for name in reads
            if (permission := OPERATIONS[name][2])
            for role in roles_with(Permission(permission))
        }
        # What shows in another thing (`Sight.FIELDS`) is asked for there.
        whole = [rule for rule in thing.rules if rule.sight >= Sight.ROW]
        given = {role for rule in whole for role in rule.roles}
        assert given <= asking, f"{thing.name}: {given - asking} may not even ask"


def test_every_act_takes_the_permission_of_its_route_and_gives_no_more() -> None:
    for thing in THINGS:
        for act in thing.acts:
            assert OPERATIONS[act.operation][2] == act.permission, act.operation
            assert set(act.by) <= roles_with(act.permission), act.operation
            assert all(act.by.values()), f"{act.operation}: a role that may, over nothing"


def test_every_conflict_of_interest_is_walked_or_held_elsewhere() -> None:
    conflicts = {act.operation for thing in THINGS for act in thing.acts if act.never}
    assert not BARRED.keys() & BARRED_ELSEWHERE.keys()
    assert conflicts == BARRED.keys() | BARRED_ELSEWHERE.keys()
    for place in BARRED_ELSEWHERE.values():
        file, _, test = place.partition("::")
        assert f"\ndef {test}(" in (_ROOT / file).read_text(), place


def test_every_role_and_every_relation_is_in_the_table() -> None:
    rules = [rule for thing in THINGS for rule in thing.rules]
    assert {role for rule in rules for role in rule.roles} == set(Role)
    assert {rule.relation for rule in rules} == set(Relation)


SCHEMAS: Final[Json] = contract()["components"]["schemas"]


def answers() -> Iterator[Any]:
    """What each operation answers when all goes well."""
    for item in contract()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for status, answer in operation.get("responses", {}).items():
                    if status.startswith("2"):
                        yield answer.get("content", {})


def shown(part: Any, seen: set[str]) -> set[str]:
    """The names of the schemas within a part of the contract, and within those."""
    if isinstance(part, list):
        for each in part:
            shown(each, seen)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name in SCHEMAS and name not in seen:
            seen.add(name)
            shown(SCHEMAS[name], seen)
        shown([value for key, value in part.items() if key not in {"example", "examples"}], seen)
    return seen


def is_plain(schema: Any) -> bool:
    """Whether it holds a string of no closed set and of no format, or a list of such."""
    if "$ref" in schema:
        return is_plain(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    several = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    told = {"format", "enum", "const"} & set(schema)
    return (schema.get("type") == "string" and not told) or any(map(is_plain, several))


def strings() -> list[tuple[str, str]]:
    """The fields of answers that hold any string, each with its schema."""
    return [
        (name, field)
        for name in sorted(shown(list(answers()), set()))
        for field, schema in SCHEMAS[name].get("properties", {}).items()
        if is_plain(schema)
    ]


def test_every_printed_page_is_in_the_table_as_one_with_names() -> None:
    printed = {
        operation["operationId"]
        for path in contract()["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        and "text/html" in operation.get("responses", {}).get("200", {}).get("content", {})
    }
    assert printed == {thing.document for thing in THINGS if thing.named}


def test_every_field_that_holds_a_string_is_of_one_kind() -> None:
    kinds = (frozenset(PEOPLE), TEXTS, CODES)
    found = strings()
    assert len(found) > 500
    for schema, field in found:
        times = sum(field in kind for kind in kinds)
        assert times == 1, f"{schema}.{field} is of {times} kinds: say in fields.py what it is"
    assert set(NEEDED_BY) <= set(PEOPLE.values())
    named = {field for _, field in found}
    assert {field for kind in kinds for field in kind} <= named, "a kind of a field that is gone"


def test_every_dataset_and_each_of_its_columns_has_a_rule() -> None:
    assert set(PULLED) == set(DATASETS)
    assert set(TOLD) == {kind.value for kind in Kind}
    for name, dataset in DATASETS.items():
        assert PULLED[name].table == dataset.entity.__tablename__
        columns = {column.name: column for column in dataset.columns}
        people = {
            each.name for each in columns.values() if each.personal and each.kind is Kind.CODE
        }
        assert PULLED[name].people == people, f"{name}: who is named, in which column?"
        shown_as = set(SCHEMAS[f"{_schema_of(name)}DatasetRow"]["properties"])
        assert shown_as == set(columns), f"{name}: a column that the contract does not have"


def _schema_of(dataset: str) -> str:
    return "".join(word.capitalize() for word in dataset.split("-"))


def test_every_event_that_is_sent_and_each_of_its_fields_has_a_rule() -> None:
    assert set(SENT) == {*SENT_TYPES, "webhook_endpoint.test"}
    for name, said in SENT.items():
        declared = {one.name for one in fields(EVENT_TYPES[name])} - {"about", "subject"}
        assert said == declared, f"{name}: {said ^ declared} is sent, and of what kind is it?"


def test_the_page_says_what_the_table_says() -> None:
    assert (_ROOT / PAGE).read_text() == page(), "run `qa-api matrix`"


def test_the_page_is_written_where_it_is_missing_or_differs_and_only_looked_at_by_a_check(
    tmp_path: Path,
) -> None:
    place = tmp_path / PAGE
    place.parent.mkdir(parents=True)
    assert write_page(tmp_path, check=True)
    assert not place.exists()
    for before in (None, "what it said a release ago"):
        if before is not None:
            place.write_text(before)
            assert write_page(tmp_path, check=True)
            assert place.read_text() == before
        assert write_page(tmp_path, check=False)
        assert place.read_text() == page()
        assert not write_page(tmp_path, check=True)
        assert not write_page(tmp_path, check=False)
