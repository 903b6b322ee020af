"""Carers: an audit a year after the first Panel, and every year from then on (§3, R3.2)."""

from datetime import date, timedelta
from typing import Final

from qa_api.demo.callers import Json
from qa_api.demo.story import Chapter, Story, in_days, new_ref, today
from qa_api.demo.telling import day

TEAM: Final = "fostering-north"


def _present_at_panel(story: Story) -> None:
    soon, late = today() + timedelta(days=10), today() - timedelta(days=40)
    households = {
        "soon": soon.replace(year=soon.year - 1),
        "late": late.replace(year=late.year - 2),
        "leap": _last_29_february_before(today() - timedelta(days=400)),
    }
    story.teller.say(
        "Three carer households of Fostering (North). Their audits count from the day of their"
        " first presentation at Panel."
    )
    story.made["households"] = {}
    for name, panel in households.items():
        ref = new_ref()
        subject = {"kind": "carer_household", "team": TEAM, "worker": f"sw1-{TEAM}"}
        made = story.standards.put(f"/v1/subjects/mosaic/{ref}", subject)
        story.standards.put(
            f"/v1/carer-households/mosaic/{ref}/panel-date", {"first_panel_on": panel.isoformat()}
        )
        story.made["households"][name] = made
        story.teller.show(ref, f"first presented on {day(panel)}")


def _last_29_february_before(latest: date) -> date:
    year = latest.year
    while year % 4 or date(year, 2, 29) > latest:
        year -= 1
    return date(year, 2, 29)


def _see_what_is_due(story: Story) -> None:
    due = story.caller(f"tm-{TEAM}").get(
        "/v1/due-audits", team=TEAM, type="carers", until=in_days(365), limit=500
    )["items"]
    story.teller.say(
        "The team manager sees what is due, what is overdue and what comes within a year. A year"
        " that was missed stays due."
    )
    story.teller.table(
        ("household", "due", "status"),
        [(row["subject"]["ref"], row["due_on"], row["status"]) for row in due],
    )
    story.check({row["status"] for row in due} >= {"overdue", "coming"}, "nothing is due")


def _count_leap_years(story: Story) -> None:
    household = story.made["households"]["leap"]
    ahead = in_days(5 * 366)
    due = story.standards.get("/v1/due-audits", subject=household["id"], until=ahead)["items"]
    story.teller.say(
        "Presented on a 29 February: the 28th in a common year, and the 29th again where there is"
        " one. The day never drifts with the last audit."
    )
    story.teller.show("due", ", ".join(row["due_on"] for row in due[:5]))
    story.check(any(row["due_on"].endswith("02-29") for row in due), "29 February did not return")


def _open(story: Story) -> None:
    household = story.made["households"]["soon"]
    audit = story.until(lambda: _first_audit(story, household["id"]), bool)
    story.teller.say(
        "Nobody has to remember: the service itself opens the planned audit in good time, and it"
        " waits in the team manager's list of work for an auditor."
    )
    story.teller.show("planned audit, due", audit["due_on"])
    story.teller.show("opened by", audit["opened_by"])
    waiting = story.caller(f"tm-{TEAM}").get("/v1/me/work", kind="assign", limit=500)["items"]
    story.check(audit["id"] in {item["about"] for item in waiting}, "the audit waits for nobody")
    story.made.setdefault("in short", []).append(
        ("Carers", f"the next audit was opened for {audit['due_on']}")
    )


def _set_an_interval(story: Story) -> None:
    manager = story.caller("tm-cwd")
    interval = manager.create(
        "/v1/audit-intervals",
        {
            "type": "yos-peer",
            "team": "cwd",
            "from": today().isoformat(),
            "every_months": 3,
            "audits_each_time": 2,
            "scope": "Two cases, one of them a young person looked after.",
            "reason": "As agreed with the peer auditors for this year.",
        },
    )
    due = manager.get("/v1/due-audits", type="yos-peer", team="cwd", until=in_days(190))["items"]
    story.teller.say(
        "Peer audits have no anniversary: the manager of a team sets how often, how many and of"
        " what, and the dates follow."
    )
    told = f"every {interval['every_months']} months, {interval['audits_each_time']} each time"
    story.teller.show("CWD, peer audits", told)
    story.teller.show("due", ", ".join(sorted({row["due_on"] for row in due})))
    story.check(due, "nothing follows from the interval")


def _first_audit(story: Story, subject: str) -> Json:
    found = story.standards.get("/v1/audits", subject=subject, type="carers")["items"]
    return found[0] if found else {}


CARERS: Final = Chapter(
    "carers",
    "Carers, and what else falls due",
    lambda story: story.months[2].starts_on + timedelta(days=22),
    (
        ("First presented at Panel", _present_at_panel),
        ("What is due, and what comes", _see_what_is_due),
        ("29 February", _count_leap_years),
        ("The planned audit is there in time", _open),
        ("As often as a manager says", _set_an_interval),
    ),
)
