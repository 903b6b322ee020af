"""The same request has the same fingerprint; another has another."""

import asyncio
import os

import asyncpg
import pytest
from alembic import command

from qa_api import migrate
from qa_api.http.idempotency import digest_of, fingerprint, read_key, require_key, sealed
from qa_api.problems import Problem
from tests.conftest import Database, created, execute

ONE = ("POST", "/v1/audits", b"", {"a": 1, "b": [1, 2]})


def test_order_of_members_does_not_matter() -> None:
    assert fingerprint(*ONE) == fingerprint("POST", "/v1/audits", b"", {"b": [1, 2], "a": 1})
    assert len(fingerprint(*ONE)) == 32


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", *ONE[1:]),
        ("POST", "/v1/audit", *ONE[2:]),
        ("POST", "/v1/audits", b"x=1", ONE[3]),
        (*ONE[:3], {"a": 1, "b": [2, 1]}),
        (*ONE[:3], {"a": "1", "b": [1, 2]}),
        (*ONE[:3], None),
    ],
)
def test_any_other_request_differs(other: tuple[str, str, bytes, object]) -> None:
    assert fingerprint(*other) != fingerprint(*ONE)


@pytest.mark.parametrize(
    ("header", "key"), [(None, None), ("abc-1", "abc-1"), ('"abc 1"', "abc 1"), ("a", "a")]
)
def test_a_key_is_read_bare_or_in_quotes(header: str | None, key: str | None) -> None:
    assert read_key(header) == key


def test_a_missing_key_is_required() -> None:
    with pytest.raises(Problem) as refused:
        require_key(None)
    assert refused.value.kind.slug == "idempotency-key-required"


REQUEST = ("PUT", "/v1/subjects/mosaic/C-1001", "the key of C-1001")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_key_is_kept_as_a_digest_together_with_its_address(part: int) -> None:
    other = [*REQUEST[:part], f"{REQUEST[part]}x", *REQUEST[part + 1 :]]
    assert digest_of(*REQUEST) != digest_of(*other)
    assert digest_of(*REQUEST) == digest_of(*REQUEST)
    assert len(digest_of(*REQUEST)) == 64


def test_what_was_asked_is_not_to_be_guessed_without_the_key() -> None:
    asked = fingerprint(*ONE)
    assert sealed(asked, "one") != sealed(asked, "another")
    assert asked.hex() not in sealed(asked, "one")


@pytest.mark.long
def test_keys_that_were_kept_before_are_found_again_and_name_nobody(postgres: Database) -> None:
    method, path, key = REQUEST
    asked = fingerprint(*ONE).hex()
    with created(postgres, f"qa_keys_{os.getpid()}") as old:
        url = old.migrate_url
        asyncio.run(migrate.with_owner(url, lambda config: command.upgrade(config, "0051")))
        execute(
            url,
            "INSERT INTO idempotency_keys VALUES (gen_random_uuid(),"
            f" '{method} {path}', '{key}', '{asked}', gen_random_uuid(), now())",
        )
        migrate.upgrade(url)

        async def kept() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(url)
            try:
                return list(await connection.fetch("SELECT * FROM idempotency_keys"))
            finally:
                await connection.close()

        (row,) = asyncio.run(kept())
    assert row["digest"] == digest_of(*REQUEST)
    assert row["fingerprint"] == sealed(bytes.fromhex(asked), key)
    assert "C-1001" not in str(row)
