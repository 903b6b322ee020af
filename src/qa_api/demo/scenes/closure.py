"""The main job: from the case system's event to the verified action (§3, §4.1 to §4.3)."""

from datetime import timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.forms import CLOUDEVENTS, answers, case_event, contact, done_now, later_on
from qa_api.demo.story import Chapter, Story, in_days, london, today
from qa_api.demo.telling import day, plainly

HEARD: Final = (
    "audit.response_required",
    "audit.information_only",
    "response.returned",
    "response.accepted",
    "escalation.raised",
    "escalation.acknowledged",
    "escalation.quality_standards_informed",
    "escalation.resolved",
    "closure_gate.opened",
    "closure_gate.changed",
)
ANSWERED: Final = {
    "child_told_of_closure": "partial",
    "chronology": "partial",
    "documents_outstanding": 0,
    "practice_concerns": "yes",
    "practice_concern_details": "An allegation was written down and not followed up.",
    "what_works_well": "The worker came every week and did what was agreed.",
    "learning_for_practice": "An allegation needs its answer on the file the same day.",
}
"""What is not answered as usual; a question that the tool no longer asks is not answered."""


def _listen(story: Story) -> None:
    administrator = story.caller("admin-1")
    endpoint = administrator.create(
        "/v1/webhook-endpoints",
        {"system": "mosaic", "url": story.receiver.url, "event_types": list(HEARD)},
    )
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    while endpoint["secret"] is None:  # shown once, in an answer that was lost on the way
        endpoint = administrator.act(f"{path}/rotate-secret")
    story.receiver.secret = endpoint["secret"]
    story.made["endpoint"] = endpoint["id"]
    story.teller.say(
        "The administrator registers a webhook endpoint for the case system. It is a small"
        " receiver on this machine that checks every signature."
    )
    story.teller.show("endpoint", story.receiver.url)


def _propose_closure(story: Story) -> None:
    proposed = case_event(
        story,
        "case.closure_proposed.v1",
        refs=story.refs,
        closure={"date": in_days(14), "reason_code": "RC1"},
    )
    answer = story.case_system.send("/v1/case-events", proposed, CLOUDEVENTS)
    story.teller.say("The case system proposes to close the case of a sibling group of two.")
    for outcome in answer["outcomes"]:
        story.teller.show(outcome["ref"], outcome["outcome"])
    again = story.case_system.send("/v1/case-events", proposed, CLOUDEVENTS)
    story.teller.say("It sends the very same event again, as such systems do. One effect:")
    story.teller.show(
        "the second time", ", ".join(plainly(o["outcome"]) for o in again["outcomes"])
    )
    gate = gate_of(story, 0)
    story.made |= {"gate": gate["id"], "audit": gate["audit_id"]}
    _show_gate(story, 0)
    _show_gate(story, 1)


def _assign(story: Story) -> None:
    waiting = story.manager.get("/v1/me/work", kind="assign", limit=500)["items"]
    ours = [item for item in waiting if item["subject"]["ref"] in story.refs]
    story.teller.say(
        f"The team manager's list says: {len(ours)} closure audits of this family wait for an"
        " auditor. They name the practice supervisor."
    )
    audit = story.manager.act(f"{story.audit}/assign", {"auditor": story.auditor.name})
    story.teller.show("auditor", audit["auditor"])
    story.teller.show("worker as audited", audit["audited_worker"])


def _answer(story: Story) -> None:
    audit = story.auditor.act(f"{story.audit}/start")
    tool = story.auditor.get(f"/v1/audit-tools/{audit['tool_id']}")
    story.made["tool"] = tool
    given = dict(answers(tool, ANSWERED))
    for key, answer in given.items():
        story.auditor.put(f"{story.audit}/answers/{key}", answer)
    story.teller.say(
        f"The auditor starts. The tool '{tool['name']}', version {tool['number']}, is pinned to"
        f" this audit. {len(given)} questions answered, each saved on its own."
    )
    story.auditor.put_part(story.audit, "family-contact", contact())
    story.teller.say("The mother was forewarned by the key worker, and spoke to the auditor.")


def _find_something_urgent(story: Story) -> None:
    story.auditor.create(
        f"{story.audit}/urgent-findings",
        {
            "kind": "serious_safeguarding",
            "description": "An allegation on the file has not been followed up.",
            "child_safe_now": "not_known",
        },
    )
    escalation = story.manager.get("/v1/escalations", audit=story.made["audit"])["items"][0]
    story.made["escalation"] = escalation["id"]
    document = story.manager.get(f"/v1/escalations/{escalation['id']}")
    story.teller.say(
        "In the middle of the audit the auditor finds something urgent. In the same instant it is"
        " the team manager's: nothing waits for the audit to be finished."
    )
    story.teller.show("addressed to", ", ".join(r["recipient"] for r in document["recipients"]))
    story.teller.show("acknowledge by", london(document["acknowledge_by"]))
    story.teller.show("inform Q&S by", london(document["inform_by"]))
    story.hear("escalation.raised")


