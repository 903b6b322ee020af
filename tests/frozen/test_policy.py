"""A version of the policy is told, and says all that is different."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import Database
from tests.frozen.statements import (
    AT_THE_COMMIT,
    ONE,
    OTHER,
    THIRD,
    Row,
    Statement,
    entry_of,
    new,
    refused,
    tried,
)


def policy_changed(
    values: str,
    *,
    version: str = "78",
    said: str = "",
    day: str = "2026-11-24",
    by: str = ONE,
    state: str = "done",
) -> tuple[Statement, ...]:
    """A version of the policy with these values, told, and what was said of the change, if any."""
    policy: Row = {
        "version": version,
        "effective_from": f"'{day}'",
        "values": f"""'{{"closure_exempt_reasons": ["moved", "untold"]}}'::jsonb || '{values}'""",
    }
    told: Row = {
        "id": OTHER,
        "type": "'configuration.changed'",
        "data": """'{"what": "policy", "code": "78"}'""",
        "principal_id": by,
    }
    changes = f"""{{"effective_from": "2026-11-24", "changes": [{said}]}}"""
    change: Row = {
        "id": OTHER,
        "what": "'policy'",
        "state": "'proposed'",
        "becomes": f"""'{{"policy": {changes}}}'""",
        "proposed_by": ONE,
    }
    decided = f", decided_at = now(), decided_by = {THIRD}" if state == "confirmed" else ""
    kept = (
        new("rights_changes", change),
        f"UPDATE rights_changes SET state = '{state}'{decided} WHERE id = {OTHER}",
    )
    written_ = (new("policy_versions", policy), new("events", told))
    return (*written_, *(kept if said else ()), AT_THE_COMMIT)


EXEMPT_NONE: Final = """{"closure_exempt_reasons": []}"""
SAID_SO: Final = """{"key": "closure_exempt_reasons", "value": []}"""
POLICIES: Final[Mapping[str, tuple[bool, dict[str, str]]]] = {
    "of the service's own": (True, {"by": "NULL"}),
    "by one, who kept it": (True, {"said": SAID_SO}),
    "by two": (True, {"said": SAID_SO, "state": "confirmed"}),
    "by two, after its day": (True, {"said": SAID_SO, "state": "confirmed", "day": "2026-12-01"}),
    "with a key that is new": (True, {"said": SAID_SO, "values": """{"further": 1}"""}),
    "that nobody kept": (False, {}),
    "that was proposed only": (False, {"said": SAID_SO, "state": "proposed"}),
    "that was refused": (False, {"said": SAID_SO, "state": "ended"}),
    "with another value than was said": (
        False,
        {"said": """{"key": "closure_exempt_reasons", "value": ["moved"]}"""},
    ),
    "of another key than was said": (False, {"said": """{"key": "purposes", "value": []}"""}),
    "before the day that was said": (False, {"said": SAID_SO, "day": "2026-11-23"}),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_told_and_says_all_that_is_different(world: Database, policy: str) -> None:
    entry = entry_of("policy_versions", "begun_telling")
    taken, given = POLICIES[policy]
    answer = tried(world, *policy_changed(**{"values": EXEMPT_NONE, **given}))
    assert answer is None if taken else refused(answer, entry), answer


def test_a_policy_told_as_another_version_is_told_of_nothing(world: Database) -> None:
    entry = entry_of("policy_versions", "begun_telling")
    answer = tried(world, *policy_changed(EXEMPT_NONE, version="79", by="NULL"))
    assert refused(answer, entry), answer
