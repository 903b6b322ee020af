"""Practice audits, and how steady an auditor judges (R4.5.4)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.scenes.profile import TITLES
from qa_api.demo.story import Chapter, Story

STANDARD: Final = {"voice": "inadequate", "safety": "good"}
JUDGED: Final[Mapping[str, Mapping[str, str]]] = {
    "ps-lincoln-fast": {"voice": "good", "safety": "good"},
    "ps-boston-fast": {"voice": "requires_improvement", "safety": "good"},
    "au-1": {"voice": "inadequate", "safety": "requires_improvement"},
}
"""What each auditor finds; they do not know what is held to be right."""


def _judgements(by_domain: Mapping[str, str], why: str) -> Json:
    return {
        "domains": [
            {"domain_key": key, "judgement": judgement, "rationale": why}
            for key, judgement in by_domain.items()
        ]
    }


def _make_up(story: Story) -> None:
    case = story.standards.create(
        "/v1/practice-cases",
        {
            "title": "Two brothers, one plan",
            "material": "Four visits, two of them late. The younger is quoted, the elder is not.",
            "tool_id": story.made["profile tool"],
            "standard": _judgements(STANDARD, "The elder was never seen alone."),
        },
    )
    story.made["practice case"] = path = f"/v1/practice-cases/{case['id']}"
    shown = story.auditor.get(path)
    story.check("alone" not in str(shown), "a standard is shown before it is judged")
    story.teller.say(
        "Quality & Standards make a case up, to practise on, and set down what they hold to be"
        " right. It is no child's: no record, plan or Board figure knows of it. Its tool asks for"
        " no overall judgement, so each domain is judged."
    )
    story.teller.show("the case", case["title"])
    story.teller.show("judged are", ", ".join(one["title"] for one in shown["domains"]))
    story.teller.show("overall judgement", "asked for" if shown["overall_judged"] else "none")


def _judge(story: Story) -> None:
    path = story.made["practice case"]
    rows = []
    for auditor, by_domain in JUDGED.items():
        judged = story.caller(auditor).create(
            f"{path}/audits", _judgements(by_domain, "As the case reads.")
        )
        rows += [
            (auditor, TITLES[one["domain_key"]], one["judgement"], one["standard_judgement"])
            for one in judged["domains"]
        ]
    story.teller.say(
        "Auditors judge it before they see what is held to be right. As soon as their judgement"
        " stands, each reads the standard beside their own."
    )
    story.teller.table(("auditor", "domain", "judged", "standard"), rows)


def _agree(story: Story) -> None:
    case = story.made["practice case"].rpartition("/")[2]
    found = story.standards.get("/v1/practice-agreement", case=case)["scales"]
    story.teller.say(
        "How far they agree with the standard is told domain by domain, with its doubt. All but"
        " Quality & Standards are told of it once five auditors have judged the case."
    )
    for one in found:
        story.teller.show(one["domain"], one["exact"]["sentence"])
    story.check([one["pairs"] for one in found] == [3, 3], "other pairs than were judged")


def _say_how_steady(story: Story) -> None:
    story.move_to(story.quarter.next.starts_on)
    moderated = story.made["outcomes"][0]
    own = story.caller(moderated["auditor"]).get("/v1/auditor-steadiness")["items"]
    (practised,) = [
        row
        for row in story.auditor.get("/v1/practice-steadiness")["items"]
        if row["of"] == "domains_together"
    ]
    story.teller.say(
        "When the quarter is over each auditor reads how often moderation, or a standard, raised or"
        " lowered their judgements, beside the others. Nobody else does but Quality & Standards."
        " Until the numbers can tell, nothing is said: a handful of pairs would wrong a colleague."
    )
    whole = next(row for row in own if row["of"] == "overall")
    for label, row in (("lowered by moderation", whole), ("lowered by a standard", practised)):
        story.teller.show(label, row["lowered"]["own"]["sentence"])
        story.teller.show("beside the others", row["lowered"]["sentence"])
        story.check(row["lowered"]["verdict"] == "not_known_yet", "so few pairs tell something")


PRACTICE: Final = Chapter(
    "practice",
    "Practice audits, and how steady an auditor is",
    lambda story: story.months[2].starts_on + timedelta(days=24),
    (
        ("A case that was made up", _make_up),
        ("Judged before the standard is seen", _judge),
        ("Agreement with the standard", _agree),
        ("How steady is an auditor", _say_how_steady),
    ),
)
