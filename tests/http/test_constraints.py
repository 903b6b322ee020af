"""A constraint that refuses says which thing it is about, and never a value (409)."""

import asyncpg
import pytest

from qa_api.http.errors import from_database
from qa_api.problems.constraints import OWN_DOING, THINGS, Broken
from tests.conftest import Database
from tests.looking import rows

COLLIDING = """
SELECT DISTINCT k.relname AS name FROM pg_index i JOIN pg_class k ON k.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
WHERE k.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion)
  -- An id that we make ourselves collides with none.
  AND pg_get_indexdef(i.indexrelid) !~ '\\((id|number|version)\\)$'
UNION
SELECT DISTINCT confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


ABSENT = """
INSERT INTO absences (id, worker, reason_code, valid)
VALUES (gen_random_uuid(), 'secret', 'sickness', '[2026-11-23,2026-11-30)')
"""


def test_every_constraint_of_the_database_has_its_words_or_a_reason(template: Database) -> None:
    tables = {str(row["name"]) for row in rows(template, COLLIDING)}
    assert len(tables) > 60
    told = {*THINGS, *OWN_DOING}
    assert sorted(tables - told) == [], "say what a row of it is, or why nobody can collide in it"
    every = {
        str(row["name"])
        for row in rows(
            template, "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p')"
        )
    }
    assert sorted(told - every) == [], "there is no such table"
    assert not THINGS.keys() & OWN_DOING.keys()


@pytest.mark.parametrize(
    ("state", "table", "said", "words"),
    [
        ("23505", "posts", "Key (kind)=(secret) already exists.", "somebody in this post already"),
        (
            "23505",
            "board_reports",
            "Key (quarter)=(secret) already exists.",
            "Yours is still a draft",
        ),
        ("23P01", "absences", "Key (worker)=(secret) conflicts", "an absence of this worker on"),
        ("23503", "posts", 'Key (a)=(secret) is not present in table "workers".', "names a worker"),
        (
            "23503",
            "teams",
            'Key (code)=(secret) is still referenced from table "audits".',
            "still in use: an audit names it",
        ),
    ],
)
def test_it_says_which_thing_and_no_value(state: str, table: str, said: str, words: str) -> None:
    told = Broken(state, table, said).words()
    assert told is not None
    assert words in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (ABSENT, "It names a worker that is not there"),
        (
            "INSERT INTO workers (code, version) VALUES ('secret', 1), ('secret', 1)",
            "There is a worker already",
        ),
    ],
)
def test_what_the_database_refuses_is_told_in_words(
    template: Database, statement: str, words: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        rows(template, statement)
    problem = from_database(refused.value, {})
    assert problem.status == 409
    assert problem.detail.startswith(words)
    assert "secret" not in problem.detail
