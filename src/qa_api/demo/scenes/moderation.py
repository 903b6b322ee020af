"""Moderation: a sample of last month's audits, drawn by lot and looked at again (§4.5)."""

from datetime import timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.story import Chapter, Story, in_days, today
from qa_api.demo.telling import day

OUTCOME: Final[Json] = {
    "quality": "Thorough; each answer has its evidence.",
    "analysis": "Names the drift, not yet why it happened.",
    "contribution_to_impact": "The child is seen alone again.",
    "rationale": "Two visits were late, and nobody asked why.",
    "feedback_to_auditor": "Say what the family made of the plan.",
}
OTHERWISE: Final = {
    "outstanding": "good",
    "good": "requires_improvement",
    "requires_improvement": "good",
}
"""What the moderator of the first audit finds instead."""


def _draw(story: Story) -> None:
    sample = story.standards.create("/v1/moderation-samples", {"group": "a"})
    story.made["sample"] = sample
    facts = sample["explanation"]["facts"]
    story.teller.say(
        "Each month a sample of the audits completed in the month before is drawn for each group;"
        " how large it is, is policy."
    )
    story.teller.show("period", f"{sample['period']}, group {sample['group'].upper()}")
    story.teller.show("audits completed", sample["population"])
    story.teller.show("policy", f"{facts['percent']} %, at least {facts['minimum']}")
    story.teller.show("drawn", len(sample["items"]))
    story.teller.show("moderating teams", ", ".join(sample["moderating_teams"]))
    story.teller.table(
        ("type", "auditor", "moderator"),
        [(item["audit_type"], item["auditor"], item["moderator"]) for item in sample["items"]],
    )


def _redraw(story: Story) -> None:
    sample = story.made["sample"]
    proof = story.caller("slt-1").ask(f"/v1/moderation-samples/{sample['id']}/redraw")
    story.teller.say(
        "A senior leader wants to know if the lot was fair. The draw is repeated from what was"
        " stored at the time: the list, the method, the seed."
    )
    story.teller.show("method, seed", f"{proof['method']}, {proof['seed']}")
    story.teller.show("hash of the list", f"{proof['population_hash'][:24]}...")
    story.teller.show("the same list", proof["same_population"])
    story.teller.show("the same sample", proof["same_sample"])
    story.check(proof["same_population"] and proof["same_sample"], "the draw is not the same")


def _moderate(story: Story) -> None:
    story.wait_working_days(3)
    sample = story.made["sample"]
    outcomes: list[Json] = []
    for item in sample["items"]:
        path = f"/v1/moderation-samples/{sample['id']}/outcomes/{item['audit_id']}"
        moderator = story.caller(item["moderator"])
        shown = moderator.get(path)
        story.check(shown["auditor_judgement"] is None, "a sealed judgement is shown")
        # The story knows what its moderators will find; they do not know what was found before.
        judged = story.standards.get(path)["auditor_judgement"]
        judgement = judged if outcomes else OTHERWISE[judged]
        outcomes.append(moderator.change("PUT", path, OUTCOME | {"judgement": judgement}))
    story.made["outcomes"] = outcomes
    story.teller.say(
        "The moderators see these audits while the sample is open, and no judgement of the"
        " auditor's in them: the second grade is sealed. As soon as theirs is recorded both see"
        " both. It stands beside the auditor's and never over it."
    )
    story.teller.show("sealed", all(outcome["sealed"] for outcome in outcomes))
    story.teller.show("judgement shown before", "none")
    story.teller.table(
        ("auditor", "judged", "moderated"),
        [
            (outcome["auditor"], outcome["auditor_judgement"], outcome["moderated_judgement"])
            for outcome in outcomes
        ],
    )
    audit = story.standards.get(f"/v1/audits/{outcomes[0]['audit_id']}")
    story.teller.show("the first audit still says", audit["overall_judgement"])
    story.check(
        audit["overall_judgement"] == outcomes[0]["auditor_judgement"],
        "moderation changed the auditor's judgement",
    )


