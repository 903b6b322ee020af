"""Retention: until when a record is kept, what keeps it after all, and how it goes (X4)."""

from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.story import TEAM, Chapter, Story, new_ref, today
from qa_api.demo.telling import day
from qa_api.rules.local_time import local_date

LONG_AGO: Final = "1945-05-08"


def _explain(story: Story) -> None:
    path = f"/v1/subjects/mosaic/{story.refs[0]}"
    unknown = _child_record(story, story.refs[0])
    born = f"{today().year - 9}-05-20"
    known = {"kind": "child", "team": TEAM, "worker": story.worker.name, "born_on": born}
    story.standards.change("PUT", path, known)
    kept = _child_record(story, story.refs[0])
    facts = kept["explanation"]["facts"]
    story.teller.say(
        "Until when the first child's record is kept. What cannot be computed is kept; with the"
        " date of birth it can."
    )
    story.teller.show("at first", unknown["no_date_because"])
    story.teller.show("born", day(born))
    story.teller.show("kept until", day(kept["kept_until"]))
    story.teller.show("because", f"{facts['years']} years from the day of birth")
    story.check(kept["kept_until"], "the record has no date")


def _hold(story: Story) -> None:
    story.made["old"] = old = [new_ref(), new_ref()]
    for ref in old:
        body = {"kind": "child", "team": TEAM, "worker": None, "born_on": LONG_AGO}
        story.standards.put(f"/v1/subjects/mosaic/{ref}", body)
    story.standards.create(
        "/v1/legal-holds",
        {
            "subject": {"system": "mosaic", "ref": old[0]},
            "reason": "An inquiry has asked for it.",
        },
    )
    story.teller.say(
        "Two old records are past their day. An inquiry has asked for one of them: a legal hold"
        " keeps it."
    )
    for ref in old:
        record = _child_record(story, ref)
        told = f"was to be kept until {day(record['kept_until'])}"
        story.teller.show(ref, f"{told}, held" if record["held"] else told)


def _run(story: Story) -> None:
    proposed = story.standards.create("/v1/retention-runs", {})
    path = f"/v1/retention-runs/{proposed['id']}"
    story.standards.act(f"{path}/approve", expected=422)
    story.teller.say(
        "A run is proposed: a list of what would go. The same person cannot approve it; a second"
        " one does, and the service's worker carries it out."
    )
    story.caller("qs-2").act(f"{path}/approve")
    done = story.until(lambda: story.standards.get(path), lambda run: run["state"] == "executed")
    story.teller.show("listed, removed, kept", _counts(done))
    items = story.standards.get(f"{path}/items")["items"]
    story.teller.table(
        ("record", "outcome"), [(item["record_class"], item["outcome"]) for item in items]
    )
    story.check(done["removed"] == 1, "the run did not remove one record")
    story.check(_child_record(story, story.made["old"][0])["held"], "the held record is gone")
    story.teller.say("The content is gone; that it went, and why, stays in the event log's chain.")
    story.made.setdefault("in short", []).append(
        ("Retention", "one record removed by two people, one held")
    )


def _counts(run: Json) -> str:
    return f"{run['items']}, {run['removed']}, {run['kept']}"


def _child_record(story: Story, ref: str) -> Json:
    records = _retention(story, ref)["records"]
    return next(dict(one) for one in records if one["record_class"] == "child_record")


def _retention(story: Story, ref: str) -> Json:
    return story.standards.get(f"/v1/subjects/mosaic/{ref}/retention")


RETENTION: Final = Chapter(
    "retention",
    "How long a record is kept",
    lambda story: local_date(story.present),
    (
        ("A date that is explained", _explain),
        ("A legal hold", _hold),
        ("A run, agreed by two", _run),
    ),
)
