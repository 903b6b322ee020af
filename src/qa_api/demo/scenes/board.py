"""The Board: updates of the services, a report that is frozen, what it decides (§4.7)."""

from datetime import timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.story import Chapter, Story, in_days, new_ref, today

NARRATIVE: Final[Json] = {
    "activity": "Six themed audits in four teams, and the closure audits.",
    "learning": "The child's own words are seldom in the assessment.",
    "good_practice": "Life story work that begins early.",
    "changes_made": "Supervision asks for the child's words.",
    "evidence_of_impact": "A re-audit after two weeks shows them on the file.",
    "risks": "Two posts are vacant.",
    "next_quarter": "Audits of closures in every team.",
}


def _decide_what_is_shown(story: Story) -> None:
    wanted = {"small_cell_minimum": 1}
    proposed = story.caller("admin-1").create(
        "/v1/rights-changes",
        {
            "policy": {
                "effective_from": today().isoformat(),
                "changes": [{"key": key, "value": value} for key, value in wanted.items()],
            },
            "reason": "The Board sees few audits, and wants to see them all.",
        },
    )
    story.standards.act(f"/v1/rights-changes/{proposed['id']}/confirm")
    policy = story.standards.get("/v1/policies/in-force")
    story.teller.say(
        "In a published report figures over few are withheld. How few is policy: data with a date,"
        " a reason and the clause it comes from. This story has few audits, so the Board decides"
        " to see them all. It protects less than before, so one person cannot change it: an"
        " administrator proposes it, and Quality & Standards confirm."
    )
    story.teller.show("policy", f"version {policy['version']}, from {policy['effective_from']}")
    changed = [value for value in policy["values"] if value["key"] in wanted]
    story.teller.table(
        ("value", "shipped", "now", "clause"),
        [(one["key"], one["default"], one["value"], one["clause"]) for one in changed],
    )
    in_force = [(one["key"], one["value"]) for one in changed]
    story.check(sorted(in_force) == sorted(wanted.items()), "the policy is not in force")


def _write_updates(story: Story) -> None:
    for service in ("fast", "corporate-parenting"):
        head = story.caller(f"hos-{service}")
        update = head.create("/v1/qa-updates", {"service": service, "quarter": story.quarter.label})
        path = f"/v1/qa-updates/{update['id']}"
        head.change("PUT", path, NARRATIVE)
        submitted = head.act(f"{path}/submit")
        if service == "fast":
            story.made["update"] = path
            story.teller.say(
                "Each head of service says how the last quarter was. The figures are there"
                " already; the words are theirs. At submission the figures are frozen."
            )
            story.teller.show("figures filled in", len(update["figures"]["figures"]))
            story.teller.show("due", update["due_on"])
            story.teller.show("state", submitted["state"])


def _return_one(story: Story) -> None:
    path, head = story.made["update"], story.caller("hos-fast")
    story.standards.act(f"{path}/return", {"reasons": "Say what changed for children."})
    better = NARRATIVE | {"evidence_of_impact": "Three children now speak at their own reviews."}
    head.change("PUT", path, better)
    again = head.act(f"{path}/submit")
    story.teller.say("Quality & Standards return one and get it back; both versions are kept.")
    story.teller.show("submissions", len(again["submissions"]))
    updates = story.standards.get("/v1/qa-updates", quarter=story.quarter.label)["items"]
    story.teller.table(
        ("service", "state", "due", "late"),
        [(row["service"], row["state"], row["due_on"], row["late"]) for row in updates],
    )


def _say_who_is_open(story: Story) -> None:
    audits = story.standards.get("/v1/audits", state=["completed", "closed"], limit=500)["items"]
    known = {
        row["subject"]["ref"]: row["team"]
        for row in audits
        if row["subject"] and row["subject"]["kind"] == "child" and row["team"]
    }
    others = {new_ref(): team for team in sorted({*known.values()}) for _ in range(6)}
    rows = [
        {"ref": ref, "team": team, "status": "child-in-need"}
        for ref, team in (known | others).items()
    ]
    story.case_system.put(f"/v1/caseloads/{today().isoformat()}", {"children": rows})
    story.teller.say(
        "The case system sends who is open, as each night. The report will tell the coverage of"
        " the day nearest to the end of its quarter, at most two weeks from it: how many of the"
        " open children were audited in the months before."
    )
    story.teller.show("open children", len(rows))


def _tell_coverage(story: Story, report: Json) -> None:
    found = report["snapshot"]["coverage"]
    story.check(found and found["covered"], "the report tells no coverage")
    story.teller.say(
        "It says who was looked at, and who was not. Parts that are too small to tell of are in the"
        " whole alone, and are not listed."
    )
    story.teller.show("coverage of", found["day"])
    told = [("all", found["covered"]["sentence"])]
    told += [
        (part["code"], part["covered"]["sentence"])
        for part in found["parts"]
        if part["by"] == "team"
    ]
    story.teller.table(("of", "audited in the months before"), told)