def _consensus(story: Story) -> None:
    sample, outcome = story.made["sample"], story.made["outcomes"][0]
    path = f"/v1/moderation-samples/{sample['id']}/outcomes/{outcome['audit_id']}"
    moderator, auditor = (story.caller(outcome[who]) for who in ("moderator", "auditor"))
    proposal = {
        "judgement": outcome["moderated_judgement"],
        "rationale": "The two late visits weigh more than the good plan.",
    }
    moderator.change("PUT", f"{path}/consensus", proposal, on=path)
    agreed = auditor.act(f"{path}/agree")
    story.teller.say(
        "Auditor and moderator talk it over. One proposes what both can stand for, the other"
        " agrees: a third value beside the two, which stay."
    )
    story.teller.table(
        ("auditor", "moderator", "consensus"),
        [tuple(agreed[f"{whose}_judgement"] for whose in ("auditor", "moderated", "consensus"))],
    )
    story.teller.show("proposed by", agreed["consensus_proposed_by"])
    story.teller.show("agreed by", agreed["consensus_agreed_by"])
    story.check(
        agreed["auditor_judgement"] != agreed["consensus_judgement"],
        "a consensus replaced the auditor's judgement",
    )


def _learn(story: Story) -> None:
    sample, outcome = story.made["sample"], story.made["outcomes"][0]
    path = f"/v1/moderation-samples/{sample['id']}/outcomes/{outcome['audit_id']}"
    owner = f"tm-{sample['moderating_teams'][0]}"
    action = story.standards.create(
        f"{path}/learning-actions",
        {
            "description": "Show in a team meeting how a family's words get into the plan.",
            "owner": owner,
            "due_on": in_days(14),
        },
    )
    story.teller.say("What is learned becomes an action, followed up like any other.")
    story.teller.show("owner", owner)
    story.teller.show("due", day(action["due_on"]))
    story.wait_working_days(4)
    learning = f"/v1/learning-actions/{action['id']}"
    story.caller(owner).act(
        f"{learning}/complete",
        {"how": "Two examples in the team meeting.", "done_on": today().isoformat()},
    )
    verified = story.standards.act(
        f"{learning}/verify", {"made_a_difference": True, "note": "Seen in three plans since."}
    )
    story.teller.show("state", verified["state"])


def _close(story: Story) -> None:
    sample, outcome = story.made["sample"], story.made["outcomes"][0]
    story.standards.act(f"/v1/moderation-samples/{sample['id']}/close")
    path = f"/v1/moderation-samples/{sample['id']}/outcomes/{outcome['audit_id']}"
    feedback = story.caller(outcome["auditor"]).get(path)["feedback_to_auditor"]
    story.teller.say(
        "The sample is closed: the moderators no longer see the audits, and the auditors read the"
        " feedback."
    )
    story.teller.show("feedback to the auditor", feedback)


def _agree(story: Story) -> None:
    (scale,) = story.standards.get("/v1/moderation-agreement", quarter=story.quarter.label)[
        "scales"
    ]
    story.teller.say(
        "How far auditors and moderators agree, and how sure that is. Of a few pairs there are"
        " counts only; agreement beyond chance takes more. 'Too few to say' is an answer."
    )
    story.teller.show("second grades", scale["second_grade"])
    story.teller.show("pairs", f"{scale['pairs']} of at least {scale['minimum_pairs']}")
    story.teller.show("exact agreement", scale["exact"]["sentence"])
    story.teller.show("weighted kappa", scale["weighted_kappa"]["sentence"])
    story.check(not scale["weighted_kappa"]["enough"], "a kappa of so few pairs says something")
    story.made.setdefault("in short", []).append(
        ("Moderation", f"{scale['pairs']} audits, the draw proved")
    )


MODERATION: Final = Chapter(
    "moderation",
    "Moderation of the first month",
    lambda story: story.months[1].starts_on + timedelta(days=2),
    (
        ("The sample is drawn", _draw),
        ("Drawn again: the same", _redraw),
        ("A second judgement beside the first", _moderate),
        ("Consensus", _consensus),
        ("Learning", _learn),
        ("Closed, with feedback", _close),
        ("Agreement", _agree),
    ),
)
