"""The quarter plan: a theme, the teams chosen for it, auditors proposed fairly (§4.4)."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Final

from qa_api.demo.callers import Caller, Json
from qa_api.demo.scenes import theme
from qa_api.demo.scenes.auditing import CHRONOLOGY, LETTER, SEE_ALONE, carry_out, known_child
from qa_api.demo.scenes.responding import respond, response_of
from qa_api.demo.story import Chapter, Story, new_ref, today
from qa_api.rules.shares import percent

CHOSEN: Final = {
    "lincoln-fast": (2, "Most of the complaints were about assessments here."),
    "south-kesteven-fast": (2, "Re-referrals went up."),
    "lac-north": (1, "The last audit of this theme was two years ago."),
    "adoption": (1, "Life story work was praised; learn from it."),
}
STATUSES: Final = (
    *("child-in-need", "child-protection", "looked-after"),
    *("child-in-need", "child-in-need"),
)
AUDITORS: Final = (
    "tm-lac-north",
    "ps-f4me-north",
    "ps-east-lindsey-north-fast",
    "tm-nk-and-sk-early-help",
    "tm-adoption",
    "tm-cwd",
)
FOUND: Final = (
    ("good", ()),
    ("requires_improvement", (CHRONOLOGY, SEE_ALONE)),
    ("good", (LETTER,)),
    ("outstanding", ()),
    ("good", ()),
    ("requires_improvement", (CHRONOLOGY,)),
)
"""What the six audits come to, in the order in which they are carried out."""


def _set_the_theme(story: Story) -> None:
    story.standards.put(f"/v1/themes/{theme.CODE}", theme.THEME)
    story.teller.say(
        "Complaints say that assessments seldom hold the child's own words. Quality & Standards"
        " make it the theme of the quarter, and name the Practice Lead session it supports."
    )
    draft = story.standards.create("/v1/audit-tools", theme.TOOL)
    tool = story.standards.act(f"/v1/audit-tools/{draft['id']}/publish")
    story.standards.put(f"/v1/audit-types/{theme.CODE}", theme.TYPE)
    story.teller.say(
        "The theme has a tool of its own. Published, it never changes: each audit keeps the version"
        " that it was asked with."
    )
    story.teller.show("tool", f"{tool['code']}, version {tool['number']}, {tool['state']}")
    story.teller.show("questions", sum(len(domain["questions"]) for domain in tool["domains"]))


def _draft(story: Story) -> None:
    plan = story.standards.create(
        "/v1/quarter-plans",
        {
            "quarter": story.quarter.label,
            "audit_type": theme.CODE,
            "themes": [{"theme": theme.CODE, "source": theme.SOURCE}],
            "teams": [
                {"team": team, "theme": theme.CODE, "why": why, "audits_expected": expected}
                for team, (expected, why) in CHOSEN.items()
            ],
            "auditors": list(AUDITORS),
        },
    )
    story.made["plan"] = f"/v1/quarter-plans/{plan['id']}"
    story.teller.say("Not every team audits every quarter. The plan says which, and why:")
    story.teller.table(
        ("team", "audits", "why"),
        [(team, expected, why) for team, (expected, why) in CHOSEN.items()],
    )
    story.standards.create(
        f"{story.made['plan']}/exemptions",
        {"auditor": "tm-adoption", "reason": "On a course until the end of the month."},
    )
    story.teller.say("One of the auditors is on a course. That is an exemption, with its reason.")


def _publish(story: Story) -> None:
    published = story.standards.act(f"{story.made['plan']}/publish")
    audits = _allocation(story)
    story.teller.say(
        "Published, the plan never changes; a change is its next version. Its audits are there at"
        " once, without an auditor or a case yet."
    )
    story.teller.show("plan", f"{published['quarter']}, version {published['number']}")
    story.teller.show("planned audits", len(audits))
    story.check(len(audits) == len(FOUND), "the plan did not open its audits")


def _look_who_is_open(story: Story) -> None:
    refs = [new_ref() for _ in range(5)]
    for ref in refs:
        known_child(story.standards, ref, "lincoln-fast", "sw2-lincoln-fast")
    children = [
        {"ref": ref, "team": "lincoln-fast", "status": status, "open_since": f"2026-0{month}-01"}
        for month, (ref, status) in enumerate(zip(refs, STATUSES, strict=True), 1)
    ]
    unheard_of = {"ref": new_ref(), "team": "lincoln-fast", "status": "child-in-need"}
    story.made["caseload"] = day = today().isoformat()
    path = f"/v1/caseloads/{day}"
    story.case_system.put(path, {"children": [*children, unheard_of]})
    covered = story.standards.get(f"{path}/coverage")["covered"]
    never = story.standards.get(f"{path}/children", never_audited="true", limit=1)["items"][0]
    unknown = story.standards.get(f"{path}/children", known_here="false")["items"]
    size = story.standards.get(f"{path}/sample-size", width_percent=40)
    story.teller.say(
        "Each night the case system sends everybody whose case is open. That is the frame: it says"
        " who was looked at, who never was, and whom no event ever told of."
    )
    story.teller.say(f"Audited in the months before: {covered['sentence']}")
    story.teller.show("never audited, open longest", f"{never['ref']}, since {never['open_since']}")
    story.teller.show("no event ever came", ", ".join(child["ref"] for child in unknown))
    story.teller.say(f"To know a share within 40 points: {size['sentence']}")
    story.check([child["ref"] for child in unknown] == [unheard_of["ref"]], "somebody is unknown")


def _choose_the_cases(story: Story) -> None:
    posted = {"theme": theme.CODE, "system": "mosaic"}
    drawn = story.standards.create(
        f"{story.made['plan']}/cases",
        posted | {"team": "lincoln-fast", "method": "drawn", "caseload": story.made["caseload"]},
    )
    chances = [entry["chance"] for entry in drawn["population"] if not entry["excluded"]]
    again = story.standards.ask(f"{story.made['plan']}/cases/{drawn['id']}/redraw")
    story.teller.say(
        "Which of the team's children are audited is drawn by lot from that caseload. Each has a"
        " chance that is known, and anybody can draw again from the seed and the rows' digests."
    )
    story.teller.show("drawn", ", ".join(one["ref"] for one in drawn["chosen"]))
    story.teller.show(
        "chance of each", f"{percent(chances[0])}, of {len(chances)} who could be drawn"
    )
    story.teller.show("seed", drawn["seed"])
    story.teller.show("hash of the population", f"{drawn['population_hash'][:24]}...")
    story.check(again["same_population"] and again["same_draw"], "the draw comes out otherwise")
    for team, (expected, _) in CHOSEN.items():
        if team == "lincoln-fast":
            continue
        named = [new_ref() for _ in range(expected)]
        for ref in named:
            known_child(story.standards, ref, team, f"sw1-{team}")
        story.standards.create(
            f"{story.made['plan']}/cases",
            posted | {"team": team, "method": "named", "refs": named},
        )
    story.teller.say("For the other teams they name the cases.")


def _allocate(story: Story) -> None:
    found = _allocation(story)
    story.teller.say(
        "The service proposes an auditor for each: loads as even as conflicts of interest allow."
    )
    story.teller.table(
        ("team of the case", "proposed"), [(item["team"], item["proposed"]) for item in found]
    )
    story.teller.say("Why not the others, for the first of them:")
    story.teller.table(
        ("auditor", "because", "clause"),
        [(one["auditor"], one["because"], one["clause"]) for one in found[0]["passed_over"]],
    )
    load = Counter(item["proposed"] for item in found)
    story.check(None not in load and max(load.values()) <= 2, "the proposal is not even")
    story.check("tm-adoption" not in load, "somebody exempt was proposed")
    story.standards.change(
        "PUT",
        f"{story.made['plan']}/allocation",
        {"items": [{"audit_id": item["audit_id"], "auditor": item["proposed"]} for item in found]},
        on=story.made["plan"],
    )
    story.teller.say("Quality & Standards could choose otherwise. They take it as it is.")


def _carry_out(story: Story) -> None:
    story.wait_working_days(2)
    story.made["plan's audits"] = done = []
    for number, (item, (judgement, actions)) in enumerate(
        zip(_allocation(story), FOUND, strict=True)
    ):
        auditor = story.caller(item["auditor"])
        path = f"/v1/audits/{item['audit_id']}"
        audit = carry_out(auditor, path, judgement, actions=actions, reached=number != 3)
        done.append(audit)
        story.wait(hours=4)
    story.teller.say("Each auditor answers the tool, speaks with the family and judges.")
    story.teller.table(
        ("auditor", "team of the case", "overall judgement", "actions"),
        [
            (audit["auditor"], audit["team"], audit["overall_judgement"], len(audit["actions"]))
            for audit in done
        ],
    )
    story.teller.say(
        "Without an action the worker is only told, and the audit closes when they were; with one,"
        " a response is due."
    )


def _respond(story: Story) -> None:
    asked = [audit for audit in story.made["plan's audits"] if audit["actions"]]
    in_time, late, never = (response_of(story, audit["id"]) for audit in asked)
    story.made["unanswered"] = never
    story.wait_working_days(3)
    respond(story, in_time)
    story.wait_working_days(4)
    story.teller.say(
        "One response came in time. Two did not: overdue is what today's date says, and on the"
        " first working day after it the team managers are told, once."
    )
    for response in (late, never):
        manager = story.caller(f"tm-{response['team']}")
        told = story.until(partial(_alert_about, manager, response), bool)
        story.teller.show(told["told"].replace("_", " "), f"told to {manager.name}")
    respond(story, late)
    rows = [story.standards.get(f"/v1/audit-responses/{one['id']}") for one in (in_time, late)]
    rows.append(story.standards.get(f"/v1/audit-responses/{never['id']}"))
    story.teller.table(
        ("team", "due", "state", "adequate on time", "overdue"),
        [
            (row["team"], row["due_on"], row["state"], row["adequate_on_time"], row["overdue"])
            for row in rows
        ],
    )


def _alert_about(manager: Caller, response: Json) -> Json:
    """What the manager's list of work tells about a response; nothing yet, perhaps."""
    told = manager.get("/v1/me/work", kind="told")["items"]
    return next((one for one in told if one["path"].endswith(response["id"])), {})


