"""Who is proposed for which audit, and which cases fall to the lot (§4.4, R4.4.3)."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_api.rules.allocation import (
    CLAUSES,
    Auditor,
    Case,
    CaseExclusion,
    Exclusion,
    OpenAudit,
    PassedOver,
    Proposal,
    case_exclusion,
    conflict,
    draw_cases,
    hash_of_cases,
    propose_auditors,
    recently_audited,
)
from qa_api.rules.decision import Explanation
from qa_api.rules.policy import Policy

TODAY = date(2026, 11, 23)
POLICY = Policy(version=3, effective_from=date(2020, 1, 1))
AUDIT = OpenAudit("a1", team="lincoln-fast", group="a", worker="sw1")


def proposals(
    audits: list[OpenAudit], auditors: list[Auditor], *, limit: int = 3, seed: str = "plan"
) -> tuple[Proposal, ...]:
    policy = replace(POLICY, auditor_load_limit=limit)
    return propose_auditors(audits, auditors, policy=policy, today=TODAY, seed=seed)


@pytest.mark.parametrize(
    ("auditor", "because"),
    [
        (Auditor("x", exempt=True), PassedOver.EXEMPT),
        (Auditor("x", available=False), PassedOver.NOT_AVAILABLE),
        (Auditor("sw1"), PassedOver.OWN_WORK),
        (Auditor("x", teams=frozenset({"lincoln-fast", "cwd"})), PassedOver.OWN_TEAM),
        (Auditor("x", supervises=frozenset({"sw1"})), PassedOver.SUPERVISES_WORKER),
        (Auditor("x", groups=frozenset({"b"})), PassedOver.OTHER_GROUP),
        (Auditor("x", groups=frozenset({"b", "a"})), None),
        (Auditor("x"), None),
    ],
)
def test_each_conflict_bars_and_names_its_clause(
    auditor: Auditor, because: PassedOver | None
) -> None:
    assert conflict(AUDIT, auditor) == because
    (proposal,) = proposals([AUDIT], [auditor])
    if because is None:
        assert proposal.auditor == "x"
        assert proposal.exclusions == ()
    else:
        assert proposal.auditor is None
        assert proposal.exclusions == (Exclusion(auditor.code, because),)
        assert proposal.exclusions[0].clause == CLAUSES[because]
    assert proposal.explanation.policy_version == 3


def test_a_team_without_a_group_is_audited_by_any_group() -> None:
    assert conflict(replace(AUDIT, group=None), Auditor("x", groups=frozenset({"b"}))) is None


def test_an_audit_without_a_case_bars_nobody_for_a_worker() -> None:
    unnamed = replace(AUDIT, worker=None)
    assert conflict(unnamed, Auditor("x", supervises=frozenset({"sw1"}))) is None


@pytest.mark.parametrize(
    ("audited_on", "recently"),
    [
        (None, False),
        (date(2026, 11, 23), True),
        (date(2025, 11, 24), True),
        (date(2025, 11, 23), False),
    ],
)
def test_a_case_is_audited_again_after_twelve_months_and_not_before(
    audited_on: date | None, recently: bool
) -> None:
    assert recently_audited(audited_on, POLICY, TODAY) is recently
    (proposal,) = proposals([replace(AUDIT, case_audited_on=audited_on)], [Auditor("x")])
    assert (proposal.auditor is None) is recently


def test_an_authority_may_set_other_months() -> None:
    policy = replace(POLICY, same_case_months=0)
    assert not recently_audited(TODAY, policy, TODAY)


def test_nobody_gets_more_than_the_policy_allows_and_the_rest_is_left_open() -> None:
    audits = [replace(AUDIT, id=f"a{n}") for n in range(5)]
    made = proposals(audits, [Auditor("x", load=1), Auditor("y")], limit=2)
    assert Counter(proposal.auditor for proposal in made) == {"x": 1, "y": 2, None: 2}
    left = [proposal for proposal in made if proposal.auditor is None]
    assert {one.because for proposal in left for one in proposal.exclusions} == {
        PassedOver.LOAD_LIMIT
    }


def test_one_who_may_do_everything_makes_way_for_one_who_may_do_little() -> None:
    own = frozenset({"boston-fast"})
    audits = [replace(AUDIT, id="a1"), replace(AUDIT, id="a2", team="boston-fast")]
    made = proposals(audits, [Auditor("x", teams=own), Auditor("y")], limit=1)
    assert {proposal.audit_id: proposal.auditor for proposal in made} == {"a1": "x", "a2": "y"}


def told(because: str, *, load: int | None, able: int, case_audited_on: date | None) -> Explanation:
    return Explanation(
        "propose_auditor",
        "§4.4, R4.4.3",
        3,
        facts={
            "because": because,
            "load": load,
            "load_limit": 2,
            "able": able,
            "case_audited_on": case_audited_on,
            "same_case_months": 12,
        },
    )


def test_it_is_told_why_somebody_is_proposed_or_nobody_and_why_others_are_passed_over() -> None:
    audits = [
        replace(AUDIT, id="a1"),
        replace(AUDIT, id="a2", worker="x"),
        replace(AUDIT, id="a3", case_audited_on=TODAY),
    ]
    auditors = [Auditor("x"), Auditor("y", load=2), Auditor("z", available=False)]
    first, second, third = proposals(audits, auditors, limit=2)
    away = Exclusion("z", PassedOver.NOT_AVAILABLE)
    assert first.auditor == "x"
    assert first.exclusions == (Exclusion("y", PassedOver.LOAD_LIMIT), away)
    even = "the loads are as even as conflicts of interest allow"
    assert first.explanation == told(even, load=1, able=2, case_audited_on=None)
    nobody = "nobody of the plan can take it on"
    assert second.explanation == told(nobody, load=None, able=1, case_audited_on=None)
    recent = "the case was audited too short a time ago"
    assert third.exclusions == (away,)
    assert third.explanation == told(recent, load=None, able=2, case_audited_on=TODAY)


def test_who_could_take_it_and_carries_more_is_passed_over_for_that() -> None:
    (made,) = proposals([AUDIT], [Auditor("x", load=1), Auditor("y")], limit=3)
    assert (made.auditor, made.exclusions) == ("y", (Exclusion("x", PassedOver.CARRIES_MORE),))


def test_between_equals_the_lot_of_the_seed_decides() -> None:
    equals = [Auditor("x"), Auditor("y"), Auditor("z")]
    drawn = {proposals([AUDIT], equals, seed=f"plan {n}")[0].auditor for n in range(20)}
    assert drawn == {"x", "y", "z"}
    # As anybody can work out who knows the seed.
    first = min("xyz", key=lambda code: hashlib.sha256(f"plan|{code}".encode()).hexdigest())
    assert proposals([AUDIT], equals)[0].auditor == first


# --- whatever the facts ---

teams = st.sampled_from(["t1", "t2", "t3"])
workers = st.sampled_from(["w1", "w2", "p1", "p2"])
codes = st.sampled_from(["p1", "p2", "p3", "p4"])
some_auditors = st.lists(
    st.builds(
        Auditor,
        codes,
        teams=st.frozensets(teams, max_size=2),
        groups=st.frozensets(st.sampled_from(["a", "b"]), max_size=1),
        supervises=st.frozensets(workers, max_size=1),
        load=st.integers(0, 2),
        available=st.sampled_from([True, True, True, False]),
        exempt=st.sampled_from([False, False, False, True]),
    ),
    max_size=4,
    unique_by=lambda auditor: auditor.code,
)
some_audits = st.lists(
    st.builds(
        OpenAudit,
        st.sampled_from(["a1", "a2", "a3", "a4", "a5"]),
        team=teams,
        group=st.sampled_from(["a", "b", None]),
        worker=st.none() | workers,
        case_audited_on=st.sampled_from([None, None, None, date(2026, 3, 1), date(2024, 3, 1)]),
    ),
    max_size=5,
    unique_by=lambda audit: audit.id,
)


@settings(max_examples=40)
@given(some_audits, some_auditors, st.integers(1, 4))
def test_nobody_is_ever_proposed_in_conflict_or_beyond_their_load(
    audits: list[OpenAudit], auditors: list[Auditor], limit: int
) -> None:
    by_code = {auditor.code: auditor for auditor in auditors}
    by_id = {audit.id: audit for audit in audits}
    made = proposals(audits, auditors, limit=limit)
    assert [proposal.audit_id for proposal in made] == sorted(by_id)
    taken: Counter[str] = Counter()
    for proposal in made:
        audit = by_id[proposal.audit_id]
        if proposal.auditor is not None:
            assert conflict(audit, by_code[proposal.auditor]) is None
            assert not recently_audited(audit.case_audited_on, POLICY, TODAY)
            taken[proposal.auditor] += 1
    for code, more in taken.items():
        assert by_code[code].load + more <= max(limit, by_code[code].load)


@settings(max_examples=40)
@given(some_audits, some_auditors)
def test_everybody_is_either_proposed_or_passed_over_with_a_reason(
    audits: list[OpenAudit], auditors: list[Auditor]
) -> None:
    for proposal in proposals(audits, auditors):
        passed_over = {one.auditor for one in proposal.exclusions}
        everybody = {auditor.code for auditor in auditors}
        if proposal.explanation.facts["because"] != "the case was audited too short a time ago":
            assert passed_over | ({proposal.auditor} - {None}) == everybody
        assert proposal.auditor not in passed_over
        assert all(one.clause.startswith("§4.") for one in proposal.exclusions)


@settings(max_examples=40)
@given(some_audits, some_auditors, st.randoms(use_true_random=False))
def test_the_same_facts_in_whatever_order_give_the_same_proposal(
    audits: list[OpenAudit], auditors: list[Auditor], chance: object
) -> None:
    first = proposals(audits, auditors)
    assert proposals(audits[::-1], auditors[::-1]) == first
    chance.shuffle(audits)  # type: ignore[attr-defined]  # a Random of Hypothesis'
    assert proposals(audits, auditors) == first


@settings(max_examples=40)
@given(
    st.integers(0, 12),
    st.lists(st.integers(0, 2), min_size=1, max_size=5),
    st.text("abc", max_size=5),
)
def test_loads_differ_by_one_at_most_where_nothing_stands_in_the_way(
    number: int, loads: list[int], seed: str
) -> None:
    auditors = [Auditor(f"p{n}", load=load) for n, load in enumerate(loads)]
    audits = [replace(AUDIT, id=f"a{n:02}") for n in range(number)]
    made = proposals(audits, auditors, limit=100, seed=seed)
    after = Counter({auditor.code: auditor.load for auditor in auditors})
    after.update(Counter(proposal.auditor for proposal in made if proposal.auditor))
    given_more = [after[auditor.code] for auditor in auditors if after[auditor.code] > auditor.load]
    assert sum(after.values()) == sum(loads) + number
    # Who had much already keeps it; whoever was given any ends level with the least loaded.
    assert not given_more or max(given_more) - min(after.values()) <= 1


@settings(max_examples=40)
@given(some_audits, some_auditors, st.integers(1, 4))
def test_no_other_way_places_more_audits_or_spreads_them_more_evenly(
    audits: list[OpenAudit], auditors: list[Auditor], limit: int
) -> None:
    audits, auditors = audits[:4], auditors[:3]
    able: list[list[str | None]] = [
        [None]
        if recently_audited(audit.case_audited_on, POLICY, TODAY)
        else [None, *(who.code for who in auditors if conflict(audit, who) is None)]
        for audit in audits
    ]

    def merit(takers: tuple[str | None, ...]) -> tuple[int, int]:
        more = Counter(taker for taker in takers if taker is not None)
        squares = sum((auditor.load + more[auditor.code]) ** 2 for auditor in auditors)
        return (-sum(more.values()), squares)

    def within_limit(takers: tuple[str | None, ...]) -> bool:
        more = Counter(takers)
        return all(not more[a.code] or a.load + more[a.code] <= limit for a in auditors)

    best = min(merit(takers) for takers in product(*able) if within_limit(takers))
    made = proposals(audits, auditors, limit=limit)
    assert merit(tuple(proposal.auditor for proposal in made)) == best


# --- cases ---


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ({}, None),
        ({"right_kind": False}, CaseExclusion.OTHER_KIND),
        ({"right_team": False}, CaseExclusion.OTHER_TEAM),
        ({"audited_on": date(2026, 2, 1)}, CaseExclusion.AUDITED_RECENTLY),
        ({"audited_on": date(2025, 2, 1)}, None),
    ],
)
def test_a_case_is_left_out_for_a_reason(
    facts: dict[str, bool | date], because: CaseExclusion | None
) -> None:
    known: dict[str, bool | date | None] = {
        "right_kind": True,
        "right_team": True,
        "audited_on": None,
    }
    known |= facts
    assert (
        case_exclusion(
            right_kind=bool(known["right_kind"]),
            right_team=bool(known["right_team"]),
            audited_on=known["audited_on"] if isinstance(known["audited_on"], date) else None,
            policy=POLICY,
            today=TODAY,
        )
        == because
    )


some_cases = st.lists(
    st.builds(
        Case,
        st.text("0123456789", min_size=1, max_size=4).map("C-{}".format),
        st.none() | st.sampled_from(CaseExclusion),
    ),
    max_size=12,
    unique_by=lambda case: case.ref,
)


@settings(max_examples=40)
@given(some_cases, st.integers(0, 6), st.text("abcdef", min_size=1))
def test_a_draw_is_the_same_whoever_repeats_it_and_takes_no_case_that_is_left_out(
    population: list[Case], places: int, seed: str
) -> None:
    drawn = draw_cases(population, places, seed=seed, policy_version=1)
    assert draw_cases(population[::-1], places, seed=seed, policy_version=1) == drawn
    eligible = {case.ref for case in population if case.excluded is None}
    assert set(drawn.drawn) <= eligible
    assert len(drawn.drawn) == min(places, len(eligible))

    def lot(ref: str) -> str:
        return hashlib.sha256(f"{seed}|{drawn.population_hash}|{ref}".encode()).hexdigest()

    assert list(drawn.drawn) == sorted(eligible, key=lot)[:places]


def test_another_seed_or_another_list_draws_otherwise() -> None:
    population = [Case(f"C-{number}") for number in range(40)]
    first = draw_cases(population, 10, seed="one", policy_version=1)
    assert draw_cases(population, 10, seed="two", policy_version=1).drawn != first.drawn
    assert draw_cases(population[:-1], 10, seed="one", policy_version=1).drawn != first.drawn


def test_the_fingerprint_of_a_list_is_of_a_text_that_anybody_can_write() -> None:
    listed = [Case("C-2", CaseExclusion.UNKNOWN), Case("C-1"), Case("C-3", digest="d3")]
    text = '[["C-1",null],["C-2","unknown"],["d3",null]]'
    assert hash_of_cases(listed) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("eligible", "places", "drawn", "chance"), [(4, 1, 1, 0.25), (4, 5, 4, 1.0), (0, 1, 0, 0.0)]
)
def test_a_draw_tells_with_which_chance_each_case_was_drawn(
    eligible: int, places: int, drawn: int, chance: float
) -> None:
    left_out = Case("C-0", CaseExclusion.OTHER_TEAM)
    population = [left_out, *(Case(f"C-{number}") for number in range(1, eligible + 1))]
    made = draw_cases(population, places, seed="one", policy_version=3)
    assert made.chance == chance
    assert made.explanation == Explanation(
        "draw_cases",
        "§4.4, R4.4.3, §4.5, R4.5.1",
        3,
        facts={
            "method": "sha256-lot-1",
            "posted": eligible + 1,
            "eligible": eligible,
            "places": places,
            "drawn": drawn,
        },
    )
