"""The shorthands in which it is said who sees what."""

from qa_api.auth.roles import Role
from qa_api.auth.sight import Relation, Rule, Sight, Standing, leads, managers, sees, throughout

OPEN, DONE = Standing.IN_PROGRESS, Standing.COMPLETED


def rule(role: Role, relation: Relation, *when: Standing) -> Rule:
    return Rule(Sight.ROW, frozenset({role}), relation, frozenset(when))


def test_a_rule_says_how_much_who_sees_and_when() -> None:
    one = sees(Sight.ROW, Role.AUDITOR, Relation.OWN_WORK, OPEN, DONE)
    assert one == rule(Role.AUDITOR, Relation.OWN_WORK, OPEN, DONE)
    several = sees(Sight.TEXT, (Role.WORKER, Role.AUDITOR), Relation.ADDRESSED)
    assert several.roles == {Role.WORKER, Role.AUDITOR}
    assert (several.sight, several.relation, several.when) == (
        Sight.TEXT,
        Relation.ADDRESSED,
        frozenset(),
    )


def test_who_leads_a_team_is_named_with_what_they_lead() -> None:
    for when in ((), (OPEN,), (OPEN, DONE)):
        managing = (
            rule(Role.TEAM_MANAGER, Relation.OWN_TEAM, *when),
            rule(Role.HEAD_OF_SERVICE, Relation.OWN_SERVICE, *when),
        )
        assert managers(Sight.ROW, *when) == managing
        supervising = rule(Role.PRACTICE_SUPERVISOR, Relation.OWN_TEAM, *when)
        assert leads(Sight.ROW, *when) == (*managing, supervising)


def test_a_role_over_the_authority_needs_no_nearness() -> None:
    assert throughout(Sight.FIELDS, Role.SENIOR_LEADER, Role.REPORTING) == Rule(
        Sight.FIELDS, frozenset({Role.SENIOR_LEADER, Role.REPORTING}), Relation.NONE
    )