def _progress(story: Story) -> None:
    progress = story.standards.get(f"{story.made['plan']}/progress")
    share = progress["completion"]
    story.teller.say("How far the plan is, counted against the plan and nothing else:")
    story.teller.table(
        ("team", "expected", "completed", "late"),
        [
            (team["team"], team["expected"], team["completed"], team["completed_late"])
            for team in progress["teams"]
        ],
    )
    story.teller.show("completed", f"{share['numerator']} of {share['denominator']}")
    story.check(share["numerator"] == share["denominator"] == len(FOUND), "the plan is not done")
    story.made.setdefault("in short", []).append(
        ("The quarter plan", f"{share['numerator']} of {share['denominator']} audits completed")
    )


def _allocation(story: Story) -> list[Json]:
    items: list[Json] = story.standards.get(f"{story.made['plan']}/allocation")["items"]
    return sorted(items, key=lambda item: (list(CHOSEN).index(item["team"]), item["audit_id"]))


PLAN: Final = Chapter(
    "plan",
    "The quarter plan",
    lambda story: story.quarter.starts_on + timedelta(days=13),
    (
        ("A theme, and a tool for it", _set_the_theme),
        ("A draft: which teams, and why", _draft),
        ("Published", _publish),
        ("Who is open, and who was looked at", _look_who_is_open),
        ("Cases drawn by lot, or named", _choose_the_cases),
        ("Auditors, proposed fairly", _allocate),
        ("The audits are carried out", _carry_out),
        ("What the workers do about it", _respond),
        ("Progress", _progress),
    ),
)
