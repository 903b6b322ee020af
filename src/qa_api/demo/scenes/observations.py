"""Practice observations: two for each worker a year, and what is learned from them (§4.6)."""

from collections import Counter
from datetime import timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.story import TEAM, Chapter, Story, in_days, today, weekday

SEEN: Final[Json] = {
    "activity": "Home visit",
    "planned": True,
    "family_consent": "given",
    "feedback": "Mother: she explained what would happen next.",
    "strengths": "Clear about the worries, and about what goes well.",
    "development": "Leave the child more room to begin.",
}


def _observe(story: Story) -> None:
    for worker, observer in (("sw1", "ps"), ("sw2", "ps"), ("ps", "tm")):
        observation = story.caller(f"{observer}-{TEAM}").create(
            "/v1/practice-observations",
            SEEN
            | {
                "worker": f"{worker}-{TEAM}",
                "observer": f"{observer}-{TEAM}",
                "observed_on": in_days(-1),
            },
        )
    story.wait_working_days(10)
    story.auditor.create(
        "/v1/practice-observations",
        SEEN
        | {
            "worker": story.worker.name,
            "observer": story.auditor.name,
            "observed_on": today().isoformat(),
            "activity": "Core group",
            "planned": False,
        },
    )
    story.teller.say(
        "The practice supervisor goes along on home visits and records what was seen: what went"
        " well, what to develop, what the family said. Nobody observes themselves."
    )
    story.teller.show("observed", f"{story.worker.name}, twice; two others once")
    story.teller.show("family's consent", observation["family_consent"])


def _notice(story: Story) -> None:
    told = [
        item
        for item in story.standards.get("/v1/me/work", kind="told", limit=500)["items"]
        if item["path"].startswith("/v1/practice-observations/")
    ]
    story.check(len(told) == 4, "Quality & Standards were not told of each observation")
    story.teller.say("Quality & Standards are told of each; it stands in their list of work.")
    story.teller.table(("told", "team"), [(item["told"], item["team"]) for item in told])


def _comply(story: Story) -> None:
    story.caller("hos-fast").create(
        "/v1/observation-exemptions",
        {
            "worker": f"dm-{TEAM}",
            "from": today().isoformat(),
            "reason": "Seconded to a project without casework.",
        },
    )
    story.teller.say(
        "The team on this day. One of them is exempt, with a reason; on pace is who has done what"
        " the year so far asks for."
    )
    workers = story.manager.get("/v1/observation-compliance", level="worker", team=TEAM)["items"]
    story.teller.table(
        ("worker", "done", "required", "remaining", "on pace"),
        [
            (
                row["code"],
                row["done"],
                row["required"],
                row["remaining"],
                bool(row["on_pace"]["numerator"]) if row["on_pace"]["denominator"] else None,
            )
            for row in workers
        ],
    )
    query = {"level": "team", "team": TEAM}
    (then,) = story.manager.get("/v1/observation-compliance", as_at=in_days(-20), **query)["items"]
    (team,) = story.manager.get("/v1/observation-compliance", **query)["items"]
    story.teller.show("done by the team", f"{team['done']}, three weeks ago {then['done']}")
    story.check(team["done"] > then["done"], "compliance does not follow the observations")
    story.made.setdefault("in short", []).append(
        ("Practice observations", f"{team['done']} of {team['required']} of {TEAM}")
    )


def _highlight(story: Story) -> None:
    story.move_to(weekday(story.months[2].ends_on - timedelta(days=9)))
    story.teller.on(today())
    said = {"quarter": story.quarter.label, "routed_to": "learning_development"}
    first = story.manager.create(
        "/v1/learning-highlights",
        said
        | {
            "team": TEAM,
            "topic": "Direct work with younger children",
            "highlight": "Tools are known, but seldom brought along.",
        },
    )
    story.caller("tm-lac-north").create(
        "/v1/learning-highlights",
        said
        | {
            "team": "lac-north",
            "routed_to": "practice_advisor",
            "topic": "Life story work",
            "highlight": "Begins early and well; worth showing to others.",
        },
    )
    path = f"/v1/learning-highlights/{first['id']}"
    answered = story.caller("ld-1").act(
        f"{path}/answer", {"what_was_done": "Two workshops, and a box of tools in each office."}
    )
    story.teller.say(
        "At the end of the quarter the managers say what their teams learned. It goes to Learning"
        " & Development or to the practice advisors, and comes back with what was done."
    )
    story.teller.show("learned", first["highlight"])
    story.teller.show("what was done", answered["what_was_done"])
    story.check(answered["answered"], "the highlight was not answered")
    returns = story.standards.get(
        "/v1/learning-highlight-returns", quarter=story.quarter.label, limit=500
    )["items"]
    counts = Counter(row["state"] for row in returns)
    story.teller.say("Which teams have said something is plain to see:")
    story.teller.table(("state", "teams"), sorted(counts.items()))


OBSERVATIONS: Final = Chapter(
    "observations",
    "Practice observations",
    lambda story: story.months[2].starts_on + timedelta(days=1),
    (
        ("Somebody goes along", _observe),
        ("Quality & Standards are told", _notice),
        ("Done, required, on pace", _comply),
        ("What was learned goes to those who teach", _highlight),
    ),
)
