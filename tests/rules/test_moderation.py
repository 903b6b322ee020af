"""R4.5.2: teams take turns, and nobody moderates what is theirs."""

from dataclasses import replace
from datetime import date

import pytest

from qa_api.rules.decision import RuleRefused
from qa_api.rules.moderation import (
    Conflict,
    ModeratedAudit,
    Moderator,
    Unsealed,
    check_moderator,
    check_sealed,
    conflict_of,
    moderating_teams,
    of_nobody,
    share_moderation,
    unsealed_because,
    who_can_judge,
    why_unsealed,
)
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import SecondGrade
from tests.rules.refusing import Refusal, refusal

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))
AUDIT = ModeratedAudit("audit", "auditor", frozenset({"boston"}), audited_worker="judged")
TEAMS = ("lincoln", "adoption")
CODES = {
    Conflict.OWN_AUDIT: "own-audit",
    Conflict.OWN_WORK: "own-work",
    Conflict.OWN_TEAMS_CASE: "own-teams-case",
    Conflict.NOT_MODERATING: "not-moderating",
    Conflict.RESTRICTED: "restricted",
}


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
    told = refusal(check_moderator, moderator, AUDIT, TEAMS)
    assert told == (conflict and Refusal(CODES[conflict], "§4.5, R4.5.2", "moderator"))


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


def test_who_has_fewest_choices_and_least_to_do_is_given_an_audit() -> None:
    ann, ben = (Moderator(name, frozenset({"lincoln"})) for name in ("ann", "ben"))
    audits = [ModeratedAudit(str(n), "x", frozenset({"boston"})) for n in range(5)]
    only_ben = ModeratedAudit("of ann", "ann", frozenset({"boston"}))
    for seed in map(str, range(20)):
        shared = share_moderation([*audits, only_ben], [ann, ben], TEAMS, seed)
        assert shared["of ann"] == "ben"
        assert sorted(shared.values()) == ["ann"] * 3 + ["ben"] * 3


def test_the_lot_is_drawn_anew_for_each_seed_and_each_audit() -> None:
    people = [Moderator(name, frozenset({"lincoln"})) for name in ("ann", "ben")]
    one, other = (ModeratedAudit(name, "x", frozenset({"boston"})) for name in ("1", "2"))

    def given(audit: ModeratedAudit) -> list[str]:
        seeds = map(str, range(30))
        return [share_moderation([audit], people, TEAMS, seed)[audit.audit_id] for seed in seeds]

    assert set(given(one)) == {"ann", "ben"}
    assert given(one) != given(other)


# --- sealed second grades (R4.5.3) ---

SEALED, OPEN = SecondGrade.SEALED, SecondGrade.OPEN
FRESH = Moderator("fresh", frozenset({"lincoln"}))
KNOWS = Moderator("knows", frozenset({"lincoln"}), knows={"audit": Unsealed.HAS_READ})
ELSEWHERE = Moderator("elsewhere", frozenset({"cwd"}))
OF_THE_TEAM = Moderator("of the team", frozenset({"boston", "lincoln"}))


def test_a_second_grade_is_sealed_unless_the_policy_or_what_its_moderator_knows_opens_it() -> None:
    assert unsealed_because(FRESH, AUDIT, SEALED) is None
    assert unsealed_because(KNOWS, AUDIT, SEALED) is Unsealed.HAS_READ
    assert unsealed_because(KNOWS, replace(AUDIT, audit_id="other"), SEALED) is None
    assert unsealed_because(FRESH, AUDIT, OPEN) is Unsealed.POLICY
    assert unsealed_because(KNOWS, AUDIT, OPEN) is Unsealed.POLICY
    assert (of_nobody(SEALED), of_nobody(OPEN)) == (None, Unsealed.POLICY)


@pytest.mark.parametrize(
    ("candidates", "grade", "can"),
    [
        ([FRESH, KNOWS, ELSEWHERE], SEALED, [FRESH]),
        ([KNOWS, ELSEWHERE, OF_THE_TEAM], SEALED, [KNOWS]),
        ([ELSEWHERE, OF_THE_TEAM], SEALED, []),
        # Where the policy seals nothing, what somebody knows tells nobody apart.
        ([FRESH, KNOWS, ELSEWHERE], OPEN, [FRESH, KNOWS]),
    ],
)
def test_who_can_judge_it_sealed_comes_first_and_others_only_where_nobody_can(
    candidates: list[Moderator], grade: SecondGrade, can: list[Moderator]
) -> None:
    assert who_can_judge(AUDIT, candidates, TEAMS, grade) == can
    shared = share_moderation([AUDIT], candidates, TEAMS, "seed", grade)
    assert set(shared.values()) <= {each.worker for each in can}
    assert bool(shared) is bool(can)


@pytest.mark.parametrize(
    ("moderator", "others", "refused"),
    [
        (FRESH, [KNOWS], False),
        (KNOWS, [], False),
        (KNOWS, [ELSEWHERE, OF_THE_TEAM], False),
        (KNOWS, [replace(KNOWS, worker="also")], False),
        (KNOWS, [FRESH], True),
        (KNOWS, [replace(KNOWS, worker="also"), FRESH, ELSEWHERE], True),
    ],
)
def test_nobody_who_knows_the_judgement_is_chosen_while_somebody_could_judge_it_sealed(
    moderator: Moderator, others: list[Moderator], refused: bool
) -> None:
    told = refusal(check_sealed, moderator, AUDIT, [moderator, *others], TEAMS)
    would_be_open = Refusal("would-not-be-sealed", "§4.5, R4.5.3", "moderator")
    assert told == (would_be_open if refused else None)


@pytest.mark.parametrize("because", list(Unsealed))
def test_the_refusal_of_an_open_grade_says_why_it_would_be_open(because: Unsealed) -> None:
    knows = replace(KNOWS, knows={"audit": because})
    with pytest.raises(RuleRefused) as refused:
        check_sealed(knows, AUDIT, [knows, FRESH], TEAMS)
    assert refused.value.message.startswith(why_unsealed(because))