def _present(story: Story) -> None:
    report = story.standards.create(
        "/v1/board-reports",
        {
            "quarter": story.quarter.label,
            "title": f"Quality assurance, {story.quarter.label}",
            "summary": "The theme of the quarter was the child's voice in assessments.",
        },
    )
    story.made["report"] = path = f"/v1/board-reports/{report['id']}"
    presented = story.standards.act(f"{path}/present")
    story.teller.say(
        "The updates are collated into one report and presented. What happens later does not"
        " change it; another presentation is another version."
    )
    story.teller.show("report", f"{presented['title']}, version {presented['number']}")
    story.teller.show("services in it", len(presented["snapshot"]["updates"]))
    story.teller.show("one without an update", _missing(presented))
    _tell_coverage(story, presented)


def _missing(report: Json) -> str:
    missing = [
        update["service"] for update in report["snapshot"]["updates"] if not update["submitted_at"]
    ]
    return ", ".join(missing) or "none"


def _drill(story: Story) -> None:
    found = story.standards.get(f"/v1/reporting/metrics/{story.quarter.label}")
    told = []
    for figure in found["figures"]:
        part = figure["numerator"]
        if figure["withheld"] or not part["count"]:
            continue
        rows = story.standards.get(f"{part['rows']}&limit=500")["items"]
        story.check(len(rows) == part["count"], f"{figure['key']} is not what its list lists")
        told.append((figure["title"], part["count"], figure["denominator"]["count"], len(rows)))
    story.teller.say(
        "Every figure says what it counts and where its rows are: the list that the link opens has"
        " exactly as many."
    )
    story.teller.table(("figure", "counted", "of", "rows listed"), told)
    story.check(told, "there is no figure to follow")


def _how_sure(story: Story) -> None:
    found = story.standards.get(f"/v1/reporting/metrics/{story.quarter.label}")
    said = {one["rows"]: one for one in found["doubts"]}
    judged = [
        (scale["domain"] or "As a whole", one)
        for scale in found["judgements"]
        for one in scale["judgements"]
        if one["count"]
    ]
    story.teller.say(
        "Every figure says how sure it is. Responses are all counted: there is no doubt of that"
        " kind. The audits are a sample of the cases: of a few there are counts, of more an"
        " interval."
    )
    story.teller.table(
        ("of", "judgement", "what it says"),
        [(of, one["label"], said[one["rows"]]["sentence"]) for of, one in judged],
    )
    story.check({of for of, _ in judged} > {"As a whole"}, "the profile is in no figure")
    path = f"/v1/reporting/metrics/{story.quarter.label}/charts"
    charts = story.standards.get(path)["charts"]
    story.teller.say(
        "A trend or chance: each figure month by month, with the limits within which it goes up"
        " and down by itself. 'Rose' and 'fell' are said where a rule fires, and of so few months"
        " nothing."
    )
    story.teller.table(
        ("of", "months", "what the chart says"),
        [(one["domain"], len(one["points"]), one["sentence"]) for one in charts],
    )
    story.check({one["says"] for one in charts} == {"too_few"}, "a chart says what it cannot know")


def _decide(story: Story) -> None:
    path = story.made["report"]
    story.standards.act(
        f"{path}/decisions",
        {
            "decision": "Every assessment quotes the child.",
            "owner": "hos-fast",
            "due_on": in_days(60),
        },
    )
    heard = ["hos-fast", "hos-early-help", story.manager.name, story.worker.name]
    story.standards.act(f"{path}/disseminate", {"recipients": heard})
    for reader in heard[:3]:
        story.caller(reader).act(f"{path}/receipts")
    report = story.standards.get(path)
    story.teller.say("The Board decides; the report goes out, and who has received it is known.")
    story.teller.show("decision", report["decisions"][0]["decision"])
    received = [bool(receipt["received_at"]) for receipt in report["receipts"]]
    story.teller.show("received", f"{sum(received)} of {len(received)}")
    story.keep("board-report.html", story.standards.page(path))
    story.made.setdefault("in short", []).append(
        ("The Board's report", f"version {report['number']}, received by {sum(received)}")
    )


BOARD: Final = Chapter(
    "board",
    "The Board",
    lambda story: story.quarter.next.starts_on + timedelta(days=7),
    (
        ("What is shown is policy", _decide_what_is_shown),
        ("The services' updates", _write_updates),
        ("Returned, and one is missing", _return_one),
        ("Who is open", _say_who_is_open),
        ("Collated and presented", _present),
        ("From a figure to its rows", _drill),
        ("How sure, and a trend or chance", _how_sure),
        ("Decided and disseminated", _decide),
    ),
)
