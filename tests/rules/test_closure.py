"""C1-C5: the fold of an episode's events, and the gate as a function of facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.closure import (
    Cycle,
    EpisodeEvent,
    EpisodeEventType,
    EpisodePhase,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_change,
    gate_state,
    opened_by,
)
from qa_api.rules.closure_audits import AskedAudit, audit_awaited, audit_that_counts
from qa_api.rules.decision import Explanation, Fact
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ClosureActionStandard
from qa_api.rules.states import (
    ActionState,
    AuditState,
    EscalationState,
    GateState,
)
from qa_api.rules.transitions import next_state

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROPOSED, CANCELLED = EpisodeEventType.CLOSURE_PROPOSED, EpisodeEventType.CLOSURE_CANCELLED
CLOSED, REOPENED = EpisodeEventType.CASE_CLOSED, EpisodeEventType.CASE_REOPENED


def told(*types: EpisodeEventType) -> list[EpisodeEvent]:
    """The events as the case system numbered them, an hour apart."""
    return [
        EpisodeEvent(f"e{version}", type_, version, MONDAY + timedelta(hours=version))
        for version, type_ in enumerate(types, start=1)
    ]


def phases(*types: EpisodeEventType) -> list[EpisodePhase]:
    return [cycle.phase for cycle in fold_episode(told(*types))]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((), [EpisodePhase.NONE]),
        ((PROPOSED,), [EpisodePhase.PROPOSED]),
        ((PROPOSED, CANCELLED), [EpisodePhase.CANCELLED]),
        ((PROPOSED, CANCELLED, PROPOSED), [EpisodePhase.PROPOSED]),
        ((PROPOSED, CLOSED), [EpisodePhase.CLOSED]),
        ((PROPOSED, CANCELLED, CLOSED), [EpisodePhase.CLOSED]),
        ((CLOSED,), [EpisodePhase.CLOSED]),
        ((CANCELLED,), [EpisodePhase.NONE]),
        ((CLOSED, CANCELLED, CLOSED), [EpisodePhase.CLOSED]),
        ((PROPOSED, CLOSED, REOPENED), [EpisodePhase.CLOSED, EpisodePhase.NONE]),
        ((PROPOSED, CLOSED, REOPENED, PROPOSED), [EpisodePhase.CLOSED, EpisodePhase.PROPOSED]),
        # The reopening was lost on the way: the old audit does not clear the new closing.
        ((PROPOSED, CLOSED, PROPOSED), [EpisodePhase.CLOSED, EpisodePhase.PROPOSED]),
        ((PROPOSED, REOPENED, CLOSED), [EpisodePhase.CANCELLED, EpisodePhase.CLOSED]),
        ((REOPENED, REOPENED), [EpisodePhase.NONE]),
    ],
)
def test_an_episode_is_the_fold_of_its_events(
    types: tuple[EpisodeEventType, ...], expected: list[EpisodePhase]
) -> None:
    assert phases(*types) == expected


EVENTS = st.lists(st.sampled_from(list(EpisodeEventType)), max_size=7).flatmap(
    lambda types: st.lists(st.integers(1, 5), min_size=len(types), max_size=len(types)).map(
        lambda versions: [
            EpisodeEvent(f"e{n}", type_, version, MONDAY + timedelta(hours=version), f"RC{n}")
            for n, (type_, version) in enumerate(zip(types, versions, strict=True))
        ]
    )
)


@given(EVENTS.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_arrival_order_and_repeats_change_nothing(
    arrived: tuple[list[EpisodeEvent], list[EpisodeEvent]],
) -> None:
    in_order, shuffled = arrived
    assert fold_episode(shuffled) == fold_episode(in_order)
    assert fold_episode([*shuffled, *in_order]) == fold_episode(in_order)


@given(EVENTS, st.data())
def test_a_late_event_never_joins_the_proposals_and_closings_of_two_cycles(
    events: list[EpisodeEvent], data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(events)) if events else None
    before = fold_episode([event for event in events if event != late])
    after = fold_episode(events)
    opening = {event.event_id for event in events if event.type in {PROPOSED, CLOSED}}
    home = {e: n for n, cycle in enumerate(before) for e in cycle.event_ids if e in opening}
    for cycle in after:
        assert len({home[e] for e in cycle.event_ids if e in home}) <= 1


def test_a_gate_finds_its_cycle_by_the_event_that_opened_it() -> None:
    events = told(PROPOSED, CLOSED, REOPENED, PROPOSED)
    late_reopening = fold_episode([e for e in events if e.type is not REOPENED])
    for cycles in (fold_episode(events), late_reopening):
        cycle = cycle_of("e4", cycles)
        assert cycle is not None
        assert (cycle.number, cycle.phase) == (2, EpisodePhase.PROPOSED)
    assert cycle_of("unknown", late_reopening) is None


def test_a_cycle_keeps_its_dates_and_the_reason_for_closing() -> None:
    events = [
        EpisodeEvent("p", PROPOSED, 1, MONDAY, "RC1"),
        EpisodeEvent("c", CLOSED, 2, MONDAY + timedelta(days=1)),
        EpisodeEvent("again", CLOSED, 3, MONDAY + timedelta(days=2), "RC2"),
    ]
    (cycle,) = fold_episode(reversed(events))
    assert cycle.proposed_at == MONDAY
    assert cycle.closed_at == MONDAY + timedelta(days=1)
    assert cycle.reason_code == "RC1"


def test_the_reason_that_the_closing_gives_stands() -> None:
    proposed = EpisodeEvent("p", PROPOSED, 1, MONDAY, "RC1")
    closed = EpisodeEvent("c", CLOSED, 2, MONDAY + timedelta(days=1), "RC2")
    assert [cycle.reason_code for cycle in fold_episode([proposed, closed])] == ["RC2"]


def test_a_cycle_says_when_the_case_was_reopened() -> None:
    before, now = fold_episode(told(CLOSED, REOPENED))
    assert (before.reopened_at, now.reopened_at) == (None, MONDAY + timedelta(hours=2))


OPEN = Cycle(phase=EpisodePhase.PROPOSED, proposed_at=MONDAY, reason_code="RC1")
SHUT = replace(OPEN, phase=EpisodePhase.CLOSED, closed_at=MONDAY + timedelta(days=4))
AUDITED = GateFacts(OPEN, audit_completed=True)


@pytest.mark.parametrize(
    ("facts", "state", "may_close"),
    [
        (GateFacts(OPEN), GateState.AWAITING_AUDIT, False),
        # An urgent finding is raised before the audit is complete.
        (
            GateFacts(OPEN, urgent_findings=(EscalationState.RAISED,)),
            GateState.AWAITING_AUDIT,
            False,
        ),
        (AUDITED, GateState.CLEAR, True),
        (replace(AUDITED, actions=(ActionState.PLANNED,)), GateState.ACTIONS_OUTSTANDING, False),
        (
            replace(AUDITED, actions=(ActionState.DONE, ActionState.CANCELLED)),
            GateState.CLEAR,
            True,
        ),
        (
            replace(AUDITED, urgent_findings=(EscalationState.QUALITY_STANDARDS_INFORMED,)),
            GateState.ACTIONS_OUTSTANDING,
            False,
        ),
        (replace(AUDITED, urgent_findings=(EscalationState.RESOLVED,)), GateState.CLEAR, True),
        (GateFacts(OPEN, override_approved=True), GateState.OVERRIDDEN, True),
        (
            replace(AUDITED, cycle=replace(OPEN, phase=EpisodePhase.CANCELLED)),
            GateState.WITHDRAWN,
            False,
        ),
        (GateFacts(SHUT), GateState.CLOSED_WITHOUT_AUDIT, False),
        (GateFacts(SHUT, cleared_at=MONDAY), GateState.CLOSED, True),
        (GateFacts(Cycle()), GateState.WITHDRAWN, False),
    ],
)
def test_the_gate_follows_from_the_facts(
    policy: Policy, facts: GateFacts, state: GateState, may_close: bool
) -> None:
    decision = gate_state(facts, policy)
    assert (decision.state, decision.may_close) == (state, may_close)
    assert decision.explanation.facts["waits_for"] == decision.waits_for


def test_a_gate_says_what_it_was_decided_by(policy: Policy) -> None:
    exempting = replace(policy, closure_exempt_reasons=("RC1",))
    facts = GateFacts(SHUT, override_approved=True, cleared_at=MONDAY)
    awaited = ("closure audit",)
    told_of: dict[str, Fact] = {
        "phase": "closed",
        "waits_for": (),
        "set_aside": awaited,
        "action_standard": "done",
        "exempt": False,
        "exempt_because": None,
        "override_approved": True,
        "cleared_at": MONDAY,
        "closed_at": SHUT.closed_at,
    }
    found = gate_state(facts, policy).explanation
    assert found == Explanation("closure_gate", "§3, C3", 1, facts=told_of)
    told_of |= {"exempt": True, "exempt_because": "reason"}
    found = gate_state(facts, exempting).explanation
    assert found == Explanation("closure_gate", "§3, C3", 1, facts=told_of)


def test_a_gate_is_kept_with_since_when_it_is_clear(policy: Policy) -> None:
    decision = gate_state(AUDITED, policy)
    kept = decision.explained(MONDAY)
    assert kept["facts"] == {
        **decision.explanation.as_json()["facts"],  # type: ignore[dict-item] # an object of JSON
        "cleared_at": "2026-11-23T09:00:00Z",
    }
    assert (kept["rule"], kept["clause"]) == ("closure_gate", "§3, C3")


def test_whether_done_is_enough_is_policy(policy: Policy) -> None:
    verified = replace(policy, closure_action_standard=ClosureActionStandard.VERIFIED)
    done = replace(AUDITED, actions=(ActionState.DONE,))
    assert gate_state(done, policy).state is GateState.CLEAR
    assert gate_state(done, verified).state is GateState.ACTIONS_OUTSTANDING


def test_no_reason_is_exempt_until_policy_says_so(policy: Policy) -> None:
    exempting = replace(policy, closure_exempt_reasons=("RC1",))
    assert gate_state(GateFacts(OPEN), policy).state is GateState.AWAITING_AUDIT
    decision = gate_state(GateFacts(OPEN), exempting)
    assert (decision.state, decision.may_close) == (GateState.EXEMPT, True)
    assert not decision.audit_owed
    assert gate_state(GateFacts(SHUT), exempting).state is GateState.CLOSED


@pytest.mark.parametrize(
    ("policys", "told", "exempt"),
    [
        ("RC1", "rc1", True),
        (" rc1", "RC1 ", True),
        ("Straße", "STRASSE", True),
        ("RC1", "RC10", False),
        ("RC1", None, False),
    ],
)
def test_a_reason_is_exempt_however_it_is_spelt(
    policy: Policy, policys: str, told: str | None, *, exempt: bool
) -> None:
    exempting = replace(policy, closure_exempt_reasons=("RC2", policys))
    decision = gate_state(GateFacts(OPEN.but(reason_code=told)), exempting)
    assert decision.state is (GateState.EXEMPT if exempt else GateState.AWAITING_AUDIT)


def test_an_exempt_reason_clears_no_gate_for_another_reason(policy: Policy) -> None:
    exempting = replace(policy, closure_exempt_reasons=("RC1",))
    assert not gate_state(GateFacts(OPEN), exempting).cleared
    assert gate_state(GateFacts(OPEN, audit_completed=True), exempting).cleared
    assert gate_state(GateFacts(OPEN, override_approved=True), exempting).cleared


def test_an_audit_made_after_the_closing_was_not_prior_to_it(policy: Policy) -> None:
    closed_on = date(2026, 11, 27)
    assert SHUT.closed_at is not None
    assert SHUT.closed_at.date() == closed_on
    same_day = datetime(2026, 11, 27, 17, tzinfo=UTC)
    next_day = datetime(2026, 11, 28, 9, tzinfo=UTC)
    assert gate_state(GateFacts(SHUT, True, cleared_at=same_day), policy).state is GateState.CLOSED
    late = gate_state(GateFacts(SHUT, True, cleared_at=next_day), policy)
    assert late.state is GateState.CLOSED_WITHOUT_AUDIT


def test_closed_without_audit_the_audit_stays_owed_until_it_is_made(policy: Policy) -> None:
    assert gate_state(GateFacts(SHUT), policy).audit_owed
    made = gate_state(GateFacts(SHUT, audit_completed=True), policy)
    assert (made.state, made.audit_owed) == (GateState.CLOSED_WITHOUT_AUDIT, False)
    overridden = gate_state(GateFacts(SHUT, override_approved=True, cleared_at=MONDAY), policy)
    assert (overridden.state, overridden.audit_owed) == (GateState.CLOSED, False)


UNCLEARED = {GateState.AWAITING_AUDIT, GateState.ACTIONS_OUTSTANDING}

FACTS = st.builds(
    GateFacts,
    cycle=EVENTS.map(lambda events: fold_episode(events)[-1]),
    audit_completed=st.booleans(),
    audit_offered=st.booleans(),
    audited_then=st.booleans(),
    actions=st.lists(st.sampled_from(list(ActionState)), max_size=3).map(tuple),
    urgent_findings=st.lists(st.sampled_from(list(EscalationState)), max_size=2).map(tuple),
    override_approved=st.booleans(),
    cleared_at=st.none() | st.just(MONDAY),
)


@pytest.mark.long
@given(FACTS)
def test_the_gate_is_clear_exactly_when_nothing_stands_in_the_way(
    policy: Policy, facts: GateFacts
) -> None:
    decision = gate_state(facts, policy)
    if decision.state is GateState.CLEAR:
        assert decision.waits_for == ()
        assert facts.audit_completed
    if facts.cycle.phase is EpisodePhase.PROPOSED:
        assert decision.may_close is (decision.waits_for == ())


@pytest.mark.long
@given(FACTS)
def test_what_may_close_or_is_called_off_waits_for_nothing(
    policy: Policy, facts: GateFacts
) -> None:
    for under in (policy, replace(policy, closure_exempt_reasons=("RC1",))):
        decision = gate_state(facts, under)
        aside = decision.explanation.facts["set_aside"]
        assert isinstance(aside, tuple)
        if decision.may_close or decision.state is GateState.WITHDRAWN:
            assert decision.waits_for == ()
            assert ("closure audit" in aside) is not facts.audit_completed
        else:
            # Nobody waits for an audit that cannot be had.
            cannot_be_had = not facts.audit_completed and not facts.audit_offered
            assert aside == (("closure audit",) if cannot_be_had else ())


@given(FACTS)
def test_no_gate_waits_for_an_audit_that_nobody_offers(policy: Policy, facts: GateFacts) -> None:
    decision = gate_state(replace(facts, audit_offered=False), policy)
    assert "closure audit" not in decision.waits_for
    assert decision.state is not GateState.AWAITING_AUDIT
    assert not decision.audit_owed


def test_what_else_holds_a_closing_holds_it_where_there_is_no_audit_to_be_had(
    policy: Policy,
) -> None:
    cycle = fold_episode(told(PROPOSED))[-1]
    facts = GateFacts(cycle, audit_offered=False, audited_then=False)
    open_ = gate_state(facts, policy)
    assert (open_.state, open_.may_close, open_.cleared) == (GateState.EXEMPT, True, False)
    for held in (
        replace(facts, urgent_findings=(EscalationState.ACKNOWLEDGED,)),
        replace(facts, actions=(ActionState.OPEN,)),
    ):
        decision = gate_state(held, policy)
        assert (decision.state, decision.may_close) == (GateState.ACTIONS_OUTSTANDING, False)
        assert len(decision.waits_for) == 1
        closed = replace(held, cycle=fold_episode(told(PROPOSED, CLOSED))[-1])
        assert gate_state(closed, policy).state is GateState.CLOSED


def test_a_closing_is_judged_by_what_was_audited_when_it_closed(policy: Policy) -> None:
    cycle = fold_episode(told(CLOSED))[-1]
    for offered in (True, False):
        facts = GateFacts(cycle, audit_offered=offered, audited_then=False)
        assert gate_state(facts, policy).state is GateState.CLOSED
        owing = gate_state(replace(facts, audited_then=True), policy)
        assert owing.state is GateState.CLOSED_WITHOUT_AUDIT
        assert owing.audit_owed is offered


@pytest.mark.long
@given(EVENTS, st.data())
def test_every_change_that_an_event_brings_is_in_the_table(
    policy: Policy, events: list[EpisodeEvent], data: st.DataObject
) -> None:
    """A gate lives with its cycle: whatever arrives late, the table has the way there."""
    exempting = replace(policy, closure_exempt_reasons=("RC0", "RC1"))
    facts = data.draw(FACTS)
    arrival = data.draw(st.permutations(events))
    before: GateState | None = None
    opened_by: str | None = None
    for count in range(1, len(arrival) + 1):
        cycles = fold_episode(arrival[:count])
        if opened_by is None:
            opening = [e for e in arrival[:count] if e.type in {PROPOSED, CLOSED}]
            opened_by = opening[0].event_id if opening else None
        if opened_by is None:
            continue
        cycle = cycle_of(opened_by, cycles)
        assert cycle is not None
        after = gate_state(replace(facts, cycle=cycle), exempting).state
        action = None if before is None else gate_change(before, after)
        if action is not None:
            assert before is not None
            assert next_state("closure_gate", before, action) == after
        before = after


@pytest.mark.long
@given(FACTS, FACTS)
def test_every_change_that_people_bring_is_in_the_table(
    policy: Policy, before: GateFacts, after: GateFacts
) -> None:
    """Audits, actions, findings and overrides come and go while the events stand still."""
    was = gate_state(before, policy).state
    overrides = before.override_approved or (after.override_approved and was in UNCLEARED)
    later = replace(
        after, cycle=before.cycle, override_approved=overrides, cleared_at=before.cleared_at
    )
    now = gate_state(later, policy).state
    action = gate_change(was, now)
    assert (action is None) == (was is now)
    assert action is None or next_state("closure_gate", was, action) == now


def test_nothing_changed_is_no_change() -> None:
    assert gate_change(GateState.CLEAR, GateState.CLEAR) is None
    assert gate_change(GateState.CLEAR, GateState.CLOSED) == "close"


# --- order: what each event says, never when it came ---


def at_version(
    version: int, type_: EpisodeEventType, at: datetime, reason: str | None = None, name: str = "e"
) -> EpisodeEvent:
    """An event that was received on Monday at noon; ours and the sender's ids tell nothing."""
    ours = f"{name}-{version}-{type_}-{reason}-{at}"
    noon = MONDAY + timedelta(hours=3)
    return EpisodeEvent(ours, type_, version, at, reason, noon, sent_id=name)


