"""R4.5.2: teams take turns, and nobody moderates what is theirs."""

from dataclasses import replace
from datetime import date

import pytest

from qa_api.rules.decision import RuleRefused
from qa_api.rules.moderation import (
    Conflict,
    ModeratedAudit,
    Moderator,
    check_moderator,
    conflict_of,
    moderating_teams,
    share_moderation,
)
from qa_api.rules.policy import Policy

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
AUDIT = ModeratedAudit("audit", "auditor", frozenset({"boston"}), audited_worker="judged")
TEAMS = ("lincoln", "adoption")


@pytest.mark.parametrize(
    ("moderator", "conflict"),
    [
        (Moderator("auditor", frozenset({"lincoln"})), Conflict.OWN_AUDIT),
        (Moderator("auditor", frozenset(), senior_leader=True), Conflict.OWN_AUDIT),
        (Moderator("judged", frozenset({"lincoln"})), Conflict.OWN_WORK),
        (Moderator("judged", frozenset(), senior_leader=True), Conflict.OWN_WORK),
        (Moderator("tm", frozenset({"boston", "lincoln"})), Conflict.OWN_TEAMS_CASE),
        (Moderator("slt", frozenset({"boston"}), senior_leader=True), Conflict.OWN_TEAMS_CASE),
        (Moderator("tm", frozenset({"cwd"})), Conflict.NOT_MODERATING),
        (Moderator("sw", frozenset({"lincoln"}), may_record=False), Conflict.NOT_MODERATING),
        (Moderator("tm", frozenset({"lincoln"})), None),
        (Moderator("slt", frozenset(), senior_leader=True), None),
    ],
)
def test_who_may_moderate(moderator: Moderator, conflict: Conflict | None) -> None:
    assert conflict_of(moderator, AUDIT, TEAMS) is conflict
    if conflict is None:
        check_moderator(moderator, AUDIT, TEAMS)
    else:
        with pytest.raises(RuleRefused) as refused:
            check_moderator(moderator, AUDIT, TEAMS)
        assert refused.value.field == "moderator"


def test_a_restricted_record_is_moderated_only_by_who_may_see_it() -> None:
    restricted = replace(AUDIT, restricted=True)
    stranger = Moderator("tm", frozenset({"lincoln"}))
    assert conflict_of(stranger, restricted, TEAMS) is Conflict.RESTRICTED
    assert conflict_of(replace(stranger, may_see=frozenset({"audit"})), restricted, TEAMS) is None


def test_teams_take_turns() -> None:
    teams = set("abcdef")
    turns: list[str] = []
    last: dict[str, date] = {}
    for month in range(1, 6):
        chosen = moderating_teams(teams, last, POLICY)
        turns += chosen
        last |= dict.fromkeys(chosen, date(2026, month, 1))
    assert turns == [*"abcdefabcd"]
    assert moderating_teams({"a"}, {}, POLICY) == ("a",)
    assert moderating_teams((), {}, POLICY) == ()


def test_the_load_is_spread_and_nobody_gets_what_is_theirs() -> None:
    people = [Moderator(name, frozenset({"lincoln"})) for name in ("ann", "ben", "cat")]
    audits = [ModeratedAudit(str(n), "ann", frozenset({"boston"})) for n in range(4)]
    shared = share_moderation(audits, people, TEAMS, "seed")
    assert sorted(shared.values()) == ["ben", "ben", "cat", "cat"]
    assert share_moderation(audits, people[::-1], TEAMS, "seed") == shared
    theirs = [ModeratedAudit("x", "ann", frozenset({"lincoln"}))]
    assert share_moderation(theirs, people, TEAMS, "seed") == {}
