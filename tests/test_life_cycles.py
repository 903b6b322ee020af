"""What follows a completed audit, in any order that people can think of, against a plain model.

Each rule tries one thing, whether it is its turn or not. The model says in a few lines whether it
must be accepted and what must then be so; the service must agree, over HTTP, every time.
"""

from collections.abc import Callable
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from qa_api import clock
from qa_api.rules.local_time import local_date
from tests.api import Json
from tests.responses.casework import Case, Casework, casework, service

__all__ = ("casework", "service")

SETTLED = {"verified", "cancelled"}
WORKERS = ("sw1-lincoln-fast", "sw2-lincoln-fast")
which = st.integers(min_value=0, max_value=1)


class WhatFollowsAnAudit(RuleBasedStateMachine):
    """One completed audit with two actions, until it is closed."""

    casework: Casework

    def __init__(self) -> None:
        super().__init__()
        self.case: Case = self.casework.completed_audit()
        self.notified = self.clock_began = False
        self.response = "awaiting_notification"
        self.actions = ["open", "open"]
        self.due_on: str | None = None

    @property
    def is_closed(self) -> bool:
        """Nothing is left to do."""
        settled = all(state in SETTLED for state in self.actions)
        return self.notified and self.response == "adequate" and settled

    @rule()
    def the_case_system_takes_the_notification(self) -> None:
        if not self.notified:
            self.casework.deliver(self.case)
            self.notified = True
            # What was answered and found adequate before has no date to meet any more.
            self.clock_began = self.response != "adequate"
            if self.response == "awaiting_notification":
                self.response = "awaiting_response"

    @rule(done=st.tuples(st.booleans(), st.booleans()))
    def the_worker_submits(self, done: tuple[bool, bool]) -> None:
        today = local_date(clock.now())
        items = []
        for key, now in zip(self.case.action_ids, done, strict=True):
            item = {"action": str(key), "how": "As agreed."}
            if now:
                items.append(item | {"done_on": today.isoformat()})
            else:
                later = (today + timedelta(days=3)).isoformat()
                items.append(item | {"finish_on": later, "not_immediate_because": "Not at once."})
        takes_back = any(
            state == "done" and not now for state, now in zip(self.actions, done, strict=True)
        )
        in_turn = self.response in {"awaiting_notification", "awaiting_response", "returned"}
        self._try(
            self.case.worker,
            f"{self.case.response}/submit",
            {"items": items},
            in_turn and not takes_back,
        )
        if in_turn and not takes_back:
            self.response = "submitted"
            self.actions = [
                state if state in SETTLED or state == "done" else "done" if now else "planned"
                for state, now in zip(self.actions, done, strict=True)
            ]

    @rule(outcome=st.sampled_from(["adequate", "returned"]))
    def the_manager_reviews(self, outcome: str) -> None:
        body = {"outcome": outcome} | ({"reasons": "Say more."} if outcome == "returned" else {})
        allowed = self.response == "submitted"
        self._try("tm-lincoln-fast", f"{self.case.response}/review", body, allowed)
        if allowed:
            self.response = outcome

    @rule(number=which)
    def the_worker_does_an_action(self, number: int) -> None:
        body = {"done_on": local_date(clock.now()).isoformat()}
        allowed = self.actions[number] in {"open", "planned"}
        self._try(self.case.worker, f"{self.case.action(number)}/complete", body, allowed)
        if allowed:
            self.actions[number] = "done"

    @rule(number=which)
    def the_worker_verifies_their_own_work(self, number: int) -> None:
        body = {"made_a_difference": True}
        self._try(self.case.worker, f"{self.case.action(number)}/verify", body, False)

    @rule(number=which)
    def the_manager_verifies(self, number: int) -> None:
        allowed = self.actions[number] == "done"
        body = {"made_a_difference": True}
        self._try("tm-lincoln-fast", f"{self.case.action(number)}/verify", body, allowed)
        if allowed:
            self.actions[number] = "verified"

    @rule(number=which)
    def the_manager_finds_it_not_achieved(self, number: int) -> None:
        allowed = self.actions[number] == "done"
        later = (local_date(clock.now()) + timedelta(days=7)).isoformat()
        body = {"reason": "It is not on the file.", "finish_on": later}
        self._try("tm-lincoln-fast", f"{self.case.action(number)}/not-achieved", body, allowed)
        if allowed:
            self.actions[number] = "planned"

    @rule(number=which)
    def the_manager_cancels(self, number: int) -> None:
        allowed = self.actions[number] in {"open", "planned"}
        body = {"reason": "The family has moved."}
        self._try("tm-lincoln-fast", f"{self.case.action(number)}/cancel", body, allowed)
        if allowed:
            self.actions[number] = "cancelled"

    @rule()
    def the_case_goes_to_another_worker(self) -> None:
        (other,) = {*WORKERS} - {self.case.worker}
        self.casework.reallocate(self.case, other)

    @rule(days=st.integers(min_value=1, max_value=4))
    def days_pass(self, days: int) -> None:
        clock.advance(timedelta(days=days))

    @invariant()
    def the_service_says_what_the_model_says(self) -> None:
        response = self.case.read(self.case.response)
        assert response["state"] == self.response
        states = [self.case.read(self.case.action(number))["state"] for number in range(2)]
        assert states == self.actions
        audit = self.case.read(f"/v1/audits/{self.case.audit_id}")
        assert audit["state"] == ("closed" if self.is_closed else "completed")

    @invariant()
    def the_due_date_exists_once_the_clock_began_and_never_moves(self) -> None:
        due_on = self.case.read(self.case.response)["due_on"]
        assert (due_on is not None) == self.clock_began
        assert self.due_on in {None, due_on}
        self.due_on = due_on

    def _try(self, person: str | None, path: str, body: Json, allowed: bool) -> None:
        answer = self.casework.api.as_(person or "").act(path, body)
        if allowed:
            assert answer.status_code == 200, answer.text
        else:
            assert answer.status_code in {403, 404, 409, 422}, answer.text


@pytest.mark.long
def test_whatever_people_do_after_an_audit_the_service_and_the_model_agree(
    casework: Casework, at: Callable[[str], None]
) -> None:
    class OfThisAuthority(WhatFollowsAnAudit):
        def __init__(self) -> None:
            at("2026-11-23T09:30:00Z")
            super().__init__()

    OfThisAuthority.casework = casework
    run_state_machine_as_test(
        OfThisAuthority,
        settings=settings(
            max_examples=6,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
