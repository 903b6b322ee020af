"""A quarter, a month, a day at the very ends of what can be written is answered or refused.

Never is it a fault of the service, and what was refused has written nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission, roles_with
from tests.api import Api, Json, serving
from tests.conftest import Clone, Database, settings_for
from tests.contract.document import Operation, operations, resolved
from tests.contract.people import in_each_role
from tests.contract.test_filters import NEEDED, in_path
from tests.kept import KEPT, Connection
from tests.matrix.writing import BODIES

QUARTER, MONTH = "2026-27 Q2", "2026-10"
IMPOSSIBLE: Final = {
    QUARTER: (
        *("0000-01 Q1", "0001-02 Q1", "0001-02 Q4", "0999-00 Q2", "1800-01 Q1", "1895-96 Q4"),
        *("1899-00 Q4", "1900-01 Q1", "1999-00 Q4", "2100-01 Q1", "2199-00 Q3", "2199-00 Q4"),
        *("2200-01 Q1", "9998-99 Q4", "9999-00 Q2", "9999-00 Q3", "9999-00 Q4", "2026-28 Q1"),
    ),
    MONTH: (
        *("0000-01", "0001-01", "0001-02", "0999-12", "1899-12", "1900-01", "1999-12", "2100-01"),
        *("2199-12", "9999-11", "9999-12", "2026-00", "2026-13"),
    ),
}
"""What no quarter and no month can be, in any request."""
FIRST_AND_LAST: Final = {
    QUARTER: ("2000-01 Q1", "2000-01 Q4", "2098-99 Q4", "2099-00 Q1", "2099-00 Q4"),
    MONTH: ("2000-01", "2099-12"),
}
DAYS: Final = {
    "date": ("1900-01-01", "2199-12-31"),
    "date-time": (
        *("1900-01-01T00:00:00Z", "1900-01-01T00:00:00+14:00", "1900-01-01T00:00:00-14:00"),
        *("2199-12-31T23:59:59.999999Z", "2199-12-31T23:59:59+14:00", "2199-12-31T23:59:59-14:00"),
    ),
}
"""The first and the last of each format that the fields take."""

_TABLES: Final = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' AND relname NOT LIKE 'access%' ORDER BY relname
"""
"""Every table, but for the record of who looked."""


@pytest.fixture(scope="module")
def database(clone_of_authority: Clone) -> Database:
    """Of an authority in which the first and last quarters may be written about."""
    return clone_of_authority()


@pytest.fixture(scope="module")
def api(database: Database, issuer: DevelopmentIssuer) -> Iterator[Api]:
    with serving(settings_for(database, issuer)) as server, Api(server, issuer, "qs-1") as api:
        yield api


@pytest.fixture(scope="module")
def who(database: Database) -> Mapping[str, list[str]]:
    """Everybody in each role."""
    return in_each_role(database)


def rows(database: Database) -> Mapping[str, int]:
    """How many rows there are of everything."""

    async def counted(kept: Connection) -> Mapping[str, int]:
        counts = " UNION ALL ".join(
            f"SELECT '{name}', (SELECT count(*) FROM \"{name}\")"  # the catalogue's names
            for (name,) in await kept.fetch(_TABLES)
        )
        return dict(await kept.fetch(counts))

    return KEPT.ask(database.migrate_url, counted)


def forms(schema: Json) -> Iterator[Json]:
    """What a value may look like, where it may also be left out."""
    schema = resolved(schema)
    for part in schema.get("anyOf", (schema,)):
        yield resolved(part)


def periods_of(schema: Json) -> list[str]:
    """Whether it takes a quarter, a month, or either; not what takes text or codes at large."""
    patterns = [form["pattern"] for form in forms(schema) if "Q[1-4]" in form.get("pattern", "")]
    return [one for one in (QUARTER, MONTH) if any(re.search(found, one) for found in patterns)]


def where(operation: Operation) -> Iterator[tuple[str, str, Json]]:
    """Each field of an operation, and where it stands: `path`, `query` or `body`."""
    for parameter in operation.content.get("parameters", ()):
        if parameter["in"] in {"path", "query"}:
            yield parameter["in"], parameter["name"], parameter["schema"]
    for media in operation.content.get("requestBody", {}).get("content", {}).values():
        for name, schema in resolved(media["schema"]).get("properties", {}).items():
            yield "body", name, schema


def taking_periods() -> Iterator[Any]:
    for operation in operations():
        for place, name, schema in where(operation):
            for period in periods_of(schema):
                called = "quarter" if period == QUARTER else "month"
                yield pytest.param(
                    operation, place, name, period, id=f"{operation}-{name}-{called}"
                )


