"""The child's record: everything that is held, for who reads it one day (R4.1.7, X4)."""

from collections import Counter
from datetime import timedelta
from typing import Final

from qa_api.demo.forms import CLOUDEVENTS, case_event
from qa_api.demo.story import Chapter, Story, now
from qa_api.rules.local_time import local_date


def _read(story: Story) -> None:
    record = story.manager.get(_path(story))
    (audit,) = record["audits"]
    story.made["audit in the record"] = audit["id"]
    story.teller.say(
        "One document holds everything about the first child of chapter 1, in reading order."
    )
    story.teller.show("audits", len(record["audits"]))
    story.teller.show("answers in it", len(audit["answers"]))
    story.teller.show("actions", len(audit["actions"]))
    story.teller.show("urgent findings, escalations", f"1, {len(record['escalations'])}")
    story.teller.show("closure gates", len(record["closure_gates"]))


def _for_the_child(story: Story) -> None:
    professional, theirs = (
        story.manager.get(_path(story), audience=audience)
        for audience in ("professional", "subject")
    )
    left_out = _told_in(professional) - _told_in(theirs)
    story.teller.say(
        "Read by the child, one day: each field has its audience, and what is for professionals"
        " only is left out."
    )
    story.teller.show("left out", ", ".join(sorted(left_out)).replace("_", " "))
    story.check("looks" in left_out, "the child is shown who has looked")


def _told_in(part: object) -> set[str]:
    """The names of the fields that say something, however deep."""
    if isinstance(part, list):
        return set().union(*map(_told_in, part))
    if isinstance(part, dict):
        told = {name for name, value in part.items() if value not in (None, [], {})}
        return told.union(*map(_told_in, part.values()))
    return set()


def _redact(story: Story) -> None:
    place = f"/audits/{story.made['audit in the record']}/overall_rationale"
    redaction = story.standards.create(
        f"/v1/subjects/mosaic/{story.refs[0]}/redactions",
        {"path": place, "reason": "It tells where somebody else lives."},
    )
    (audit,) = story.manager.get(_path(story))["audits"]
    story.teller.say(
        "One sentence says something about somebody else. It is redacted, with the reason, in"
        " every form of the record; the audit itself keeps it."
    )
    story.teller.show("the record says", audit["overall_rationale"])
    story.check(redaction["reason"] in audit["overall_rationale"], "the redaction does not show")
    kept = story.standards.get(story.audit)["overall_rationale"]
    story.check(redaction["reason"] not in kept, "the audit lost its words")


def _who_has_looked(story: Story) -> None:
    looks = story.standards.get(_path(story))["looks"]
    counts = Counter((look["who"], ", ".join(look["roles"]).replace("_", " ")) for look in looks)
    story.teller.say("Whoever read something of this child's is on record, too.")
    story.teller.table(
        ("who", "role", "times"),
        [(who, role, times) for (who, role), times in counts.most_common(6)],
    )
    story.keep("record.html", story.standards.page(_path(story)))
    story.keep("record-for-the-child.html", story.standards.page(_path(story), audience="subject"))
    story.made.setdefault("in short", []).append(
        ("The child's record", f"{len(looks)} looks, one redaction")
    )


def _restrict(story: Story) -> None:
    brother = story.refs[1]
    path = f"/v1/subjects/mosaic/{brother}"
    story.manager.get(path)
    restricted = case_event(
        story,
        "record.restricted.v1",
        refs=[brother],
        restriction={"kind": "staff", "on": True},
    )
    story.case_system.send("/v1/case-events", restricted, CLOUDEVENTS)
    second = story.caller("qs-2")
    for person in (story.manager, story.standards, second):
        person.get_nothing(path)
    story.teller.say(
        "A relative of the brother works here: the case system restricts his record. From this"
        " moment it is not there for anybody, in no list and in no total; the answer is the same as"
        " for a child whom nobody knows."
    )
    story.standards.create(
        f"{path}/restriction-grants",
        {
            "principal_id": second.get("/v1/me")["principal_id"],
            "reason": "Takes the closure audit on.",
            "expires_at": (now() + timedelta(days=14)).isoformat(),
        },
    )
    seen = second.get(path)
    story.teller.say(
        "Who has to see it is let in by somebody else, with a reason, and for a time. Nobody lets"
        " themselves in."
    )
    story.teller.show("let in", f"{second.name}, for fourteen days")
    story.teller.show("sees again", f"{seen['ref']}, team {seen['team']}")


def _path(story: Story) -> str:
    return f"/v1/subjects/mosaic/{story.refs[0]}/record"


RECORD: Final = Chapter(
    "record",
    "The child's record",
    lambda story: local_date(story.present),
    (
        ("Everything, in reading order", _read),
        ("For the child", _for_the_child),
        ("A redaction, with its reason", _redact),
        ("Who has looked", _who_has_looked),
        ("A restricted record", _restrict),
    ),
)
