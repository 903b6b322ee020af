"""What somebody is to one record, as it is asked of an actor who is loaded."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.dialects import postgresql

from qa_api.auth.actor import CALLER, Actor, Me
from qa_api.auth.roles import ROLE_PERMISSIONS, Permission, Role, roles_with

NOW, TODAY = datetime(2026, 11, 23, 9, tzinfo=UTC), date(2026, 11, 23)
ID = UUID("0199d1f0-7c1b-7000-8000-000000000003")
ROW = SimpleNamespace(
    principal_id=ID,
    worker="w",
    system="s",
    roles=sorted(Role),
    supervised_teams=["supervised"],
    managed_teams=["managed", "b"],
    headed_teams=["headed"],
)
EVERYTHING = Actor.of(ROW)
WIDE = {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER}


@pytest.mark.parametrize(
    ("record", "near"),
    [
        ({"team": None}, set()),
        ({"team": "elsewhere"}, set()),
        ({"team": "supervised"}, {Role.PRACTICE_SUPERVISOR}),
        ({"team": "managed"}, {Role.TEAM_MANAGER}),
        ({"team": "headed"}, {Role.HEAD_OF_SERVICE}),
        ({"team": None, "worker": "w"}, {Role.WORKER}),
        ({"team": None, "auditor": "w"}, {Role.AUDITOR}),
        ({"team": None, "system": "s"}, {Role.CASE_SYSTEM}),
        ({"team": None, "worker": "x", "auditor": "x", "system": "x"}, set()),
    ],
    ids=str,
)
def test_a_role_is_held_over_a_record_by_what_somebody_has_to_do_with_it(
    record: dict[str, Any], near: set[Role]
) -> None:
    assert EVERYTHING.roles_over(**record) == WIDE | near
    for role in Role:
        alone = Actor(**{**vars_of(EVERYTHING), "roles": frozenset({role})})
        assert alone.roles_over(**record) == {role} & (WIDE | near)


def vars_of(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in Actor.__dataclass_fields__}


def test_whoever_is_nobody_is_near_no_record_of_nobody() -> None:
    nobody = Actor(**{**vars_of(EVERYTHING), "worker": None, "system": None})
    of_nobody = {"team": None, "worker": None, "auditor": None, "system": None}
    assert nobody.roles_over(**of_nobody) == WIDE


def test_an_actor_is_what_its_row_says_and_says_the_same_again() -> None:
    assert vars_of(Actor.of(ROW)) == {
        "principal_id": ID,
        "worker": "w",
        "system": "s",
        "roles": frozenset(Role),
        "supervised_teams": {"supervised"},
        "managed_teams": {"managed", "b"},
        "headed_teams": {"headed"},
    }
    given = EVERYTHING.given(NOW, TODAY)
    assert given == {
        **vars(ROW),
        "managed_teams": ["b", "managed"],
        "led_teams": ["b", "headed", "managed"],
        "now": NOW,
        "today": TODAY,
    }
    as_caller = EVERYTHING.as_caller(NOW, TODAY)
    assert as_caller == {f"caller_{name}": value for name, value in given.items()}


def test_a_permission_is_held_by_any_of_the_roles_that_have_it() -> None:
    for permission in Permission:
        having = {role for role in Role if permission in ROLE_PERMISSIONS[role]}
        assert roles_with(permission) == having
        for role in Role:
            one = Actor(**{**vars_of(EVERYTHING), "roles": frozenset({role})})
            assert one.holds(permission) is (role in having)


_DIALECT: Any = postgresql.dialect  # it is untyped


def compiled(value: Any) -> Any:
    return value.compile(dialect=_DIALECT())


def test_an_actor_in_sql_is_the_same_by_its_values_and_by_the_names_of_its_values() -> None:
    given = EVERYTHING.given(NOW, TODAY)
    for me, prefix in ((Me.named(), "caller_"), (CALLER, "caller_"), (Me.given(), "")):
        for name in given:
            assert compiled(getattr(me, name)).params.keys() == {f"{prefix}{name}"}
    assert compiled(Me.given("other_").worker).params.keys() == {"other_worker"}
    loaded, named = Me.loaded(EVERYTHING, NOW, TODAY), Me.given()
    for name, value in given.items():
        one, other = getattr(loaded, name), getattr(named, name)
        assert list(compiled(one).params.values()) == [value]
        assert repr(one.type) == repr(other.type)