def taking_days() -> Iterator[Any]:
    for operation in operations():
        for place, name, schema in where(operation):
            if operation.method == "get" and place != "body":
                for format_ in sorted({form.get("format", "") for form in forms(schema)} & {*DAYS}):
                    yield pytest.param(operation, place, name, format_, id=f"{operation}-{name}")


def sent(
    api: Api, who: Mapping[str, list[str]], operation: Operation, place: str, name: str, value: str
) -> httpx.Response:
    """The operation with this value, asked by the first who may."""
    told = {part: in_path(operation, part) for part in re.findall(r"\{(\w+)\}", operation.path)}
    query: Json = dict(NEEDED.get(str(operation), {}))
    body: Json = dict(BODIES.get(str(operation)) or {})
    match place:
        case "path":
            told[name] = value
        case "query":
            query = query | {name: value}
        case _:
            body = body | {name: value}
    if (place, name) == ("query", "since") and str(operation) == "get_metrics_breakdown":
        told["quarter"] = value if value in FIRST_AND_LAST[QUARTER] else QUARTER
    path = re.sub(r"\{(\w+)\}", lambda found: told[found[1]], operation.path)
    headers = {"if-match": '"7.0"'} if operation.method == "put" else {}
    assert operation.permission
    for role in sorted(roles_with(Permission(operation.permission))):
        for person in who.get(role, ()):
            answer = api.as_(person).request(
                operation.method.upper(),
                path,
                params=query,
                json=body if place == "body" else None,
                headers=headers | {"idempotency-key": uuid4().hex},
            )
            if answer.status_code != 403:
                return answer
    raise AssertionError("nobody may")


def named(answer: httpx.Response) -> set[str]:
    """The fields that a refusal names."""
    problem: Json = answer.json()
    return {
        str(error.get("parameter") or error.get("pointer")).lstrip("/")
        for error in problem["errors"]
    }


@pytest.mark.parametrize(("operation", "place", "name", "period"), list(taking_periods()))
def test_a_quarter_or_month_that_none_can_be_is_refused_by_name_and_nothing_is_written(
    api: Api,
    who: Mapping[str, list[str]],
    database: Database,
    operation: Operation,
    place: str,
    name: str,
    period: str,
) -> None:
    before = rows(database)
    answers = {value: sent(api, who, operation, place, name, value) for value in IMPOSSIBLE[period]}
    told = {value: (answer.status_code, answer.text) for value, answer in answers.items()}
    assert {value for value, (status, _) in told.items() if status != 422} == set(), told
    assert {value for value, answer in answers.items() if named(answer) != {name}} == set(), told
    assert rows(database) == before


@pytest.mark.parametrize(("operation", "place", "name", "period"), list(taking_periods()))
def test_the_first_and_the_last_quarter_and_month_are_answered(
    api: Api,
    who: Mapping[str, list[str]],
    operation: Operation,
    place: str,
    name: str,
    period: str,
) -> None:
    for value in FIRST_AND_LAST[period]:
        answer = sent(api, who, operation, place, name, value)
        fine = {200} if operation.method == "get" else {201, 404, 409, 412, 422}
        assert answer.status_code in fine, f"{value}: {answer.text}"


@pytest.mark.parametrize(("operation", "place", "name", "format_"), list(taking_days()))
def test_the_first_and_the_last_day_and_instant_are_answered(
    api: Api,
    who: Mapping[str, list[str]],
    operation: Operation,
    place: str,
    name: str,
    format_: str,
) -> None:
    for value in DAYS[format_]:
        answer = sent(api, who, operation, place, name, value)
        assert answer.status_code in {200, 404, 422}, f"{value}: {answer.text}"


@pytest.mark.long
def test_the_board_is_shown_the_very_first_quarter(api: Api) -> None:
    """Its trend reaches back before the first quarter that can be asked for."""
    report = {"quarter": "2000-01 Q1", "title": "April to June 2000"}
    drafted = api.as_("qs-1").create("/v1/board-reports", report)
    assert drafted.status_code == 201, drafted.text
    presented = api.as_("qs-1").act(f"/v1/board-reports/{drafted.json()['id']}/present")
    assert presented.status_code == 200, presented.text
    quarters = [one["quarter"] for one in presented.json()["snapshot"]["trend"]]
    assert quarters == ["1999-00 Q2", "1999-00 Q3", "1999-00 Q4", "2000-01 Q1"]


def test_no_sample_is_drawn_of_a_month_before_there_was_anything_to_moderate(
    api: Api, database: Database
) -> None:
    """A slip of the pen in the year would stand for ever."""
    before = rows(database)
    for month in ("2001-10", "2099-12"):
        refused = api.as_("qs-1").create("/v1/moderation-samples", {"group": "a", "period": month})
        assert (refused.status_code, named(refused)) == (422, {"period"}), refused.text
    assert rows(database) == before