def cycles_in_any_order(*events: EpisodeEvent, exempt: tuple[str, ...] = ()) -> tuple[Cycle, ...]:
    (found,) = {fold_episode(order, exempt) for order in permutations(events)}
    return found


def test_of_one_version_with_two_reasons_the_one_that_needs_an_audit_stands() -> None:
    first = at_version(1, PROPOSED, MONDAY, "RC1", name="b")
    second = at_version(1, PROPOSED, MONDAY, "RC2", name="a")
    assert cycles_in_any_order(first, second)[0].reason_code == "RC1"
    assert cycles_in_any_order(first, second, exempt=(first.event_id,))[0].reason_code == "RC2"


def test_of_one_version_the_later_time_stands() -> None:
    first = at_version(1, CANCELLED, MONDAY, name="z")
    second = at_version(1, PROPOSED, MONDAY - timedelta(hours=1), name="a")
    earlier = at_version(1, PROPOSED, MONDAY - timedelta(hours=2), "RC1", name="z")
    later = at_version(1, PROPOSED, MONDAY, "RC2", name="a")
    assert cycles_in_any_order(first, second)[0].phase is EpisodePhase.CANCELLED
    assert cycles_in_any_order(earlier, later)[0].reason_code == "RC2"


def test_of_two_times_ahead_neither_is_the_later() -> None:
    nearer, further = datetime(2098, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    first = at_version(1, PROPOSED, further, "RC1", name="a")
    by_name = at_version(1, PROPOSED, nearer, "RC2", name="b")
    assert cycles_in_any_order(first, by_name)[0].reason_code == "RC2"


def test_of_one_version_a_time_ahead_has_no_rank() -> None:
    ahead = at_version(1, CANCELLED, datetime(2099, 1, 1, tzinfo=UTC))
    now = at_version(1, PROPOSED, MONDAY)
    assert cycles_in_any_order(ahead, now)[0].phase is EpisodePhase.PROPOSED


def test_a_closing_ahead_is_kept_as_said_and_counts_as_received(policy: Policy) -> None:
    said = datetime(2099, 1, 1, tzinfo=UTC)
    (cycle,) = cycles_in_any_order(at_version(1, CLOSED, said))
    received = MONDAY + timedelta(hours=3)
    assert (cycle.closed_at, cycle.closing_counts_at) == (said, received)
    # Cleared the day after it was heard of, it was not clear when it closed.
    facts = GateFacts(cycle, audit_completed=True, cleared_at=received + timedelta(days=1))
    assert gate_state(facts, policy).state is GateState.CLOSED_WITHOUT_AUDIT


def test_any_audit_of_one_closing_counts_until_a_gate_of_it_is_reopened() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def asked(hour: int | None, *, again: int | None = None, now: bool = True) -> AskedAudit:
        state = AuditState.IN_PROGRESS if hour is None else AuditState.CLOSED
        done = None if hour is None else at + timedelta(hours=hour)
        reopened = None if again is None else at + timedelta(hours=again)
        return AskedAudit(uuid4(), state, done, reopened, now)

    begun, first, second = asked(None), asked(1), asked(2)
    assert audit_that_counts([begun]) is None
    assert audit_that_counts([begun, second, first]) == first
    assert audit_that_counts([begun, second, first], second.id) == second
    before, since = asked(3, again=4, now=False), asked(5, again=4)
    assert audit_that_counts([first, before, begun]) is None
    assert audit_that_counts([first, before, since, begun], first.id) == since
    assert audit_that_counts([first, asked(6)], first.id, at + timedelta(hours=7)) is None


def test_of_open_audits_of_one_closing_what_has_begun_is_owed() -> None:
    planned, begun, other = (
        AskedAudit(uuid4(), state)
        for state in (AuditState.PLANNED, AuditState.IN_PROGRESS, AuditState.IN_PROGRESS)
    )
    assert audit_awaited([]) is None
    assert audit_awaited([planned], begun.id) == planned
    assert audit_awaited([planned, begun, other], begun.id) == begun
    assert audit_awaited([other, planned, begun], planned.id) in (begun, other)


# --- the day from which closings are looked after ---

IN_USE = date(2026, 6, 1)
LAST_INSTANT = datetime(2026, 5, 31, 22, 59, 59, tzinfo=UTC)
"""In London it is British Summer Time."""
FIRST_INSTANT = LAST_INSTANT + timedelta(seconds=1)


def closed_at(instant: datetime, **facts: Any) -> GateFacts:
    cycle = Cycle(1, EpisodePhase.CLOSED, None, instant, instant)
    return GateFacts(cycle, in_use_from=IN_USE, **facts)


def test_a_closing_is_history_until_the_london_midnight_of_the_day(policy: Policy) -> None:
    before, on_the_day = (gate_state(closed_at(at), policy) for at in (LAST_INSTANT, FIRST_INSTANT))
    assert (before.state, before.audit_owed) == (GateState.CLOSED, False)
    assert before.explanation.facts["exempt_because"] == "before_in_use"
    assert before.explanation.facts["in_use_from"] == IN_USE
    assert before.explanation.facts["waits_for"] == ()
    assert (on_the_day.state, on_the_day.audit_owed) == (GateState.CLOSED_WITHOUT_AUDIT, True)
    assert "in_use_from" not in on_the_day.explanation.facts


def test_a_closing_stamped_ahead_is_of_the_day_on_which_it_was_heard_of() -> None:
    cycle = Cycle(1, EpisodePhase.CLOSED, None, FIRST_INSTANT, LAST_INSTANT)
    assert cycle.is_history(IN_USE)
    assert not replace(cycle, closing_counts_at=FIRST_INSTANT).is_history(IN_USE)


def test_a_case_that_is_not_closed_is_no_history() -> None:
    was_closed = Cycle(1, EpisodePhase.CANCELLED, None, LAST_INSTANT, LAST_INSTANT)
    assert not was_closed.is_history(IN_USE)
    assert not Cycle(1, EpisodePhase.CLOSED).is_history(IN_USE), "it is not known when"


def test_a_proposal_stamped_ahead_is_of_the_day_on_which_it_was_heard_of() -> None:
    ahead = EpisodeEvent("e1", PROPOSED, 1, FIRST_INSTANT, received_at=LAST_INSTANT)
    (cycle,) = fold_episode([ahead])
    assert opened_by(cycle, [ahead], IN_USE) is None
    assert opened_by(cycle, [ahead], IN_USE - timedelta(days=1)) == ahead


def test_nothing_is_history_unless_policy_says_so(policy: Policy) -> None:
    first = datetime(1900, 1, 2, tzinfo=UTC)
    assert not Cycle(1, EpisodePhase.CLOSED, None, first, first).is_history(policy.in_use_from)


@pytest.mark.parametrize(
    ("types", "since", "opener"),
    [
        ((PROPOSED,), 2, None),
        ((PROPOSED,), 1, "e1"),
        ((PROPOSED, CANCELLED), 9, None),
        ((PROPOSED, PROPOSED), 2, "e2"),
        ((PROPOSED, CLOSED), 9, "e2"),
        ((PROPOSED, CLOSED), 2, "e2"),
        ((PROPOSED, CLOSED), 1, "e1"),
    ],
)
def test_a_proposal_from_before_opens_no_gate_and_a_closing_always_has_one(
    types: tuple[EpisodeEventType, ...], since: int, opener: str | None
) -> None:
    days = [
        replace(each, occurred_at=MONDAY + timedelta(days=each.source_version))
        for each in told(*types)
    ]
    (cycle,) = fold_episode(days)
    found = opened_by(cycle, days, (MONDAY + timedelta(days=since)).date())
    assert (found and found.event_id) == opener
