"""A restorative action, from being set to somebody else having seen it done (R4.2.6)."""

from collections.abc import Callable

import pytest

from tests.api import SOME_VERSION
from tests.responses.casework import DEPUTY, MANAGER, WORKER, Case, Casework

At = Callable[[str], None]
WHY = "The school can see her on Monday only."
PLAN = {"finish_on": "2026-11-27", "how": "A visit is booked."}


def planned(casework: Casework) -> Case:
    case = casework.completed_audit(actions=1)
    case.act(f"{case.action()}/plan", WORKER, **PLAN)
    return case


def done(casework: Casework) -> Case:
    case = planned(casework)
    case.act(f"{case.action()}/complete", WORKER, done_on="2026-11-23")
    return case


@pytest.mark.long
def test_an_action_is_planned_replanned_done_and_verified(casework: Casework, at: At) -> None:
    case = planned(casework)
    moved = case.act(f"{case.action()}/replan", WORKER, finish_on="2026-11-30", reason=WHY)
    assert (moved["state"], moved["due_on"], moved["how"]) == (
        "planned",
        "2026-11-30",
        "A visit is booked.",
    )
    assert moved["working_days_left"] == 5
    at("2026-11-26T09:30:00Z")
    finished = case.act(f"{case.action()}/complete", WORKER, done_on="2026-11-25")
    assert (finished["state"], finished["done_by"]) == ("done", WORKER)
    seen = case.act(f"{case.action()}/verify", "au-1", made_a_difference=False, note="Seen.")
    assert (seen["state"], seen["verified_by"]) == ("verified", "au-1")
    assert seen["made_a_difference"] is False
    assert seen["allowed_actions"] == []


@pytest.mark.parametrize("verifier", ["au-1", MANAGER, DEPUTY, "hos-fast", "qs-1"])
def test_who_verifies(casework: Casework, verifier: str) -> None:
    case = done(casework)
    assert "verify" in case.read(case.action(), verifier)["allowed_actions"]
    seen = case.act(f"{case.action()}/verify", verifier, made_a_difference=True)
    assert seen["verified_by"] == verifier


@pytest.mark.parametrize(
    ("person", "status"),
    [(WORKER, 403), ("ps-lincoln-fast", 403), ("au-2", 404), ("tm-boston-fast", 404)],
)
def test_who_does_not_verify(casework: Casework, person: str, status: int) -> None:
    case = done(casework)
    tag = {"if-match": casework.api.as_("qs-1").tag(case.action())}
    answer = casework.api.as_(person).request(
        "POST", f"{case.action()}/verify", json={"made_a_difference": True}, headers=tag
    )
    assert answer.status_code == status
    assert case.read(case.action())["state"] == "done"
    # What is missing is named where the action may be seen, and nothing where it may not.
    missing = {403: "action:verify", 404: None}
    assert answer.json().get("permission") == missing[status]


def test_the_doer_never_verifies_nor_cancels_whatever_else_they_are(casework: Casework) -> None:
    # The auditor of one case holds another; their own action is not theirs to verify.
    case = casework.completed_audit(actions=1, worker=WORKER, auditor="ps-lincoln-fast")
    casework.let_do(case, "ps-lincoln-fast")
    own = case.refused(f"{case.action()}/verify", "ps-lincoln-fast", made_a_difference=True)
    assert (own.status_code, own.json()["code"]) == (422, "own-work")
    finding = {"reason": "Not seen.", "finish_on": "2026-12-01"}
    own = case.refused(f"{case.action()}/not-achieved", "ps-lincoln-fast", **finding)
    assert own.json()["code"] == "own-work"
    mine = casework.completed_audit(actions=1, worker=MANAGER)
    own = mine.refused(f"{mine.action()}/cancel", MANAGER, reason="No longer needed.")
    assert (own.status_code, own.json()["code"]) == (422, "own-work")


def test_what_was_not_achieved_is_planned_again_with_a_new_date(casework: Casework) -> None:
    case = done(casework)
    past = case.refused(
        f"{case.action()}/not-achieved", MANAGER, reason="No visit.", finish_on="2026-11-20"
    )
    assert past.json()["errors"][0]["pointer"] == "/finish_on"
    again = case.act(
        f"{case.action()}/not-achieved", MANAGER, reason="No visit.", finish_on="2026-12-04"
    )
    assert (again["state"], again["due_on"], again["done_on"]) == ("planned", "2026-12-04", None)
    assert again["not_achieved_reason"] == "No visit."
    case.act(f"{case.action()}/complete", WORKER, done_on="2026-11-23")
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)