def _acknowledge(story: Story) -> None:
    path = f"/v1/escalations/{story.made['escalation']}"
    story.until(
        lambda: story.manager.get(path), lambda escalation: escalation["state"] == "notified"
    )
    story.wait(minutes=40)
    story.manager.act(f"{path}/acknowledge")
    story.wait(hours=1)
    informed = story.manager.act(
        f"{path}/inform-quality-standards",
        {"actions_to_be_taken": "Visit today with the duty worker; strategy meeting tomorrow."},
    )
    story.teller.say(
        "The team manager acknowledges, then tells Quality & Standards what will be done. The"
        " service never takes that second step by itself."
    )
    story.teller.show("state", informed["state"])
    story.wait(hours=4)
    resolved = story.standards.act(
        f"{path}/resolve", {"resolution": "Visited the same day; the child is safe."}
    )
    story.teller.say("Only Quality & Standards can call it resolved, and they do.")
    story.teller.show("state", resolved["state"])


def _complete(story: Story) -> None:
    for domain in story.made["tool"]["domains"]:
        if domain["judged"]:
            story.auditor.put_part(
                story.audit,
                f"judgements/{domain['key']}",
                {"judgement": "good", "rationale": "The file shows it, and the family says so."},
            )
    story.auditor.edit(
        story.audit, {"positive_feedback": "Warm direct work; the child's words are on the file."}
    )
    for kind, description, before in (
        ("recording", "Bring the chronology up to date.", True),
        ("practice", "Tell the child, in a letter, how our work ended and why.", False),
    ):
        story.auditor.create(
            f"{story.audit}/actions",
            {"kind": kind, "description": description, "needed_before_closure": before},
        )
    audit = story.auditor.act(
        f"{story.audit}/complete",
        {
            "overall": {
                "judgement": "requires_improvement",
                "rationale": "Good work with the child, but the allegation was left too long.",
            }
        },
    )
    story.made["actions"] = [action["id"] for action in audit["actions"]]
    story.teller.say(
        "Every judgement has its rationale; the overall one is the auditor's own and is computed"
        " from nothing. Two restorative actions, one of them needed before closure."
    )
    story.teller.show("audit", f"{audit['state']}, {plainly(audit['overall_judgement'])}")


def _notify(story: Story) -> None:
    story.hear("audit.response_required")
    response = story.until(
        lambda: story.worker.get("/v1/audit-responses", audit=story.made["audit"])["items"][0],
        lambda found: found["due_on"] is not None,
    )
    story.made["response"] = response["id"]
    document = story.worker.get(f"/v1/audit-responses/{response['id']}")
    story.teller.say(
        "The case system took the notification of the worker with a 2xx. That instant starts the"
        " clock: five working days, and day 0 is today."
    )
    story.teller.show("notified", london(document["notified_at"]))
    story.teller.show("response due", day(document["due_on"]))
    story.teller.why(document["explanation"])


def _talk(story: Story) -> None:
    story.worker.put_part(
        story.audit, "own-view", {"view": "I did follow it up, and wrote it down too late."}
    )
    question = {"kind": "question", "about": story.made["audit"], "question_key": "chronology"}
    asked = {"text": "Whose entry is that of May?", "addressees": [story.manager.name]}
    comment = story.auditor.create("/v1/comments", question | asked)
    path = f"/v1/comments/{comment['id']}"
    waiting = story.manager.get("/v1/me/work", kind="reply", limit=500)["items"]
    story.check(path in {item["path"] for item in waiting}, "a question waits for nobody")
    story.manager.create(f"{path}/replies", {"text": "The duty worker's. I have it corrected."})
    resolved = story.auditor.act(f"{path}/resolve")
    story.teller.say(
        "The worker adds their own view, in their own words. The auditor asks the manager about one"
        " answer, on the record: it stood in the manager's list until they replied. It is not in"
        " the child's record unless somebody releases it."
    )
    story.teller.show("asked", ", ".join(one["addressee"] for one in resolved["addressees"]))
    story.teller.show("resolved", london(resolved["resolved_at"]))


def _forget_an_action(story: Story) -> None:
    story.wait_working_days(2)
    path = f"/v1/audit-responses/{story.made['response']}/submit"
    refusal = story.worker.act(path, {"items": [done_now(story, 0)]}, expected=422)
    story.teller.say("The worker submits, but has forgotten one action. It is refused:")
    story.teller.show("problem", refusal["title"])
    for error in refusal.get("errors", ()):
        story.teller.show(error["pointer"] or "/", error["detail"])
    story.worker.act(path, {"items": [done_now(story, 0), later_on(story, 1, days=7)]})
    story.teller.say(
        "Now every action is covered: the chronology is done, the letter has a date and a reason"
        " why it cannot be done at once."
    )


