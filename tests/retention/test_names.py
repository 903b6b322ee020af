"""The names of workers go when the record of the worker goes (X4)."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import asyncpg
import pytest

from qa_api.retention.names import forget_names_of_leavers
from tests.retention.keeping import Keeping, as_role

NAME = "Zenobia Canary"
LEFT = "2020-06-01"
"""Who left then is named until 1 June 2026: today is 23 November 2026."""


@pytest.fixture(autouse=True)
def _nothing_left(keeping: Keeping) -> Iterator[None]:
    """Names of other tests' leavers went before, so that what is counted is this test's."""
    keeping.service.work(forget_names_of_leavers)
    yield
    keeping.rows("DELETE FROM worker_names WHERE name = $1", NAME)


def leaver(keeping: Keeping, leaves_on: str | None = LEFT) -> str:
    """A worker with a name who left on a day."""
    code = f"sw-{uuid4().hex[:10]}"
    body = {"starts_on": "2012-01-01", "leaves_on": leaves_on}
    made = keeping.api.as_("admin-1").change("PUT", f"/v1/workers/{code}", body)
    assert made.status_code == 200, made.text
    keeping.rows("INSERT INTO worker_names VALUES ($1, $2)", code, NAME)
    return code


def named(keeping: Keeping, code: str) -> bool:
    return bool(keeping.rows("SELECT FROM worker_names WHERE worker = $1", code))


def sweep(keeping: Keeping) -> int:
    """How many names the worker process forgets now."""
    return keeping.service.work(forget_names_of_leavers)


def test_the_name_goes_after_the_years_of_the_workers_record_and_the_code_stays(
    keeping: Keeping,
) -> None:
    gone, kept = leaver(keeping), leaver(keeping, "2020-11-23")
    assert sweep(keeping) == 1
    assert not named(keeping, gone)
    assert named(keeping, kept)
    assert keeping.read(f"/v1/workers/{gone}")["leaves_on"] == LEFT
    assert sweep(keeping) == 0
    told = keeping.rows(
        "SELECT FROM events WHERE type = 'configuration.changed' AND data ->> 'code' = $1"
        " AND correlation_id = 'casework'",
        gone,
    )
    assert len(told) == 1


def test_the_day_after_the_last_is_the_first_without_a_name(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    code = leaver(keeping, "2020-11-23")
    assert sweep(keeping) == 0
    at("2026-11-24T09:30:00Z")
    assert sweep(keeping) == 1
    assert not named(keeping, code)


def test_who_has_not_left_keeps_the_name(keeping: Keeping) -> None:
    here, leaves = leaver(keeping, None), leaver(keeping, "2027-03-31")
    assert sweep(keeping) == 0
    assert named(keeping, here)
    assert named(keeping, leaves)


@pytest.mark.parametrize("over", ["practice_observation", None])
def test_a_hold_keeps_names(keeping: Keeping, over: str | None) -> None:
    code = leaver(keeping)
    hold = keeping.hold(record_class=over) if over else keeping.hold()
    assert sweep(keeping) == 0
    assert named(keeping, code)
    keeping.lift(hold)
    assert sweep(keeping) == 1


@pytest.mark.long
def test_a_name_stays_while_an_observation_of_the_worker_still_says_something(
    keeping: Keeping, at: Callable[[str], None]
) -> None:
    code = leaver(keeping, "2018-06-01")
    recording = keeping.api.as_("ps-lincoln-fast")
    at("2016-05-03T10:00:00Z")
    said = {
        "worker": code,
        "observer": "ps-lincoln-fast",
        "observed_on": "2016-05-02",
        "planned": True,
        "family_consent": "given",
        "activity": "A home visit.",
        "strengths": "Listens.",
        "development": "Writes late.",
    }
    member = {
        "starts_on": "2012-01-01",
        "leaves_on": "2018-06-01",
        "teams": [{"team": "lincoln-fast", "from": "2012-01-01", "to": "2018-06-02"}],
    }
    path = f"/v1/workers/{code}"
    assert keeping.api.as_("admin-1").change("PUT", path, member).status_code == 200
    made = recording.create("/v1/practice-observations", said)
    assert made.status_code == 201, made.text
    at("2026-11-23T09:30:00Z")
    assert sweep(keeping) == 0
    assert named(keeping, code)
    keeping.remove()
    assert sweep(keeping) == 1
    assert not named(keeping, code)


def test_the_providers_name_goes_with_the_imported_one(keeping: Keeping) -> None:
    code = leaver(keeping)
    issuer = f"urn:{uuid4()}"
    keeping.rows(
        "INSERT INTO principals (id, issuer, subject, worker, disabled_at, version)"
        " VALUES (gen_random_uuid(), $1, $2, $2, now(), 1)",
        issuer,
        code,
    )
    keeping.rows(
        "INSERT INTO scim_users (id, issuer, subject, user_name, display_name, named, created_at,"
        " changed_at, deleted_at, version)"
        " VALUES (gen_random_uuid(), $1, $2, $2, $3, true, now(), now(), now(), 1)",
        issuer,
        code,
        NAME,
    )
    keeping.rows("DELETE FROM worker_names WHERE worker = $1", code)
    assert sweep(keeping) == 1
    (row,) = keeping.rows("SELECT display_name FROM scim_users WHERE issuer = $1", issuer)
    assert row["display_name"] is None


def test_a_token_that_is_another_workers_since_keeps_that_workers_name(keeping: Keeping) -> None:
    left, here = leaver(keeping), leaver(keeping, None)
    issuer = f"urn:{uuid4()}"
    for code, disabled in ((left, "now()"), (here, "NULL")):
        keeping.rows(
            "INSERT INTO principals (id, issuer, subject, worker, disabled_at, version)"
            f" VALUES (gen_random_uuid(), $1, 'one', $2, {disabled}, 1)",
            issuer,
            code,
        )
    keeping.rows(
        "INSERT INTO scim_users (id, issuer, subject, user_name, display_name, named, created_at,"
        " changed_at, version)"
        " VALUES (gen_random_uuid(), $1, 'one', 'one', $2, true, now(), now(), 1)",
        issuer,
        NAME,
    )
    assert sweep(keeping) == 1
    (row,) = keeping.rows("SELECT display_name FROM scim_users WHERE issuer = $1", issuer)
    assert row["display_name"] == NAME
    assert sweep(keeping) == 0


def test_sql_under_the_services_role_takes_no_name_of_who_is_here(keeping: Keeping) -> None:
    code = leaver(keeping, None)
    as_role(keeping.database.database_url, "SELECT qa_forget_names(ARRAY[$1])", code)
    assert named(keeping, code)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        as_role(keeping.database.read_url, "SELECT qa_forget_names(ARRAY[$1])", code)