@pytest.mark.parametrize("person", [MANAGER, "hos-fast", "qs-1"])
def test_who_cancels_and_only_with_a_reason(casework: Casework, person: str) -> None:
    case = planned(casework)
    assert case.refused(f"{case.action()}/cancel", person).status_code == 422
    gone = case.act(f"{case.action()}/cancel", person, reason="Overtaken by the court's order.")
    assert (gone["state"], gone["allowed_actions"]) == ("cancelled", [])


@pytest.mark.parametrize("person", [WORKER, "au-1", "slt-1"])
def test_who_does_not_cancel(casework: Casework, person: str) -> None:
    case = planned(casework)
    assert case.refused(f"{case.action()}/cancel", person, reason="No.").status_code == 403


def test_a_state_names_what_it_allows(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    answer = case.refused(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    assert answer.status_code == 409
    assert answer.json()["state"] == "open"
    assert answer.json()["allowed_actions"] == ["cancel", "complete", "plan", "reassign"]
    finished = done(casework)
    late = finished.refused(f"{finished.action()}/cancel", MANAGER, reason="No.")
    assert late.status_code == 409, "what is done is verified or found not achieved"


def test_dates_that_cannot_be(casework: Casework) -> None:
    case = casework.completed_audit(actions=1)
    past = case.refused(f"{case.action()}/plan", WORKER, finish_on="2026-11-22")
    assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/finish_on")
    future = case.refused(f"{case.action()}/complete", WORKER, done_on="2026-11-24")
    assert (future.status_code, future.json()["errors"][0]["pointer"]) == (422, "/done_on")


def test_done_late_stays_overdue_until_somebody_has_seen_it(casework: Casework, at: At) -> None:
    case = planned(casework)

    def overdue() -> bool:
        path = f"/v1/restorative-actions?overdue=true&audit={case.audit_id}"
        listed = bool(casework.api.as_(MANAGER).get(path).json()["items"])
        at_one = bool(case.read(case.action(), MANAGER)["overdue"])
        assert listed == at_one
        return listed

    at("2026-11-27T23:30:00Z")
    assert overdue() is False
    at("2026-11-30T09:30:00Z")
    assert overdue() is True
    case.act(f"{case.action()}/complete", WORKER, done_on="2026-11-30")
    assert overdue() is True
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    assert overdue() is False


@pytest.mark.long
def test_a_new_date_takes_a_reason_keeps_the_former_ones_and_tells_the_manager(
    casework: Casework, at: At
) -> None:
    case = planned(casework)
    path = case.action()
    for body in ({"finish_on": "2026-11-30"}, {"finish_on": "2026-11-30", "reason": " "}):
        refused = case.refused(f"{path}/replan", WORKER, **body)
        assert refused.json()["errors"][0]["pointer"] == "/reason"
    same = case.refused(f"{path}/replan", WORKER, finish_on="2026-11-27", reason=WHY)
    assert (same.status_code, same.json()["code"]) == (422, "date-unchanged")
    case.act(f"{path}/replan", WORKER, finish_on="2026-11-30", reason=WHY)
    moved = case.act(f"{path}/replan", WORKER, finish_on="2026-12-02", reason="She was ill.")
    assert (moved["due_on"], moved["first_promised_on"]) == ("2026-12-02", "2026-11-27")
    assert [(one["was"], one["became"], one["reason"]) for one in moved["date_changes"]] == [
        ("2026-11-27", "2026-11-30", WHY),
        ("2026-11-30", "2026-12-02", "She was ill."),
    ]
    assert {one["changed_by"] for one in moved["date_changes"]} == {WORKER}
    told = casework.alerts(path.rpartition("/")[2], "action_date_changed")
    assert told == [("team_manager", MANAGER)] * 2
    waiting = casework.api.as_(MANAGER).work("kind=told")
    assert path in {item["path"] for item in waiting}
    assert (moved["missed_on"], moved["overdue"]) == (None, False), "both were kept up to then"


def test_a_date_that_was_missed_stays_overdue_whatever_is_promised_next(
    casework: Casework, at: At
) -> None:
    case = planned(casework)
    path = case.action()

    def overdue() -> bool:
        listed = f"/v1/restorative-actions?overdue=true&audit={case.audit_id}"
        at_one = bool(case.read(path, MANAGER)["overdue"])
        assert bool(casework.api.as_(MANAGER).get(listed).json()["items"]) == at_one
        return at_one

    at("2027-06-11T09:30:00Z")  # 200 days on
    moved = case.act(f"{path}/replan", WORKER, finish_on="2027-07-30", reason=WHY)
    assert (moved["missed_on"], moved["overdue"]) == ("2026-11-27", True)
    assert overdue()
    case.act(f"{path}/replan", WORKER, finish_on="2027-08-02", reason=WHY)
    assert overdue()
    assert case.read(path)["missed_on"] == "2026-11-27"
    case.act(f"{path}/complete", WORKER, done_on="2027-06-11")
    assert overdue(), "done by the newest date is not done by the first"
    case.act(f"{path}/verify", MANAGER, made_a_difference=True)
    assert not overdue()
    by_first = f"/v1/restorative-actions?by_first_promise=true&audit={case.audit_id}"
    assert case.read(by_first)["items"] == []


def test_what_is_done_at_once_or_by_the_first_promise_counts_as_kept(casework: Casework) -> None:
    at_once, kept = casework.completed_audit(actions=1), done(casework)
    at_once.act(f"{at_once.action()}/complete", WORKER, done_on="2026-11-23")
    for case in (at_once, kept):
        query = f"/v1/restorative-actions?by_first_promise=true&audit={case.audit_id}"
        assert len(case.read(query)["items"]) == 1
        query = f"/v1/restorative-actions?by_first_promise=false&audit={case.audit_id}"
        assert case.read(query)["items"] == []


@pytest.mark.long
def test_a_returned_response_that_promises_another_day_keeps_the_former_one(
    casework: Casework,
) -> None:
    case = casework.completed_audit(actions=1)
    casework.deliver(case)

    def submit(day: str, why: str) -> None:
        item = {"action": str(case.action_ids[0]), "how": "As agreed."}
        case.submit(items=[item | {"finish_on": day, "not_immediate_because": why}])

    submit("2026-11-27", "The school must be asked.")
    case.review("returned")
    submit("2026-12-04", "The school is closed.")
    action = case.read(case.action())
    assert (action["first_promised_on"], action["due_on"]) == ("2026-11-27", "2026-12-04")
    (change,) = action["date_changes"]
    assert (change["which"], change["reason"]) == ("finish_on", "The school is closed.")
    told = casework.alerts(case.action_ids[0], "action_date_changed")
    assert told == [("team_manager", MANAGER)]


def test_who_leads_is_told_of_the_date_that_a_verifier_sets(casework: Casework) -> None:
    case = done(casework)
    about = case.action_ids[0]
    shortfall = {"finish_on": "2026-12-02", "reason": "The child was not seen."}
    case.act(f"{case.action()}/not-achieved", "au-1", **shortfall)
    assert len(case.read(case.action())["date_changes"]) == 1
    assert casework.alerts(about, "action_date_changed") == [("team_manager", MANAGER)]
    kept = done(casework)
    same = {"finish_on": "2026-11-27", "reason": "The child was not seen."}
    kept.act(f"{kept.action()}/not-achieved", "au-1", **same)
    assert casework.alerts(kept.action_ids[0], "action_date_changed") == [], "no other date"


# --- when it was done ---


@pytest.mark.parametrize("day", ["1999-01-01", "2026-11-22", "2026-11-24"])
def test_nothing_is_done_before_it_was_set_nor_in_the_future(casework: Casework, day: str) -> None:
    case = casework.completed_audit(actions=1)
    refused = case.refused(f"{case.action()}/complete", WORKER, done_on=day)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/done_on")
    item = {"action": str(case.action_ids[0]), "how": "Done.", "done_on": day}
    answer = case.refused(f"{case.response}/submit", WORKER, items=[item])
    assert answer.json()["errors"][0]["pointer"] == "/items/0/done_on"
    finished = done(casework)
    wrong = finished.refused(f"{finished.action()}/correct-done", WORKER, done_on=day, reason=WHY)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/done_on")


def test_the_day_on_which_it_was_done_is_corrected_with_a_reason(
    casework: Casework, at: At
) -> None:
    case = planned(casework)
    path = case.action()
    at("2026-12-01T09:30:00Z")
    case.act(f"{path}/complete", WORKER, done_on="2026-12-01")
    assert case.read(path)["overdue"] is True
    assert "correct_done" in case.read(path, WORKER)["allowed_actions"]
    nothing = case.refused(f"{path}/correct-done", WORKER, done_on="2026-11-26")
    assert nothing.json()["errors"][0]["pointer"] == "/reason"
    stale = casework.api.as_(WORKER).request(
        "POST",
        f"{path}/correct-done",
        json={"done_on": "2026-11-26", "reason": WHY},
        headers={"if-match": f'"1.{"0" * 16}"'},
    )
    assert stale.status_code == 412
    right = case.act(f"{path}/correct-done", WORKER, done_on="2026-11-26", reason="Mistyped.")
    assert (right["state"], right["done_on"], right["overdue"]) == ("done", "2026-11-26", False)
    (change,) = right["date_changes"]
    assert (change["which"], change["was"], change["became"]) == (
        "done_on",
        "2026-12-01",
        "2026-11-26",
    )
    told = casework.alerts(path.rpartition("/")[2], "action_date_changed")
    assert told == [("team_manager", MANAGER)]


def test_what_was_verified_on_a_day_its_doer_changes_no_more(casework: Casework) -> None:
    case = done(casework)
    body = {"done_on": "2026-11-23", "reason": WHY}
    for person, status in (("ps-lincoln-fast", 403), ("au-1", 403), ("sw2-lincoln-fast", 404)):
        refused = casework.api.as_(person).post(
            f"{case.action()}/correct-done", body, headers={"if-match": SOME_VERSION}
        )
        assert refused.status_code == status
    case.act(f"{case.action()}/verify", MANAGER, made_a_difference=True)
    own = case.refused(f"{case.action()}/correct-done", WORKER, done_on="2026-11-23", reason=WHY)
    assert own.json()["code"] == "verified-already"
    right = case.act(f"{case.action()}/correct-done", "qs-1", done_on="2026-11-23", reason=WHY)
    assert right["state"] == "verified"


def test_an_action_of_a_draft_is_nobodys_yet(casework: Casework) -> None:
    case = casework.completed_audit(actions=1, draft=True)
    for person in (WORKER, MANAGER, "qs-1", "au-1"):
        assert casework.api.as_(person).get(case.action()).status_code == 404


def test_an_owner_without_the_case_sees_and_does_their_action(casework: Casework) -> None:
    case = casework.completed_audit(actions=1, owner=WORKER)
    casework.reallocate(case, "sw2-lincoln-fast")
    assert case.read(case.action(), WORKER)["owner"] == WORKER
    case.act(f"{case.action()}/plan", WORKER, **PLAN)
    # The case is somebody else's now, and they may finish it too.
    case.act(f"{case.action()}/complete", "sw2-lincoln-fast", done_on="2026-11-23")


def test_the_list_filters_and_has_the_soonest_due_first(casework: Casework) -> None:
    case = casework.completed_audit(actions=3)
    case.act(f"{case.action(2)}/plan", WORKER, finish_on="2026-11-25")
    case.act(f"{case.action(0)}/plan", WORKER, finish_on="2026-11-27")

    def listed(query: str) -> list[str]:
        path = f"/v1/restorative-actions?audit={case.audit_id}{query}"
        return [row["id"] for row in casework.api.as_(MANAGER).get(path).json()["items"]]

    order = [str(case.action_ids[n]) for n in (2, 0, 1)]
    assert listed("") == order
    assert listed("&state=open") == order[2:]
    assert listed("&due_from=2026-11-26&due_to=2026-11-28") == order[1:2]
    assert listed(f"&owner={WORKER}&worker={WORKER}&team=lincoln-fast&service=fast") == order
    assert listed("&needed_before_closure=true") == []
    assert listed("&kind=practice&needed_before_closure=false&overdue=false") == order
