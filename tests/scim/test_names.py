"""No two people have one externalId and no two groups one name, whoever asks at the same moment."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest

from tests.conftest import Database
from tests.scim.provider import CORE, Provider

USER: Final = (
    "INSERT INTO scim_users (id, issuer, subject, user_name, external_id, named, created_at,"
    " changed_at, version) VALUES (gen_random_uuid(), $1, $2, $2, $3, true, now(), now(), 1)"
)
GROUP: Final = (
    "INSERT INTO scim_groups (id, issuer, display_name, created_at, changed_at, version)"
    " VALUES (gen_random_uuid(), $1, $2, now(), now(), 1)"
)
WAITS: Final = "SELECT cardinality(pg_blocking_pids($1)) > 0"


def group(name: str) -> dict[str, Any]:
    return {"schemas": [f"{CORE}Group"], "displayName": name}


@pytest.mark.parametrize(
    ("statement", "first", "second", "refused"),
    [
        (USER, ("one", "Same"), ("two", "Same"), True),
        (USER, ("one", "Same"), ("two", "same"), False),  # RFC 7643 §3.1: case counts
        (USER, ("one", None), ("two", None), False),
        (GROUP, ("Auditors",), ("AUDITORS",), True),  # RFC 7643 §8.7.1: it does not
        (GROUP, ("Auditors",), ("Auditors 2",), False),
    ],
)
def test_the_database_lets_one_of_two_writers_have_a_name(
    provided: Database, statement: str, first: Any, second: Any, refused: bool
) -> None:
    """Two connections at once, as the service: the second waits for the first, and then is told."""
    issuer = f"urn:{uuid4()}"

    async def both() -> None:
        one, two = [await asyncpg.connect(provided.database_url) for _ in range(2)]
        begun = one.transaction()
        await begun.start()
        try:
            await one.execute(statement, issuer, *first)
            writes = asyncio.create_task(two.execute(statement, issuer, *second))
            if refused:
                while not await one.fetchval(WAITS, two.get_server_pid()):
                    assert not writes.done(), "both wrote it"
            else:
                await writes
            await begun.commit()
            with pytest.raises(asyncpg.UniqueViolationError) if refused else nullcontext():
                await writes
        finally:
            await one.close()
            await two.close()

    asyncio.run(both())


@pytest.mark.long
def test_of_many_who_tell_of_one_person_or_group_at_once_one_is_let_in(provider: Provider) -> None:
    name = f"person-{uuid4().hex[:10]}"

    def tell(turn: int) -> tuple[int, int]:
        user = {
            "schemas": [f"{CORE}User"],
            "userName": f"{turn}-{name}@example.gov.uk",
            "externalId": name,
        }
        spelled = name.upper() if turn % 2 else name
        return (
            provider.ask("POST", "/Users", user).status_code,
            provider.ask("POST", "/Groups", group(spelled)).status_code,
        )

    with ThreadPoolExecutor(6) as several:
        told = list(several.map(tell, range(6)))
    for kind in range(2):
        assert sorted(one[kind] for one in told) == [201, *[409] * 5]


def test_a_group_takes_no_name_of_another_and_keeps_its_own(provider: Provider) -> None:
    name, other = (f"Group {uuid4().hex[:8]}" for _ in range(2))
    first = provider.told("POST", "/Groups", group(name), 201)
    second = provider.told("POST", "/Groups", group(other), 201)
    taken = provider.ask("PUT", f"/Groups/{second['id']}", group(name.lower()))
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    assert provider.told("GET", f"/Groups/{second['id']}")["displayName"] == other
    own = provider.told("PUT", f"/Groups/{first['id']}", group(name.upper()))
    assert own["displayName"] == name.upper()
    provider.told("DELETE", f"/Groups/{first['id']}", status=204)
    assert provider.told("PUT", f"/Groups/{second['id']}", group(name))["displayName"] == name