def _review(story: Story) -> None:
    path = f"/v1/audit-responses/{story.made['response']}"
    story.wait_working_days(1)
    returned = story.manager.act(
        f"{path}/review",
        {"outcome": "returned", "reasons": "Say who writes the letter, and how it is explained."},
    )
    story.teller.say("The team manager returns it with reasons. A further round opens.")
    story.teller.show("this round due", day(returned["rounds"][-1]["due_on"]))
    story.teller.show("the original due date", f"{day(returned['due_on'])} (it never moves)")
    story.worker.act(f"{path}/submit", {"items": [done_now(story, 0), later_on(story, 1, days=5)]})
    accepted = story.manager.act(f"{path}/review", {"outcome": "adequate"})
    story.teller.say("The worker submits again, and this time it is adequate.")
    story.teller.show("state", accepted["state"])
    story.teller.show("adequate on time", accepted["adequate_on_time"])
    story.made["accepted"] = accepted


def _clear_the_gate(story: Story) -> None:
    story.wait_working_days(2)
    for action in story.made["actions"]:
        path = f"/v1/restorative-actions/{action}"
        if story.worker.get(path)["state"] != "done":
            story.worker.act(f"{path}/complete", {"done_on": today().isoformat()})
    story.teller.say(
        "The actions are done. The closure audit is complete, what was needed before closure is"
        " done, no urgent finding is open: the gate is clear."
    )
    _show_gate(story, 0)
    story.hear("closure_gate.changed", state="clear")
    story.teller.say("The brother's gate still waits for its audit: each child has their own.")
    _show_gate(story, 1)


def _close(story: Story) -> None:
    closed = case_event(story, "case.closed.v1", refs=story.refs[:1])
    story.case_system.send("/v1/case-events", closed, CLOUDEVENTS)
    story.teller.say("The case system closes the case of the first child, and says so.")
    _show_gate(story, 0)


def _verify(story: Story) -> None:
    for action in story.made["actions"]:
        story.manager.act(
            f"/v1/restorative-actions/{action}/verify",
            {"made_a_difference": True, "note": "Seen on the file."},
        )
    audit = story.standards.get(story.audit)
    story.teller.say(
        "Somebody other than the doer looks at each action and says that it made a difference."
        " Nothing is left to do: the audit closes by itself."
    )
    story.teller.show("audit", audit["state"])
    story.made["closed"] = audit


def _check_the_webhooks(story: Story) -> None:
    heard: dict[str, int] = {}
    for event in story.receiver.events:
        heard[event["type"]] = heard.get(event["type"], 0) + 1
    story.teller.say(
        "What the case system heard meanwhile, each signed and verified, thin and without a word"
        " of free text:"
    )
    story.teller.table(("webhook", "times"), sorted(heard.items()))
    story.check(not story.receiver.refused, "a webhook had a signature that is not right")
    gates = [gate_of(story, number)["state"] for number in (0, 1)]
    story.check(gates == ["closed", "awaiting_audit"], "the gates are not as they should be")


def gate_of(story: Story, number: int) -> Json:
    return story.case_system.get(f"/v1/subjects/mosaic/{story.refs[number]}/closure-gate")


def _show_gate(story: Story, number: int) -> None:
    gate = gate_of(story, number)
    waits = f", waits for {', '.join(gate['waits_for'])}" if gate.get("waits_for") else ""
    may = "may close" if gate["may_close"] else "may not close"
    story.teller.show(f"gate of {story.refs[number]}", f"{plainly(gate['state'])}, {may}{waits}")


CLOSURE: Final = Chapter(
    "closure",
    "A case is to be closed",
    lambda story: story.quarter.starts_on + timedelta(days=2),
    (
        ("Somebody listens", _listen),
        ("The case system proposes closure for a sibling group", _propose_closure),
        ("The team manager assigns the closure audit", _assign),
        ("The auditor answers the tool and speaks with the family", _answer),
        ("An urgent finding, in the middle of the audit", _find_something_urgent),
        ("Two hops, each with its proof", _acknowledge),
        ("Judgements with their rationale, two actions, complete", _complete),
        ("The worker is notified, and the clock starts", _notify),
        ("The worker's own view, and a question on the record", _talk),
        ("A response that misses an action", _forget_an_action),
        ("Returned, submitted again, adequate", _review),
        ("The actions are done and the gate is clear", _clear_the_gate),
        ("The case is closed", _close),
        ("Verified by somebody else, and closed", _verify),
        ("What was sent out", _check_the_webhooks),
    ),
)
