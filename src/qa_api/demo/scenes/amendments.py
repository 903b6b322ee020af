"""What was wrong, and what has changed since: amendments, errors, re-audits (R4.1.5, R4.1.9)."""

from datetime import timedelta
from typing import Final

from qa_api.demo.scenes import theme
from qa_api.demo.scenes.auditing import carry_out, known_child, overall
from qa_api.demo.scenes.profile import audit_without_one_grade
from qa_api.demo.story import Chapter, Story, new_ref


def _amend(story: Story) -> None:
    audit = next(one for one in story.made["plan's audits"] if one["overall_judgement"] == "good")
    path, auditor = f"/v1/audits/{audit['id']}", story.caller(audit["auditor"])
    story.made["amended"] = audit
    amended = auditor.act(
        f"{path}/amend",
        {
            "reason": "The visit that was answered for is that of another family.",
            "overall": overall("inadequate"),
        },
    )
    story.teller.say(
        "An auditor finds a mistake in a completed audit. The audit is locked: the amendment is a"
        " new revision with its reason, the old one stays, and the rules run again."
    )
    story.teller.show("revision", amended["revision"])
    story.teller.show("overall judgement", f"{audit['overall_judgement']}, now inadequate")
    (escalation,) = story.standards.get("/v1/escalations", audit=audit["id"])["items"]
    story.made["second escalation"] = f"/v1/escalations/{escalation['id']}"
    story.teller.show("an escalation, at once", escalation["state"])


def _dispute(story: Story) -> None:
    path = story.made["second escalation"]
    manager = story.caller(f"tm-{story.made['amended']['team']}")
    story.until(lambda: manager.get(path), lambda escalation: escalation["state"] == "notified")
    manager.act(f"{path}/acknowledge")
    manager.act(
        f"{path}/inform-quality-standards", {"actions_to_be_taken": "A visit this afternoon."}
    )
    disputed = manager.act(
        f"{path}/dispute", {"reason": "The visit took place; the note is in the paper file."}
    )
    story.teller.say(
        "The team manager does what is to be done and disputes the finding. The dispute is a mark"
        " beside the escalation; nothing of it goes away."
    )
    story.teller.show("state", disputed["state"])
    story.teller.show("disputed", disputed["disputed_at"] is not None)
    story.wait(hours=3)
    resolved = story.standards.act(
        f"{path}/resolve", {"resolution": "Seen today. The note is on the electronic file now."}
    )
    story.teller.show("state, after Q&S has looked", resolved["state"])


def _audit_the_wrong_child(story: Story) -> None:
    ref, auditor = new_ref(), story.caller("au-1")
    known_child(story.standards, ref, "cwd", "sw1-cwd")
    subject = {"system": "mosaic", "ref": ref}
    planned = story.standards.create(
        "/v1/audits", {"type": theme.CODE, "subject": subject, "auditor": auditor.name}
    )
    path = f"/v1/audits/{planned['id']}"
    carry_out(auditor, path, "good")
    story.until_workers_are_told()
    story.standards.act(
        f"{path}/record-in-error", {"reason": "The audit is about a child of the same name."}
    )
    story.caller("qs-2").tell(f"{path}/confirm-error")
    left = story.standards.get(f"/v1/subjects/mosaic/{ref}/record")
    story.teller.say(
        "Another audit was made on the wrong child. One of Quality & Standards reports it, a"
        " second one confirms: it leaves that child's record, and the open figures. The event log"
        " keeps it."
    )
    story.teller.show("audits in the child's record", len(left["audits"]))
    story.check(not left["audits"], "an audit in error is in the record")


def _audit_again(story: Story) -> None:
    story.wait_working_days(10)
    first = next(
        one
        for one in story.made["plan's audits"]
        if one["overall_judgement"] == "requires_improvement"
    )
    auditor = story.caller(first["auditor"])
    subject = {name: first["subject"][name] for name in ("system", "ref")}
    planned = story.standards.create(
        "/v1/audits",
        {
            "type": first["type"],
            "subject": subject,
            "auditor": auditor.name,
            "re_audit_of": first["id"],
        },
    )
    path = f"/v1/audits/{planned['id']}"
    auditor.act(f"{path}/start")
    auditor.put_part(path, "worker-view", {"view": "The plan is clearer, and so is my part in it."})
    carry_out(auditor, path, "good", changed={"changes_the_plan": "partial"}, started=True)
    compared = auditor.get(f"{path}/comparison")
    story.teller.say(
        "Two weeks later the same case is audited again. The worker's own view stands beside the"
        " family's, and before stands beside after."
    )
    story.teller.table(
        ("", "before", "after"),
        [
            ("overall", compared["overall_before"], compared["overall_after"]),
            *(
                (line["domain_key"].replace("_", " "), line["before"], line["after"])
                for line in compared["judgements"]
            ),
            *(
                (line["question_key"].replace("_", " "), line["before"], line["after"])
                for line in compared["answers"]
                if line["before"] != line["after"]
            ),
        ],
    )


AMENDMENTS: Final = Chapter(
    "amendments",
    "Mistakes, and a second look",
    lambda story: story.months[1].starts_on + timedelta(days=13),
    (
        ("An audit is amended", _amend),
        ("An escalation is disputed", _dispute),
        ("An audit on the wrong child", _audit_the_wrong_child),
        ("The same case, audited again", _audit_again),
        ("A profile instead of one grade", audit_without_one_grade),
    ),
)
