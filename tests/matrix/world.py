"""An authority of its own with real rows of every relation, made as its people would make them.

Every text that somebody wrote is then marked with where it stands, so that a text is known wherever
it turns up. Texts are marked as the tables' owner, whom no frozen row binds.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import asyncpg
from pydantic import SecretStr

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.models.base import Base
from qa_api.models.moderation import ModeratingTeam
from qa_api.models.subjects import Subject
from qa_api.notifications.service import mark_delivered
from qa_api.retention.content import GOES, Treatment
from qa_api.settings import Settings
from qa_api.subjects.service import reallocate
from qa_api.work import Work
from tests.api import Api, Json, in_a_week, serving
from tests.audits.auditing import FINDING, Auditing
from tests.closures.sending import CLOSED, PROPOSED, RESTRICTED, Episode
from tests.conftest import Database, execute
from tests.me.open_work import drawn_into, learned, open_items, submitted
from tests.moderation.draws import draw_of
from tests.responses.casework import Service, complete_audit, event_of
from tests.scim.provider import Provider

NOW = "2026-11-23T09:30:00+00:00"
MANAGER = "tm-lincoln-fast"
DAY_OF_CASELOAD = "2026-11-22"
QUARTER, BEFORE = "2026-27 Q3", "2026-27 Q2"
TEAM, NEXT_TEAM, FAR_TEAM = "lincoln-fast", "boston-fast", "lac-north"
PEOPLE = (
    *("qs-1", "qs-2", "slt-1", "hos-fast", "hos-corporate-parenting"),
    *("tm-lincoln-fast", "dm-lincoln-fast", "ps-lincoln-fast", "tm-boston-fast", "ps-boston-fast"),
    *("sw1-lincoln-fast", "sw2-lincoln-fast", "sw1-boston-fast", "au-1", "au-2"),
    *("case-system-mosaic", "reporting-1", "admin-1", "ld-1", "pa-1"),
)
"""Somebody of every role, near to and far from what there is."""

_GRANTED = ("qs-2", "slt-1", "hos-fast", "ps-lincoln-fast", "sw1-lincoln-fast", "au-1")
_SAID = {
    "learning_highlights": ("highlight", "what_was_done", "topic"),
    "observation_exemptions": ("reason",),
    "qa_updates": ("activity", "learning", "good_practice", "risks"),
    "board_reports": ("summary",),
    "board_decisions": ("decision", "done_how"),
    "rights_changes": ("reason",),
}
"""Texts of the authority's own, beside those that go with a child's record."""

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass
class World:
    """The authority, as its people and as its tables' owner reach it."""

    api: Api
    service: Service
    url: str
    settings: Settings
    """How the service reaches it."""

    def run(self, *statements: str) -> None:
        """Write as the owner."""
        execute(self.url, *statements)

    def tables(self) -> Tables:
        """Every row of every table, as the owner sees it."""

        async def everything() -> Tables:
            connection = await asyncpg.connect(self.url)
            try:
                return {
                    name: [dict(row) for row in await connection.fetch(f'SELECT * FROM "{name}"')]
                    for name in Base.metadata.tables
                    if name != "calendar_days"
                }
            finally:
                await connection.close()

        return asyncio.run(everything())

    def as_(self, person: str) -> Api:
        """Somebody."""
        return self.api.as_(person)

    def made(self, person: str, path: str, body: Json) -> str:
        """The path of what somebody made."""
        answer = self.as_(person).create(path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers.get("location") or f"{path}/{answer.json()['id']}")

    def done(self, person: str, path: str, **body: Any) -> None:
        """A step that is let through."""
        answer = self.as_(person).act(path, body)
        assert answer.status_code < 300, answer.text


@contextmanager
def at_half_past_nine() -> Iterator[None]:
    """The clock stands on Monday 23 November 2026."""
    clock.freeze(datetime.fromisoformat(NOW))
    try:
        yield
    finally:
        clock.reset()


@contextmanager
def built(
    clone_of_authority: Callable[[], Database], authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[World]:
    """The authority with all that there may be, every text marked."""
    with served(clone_of_authority(), authority, issuer) as world:
        with at_half_past_nine():
            _fill(world)
        world.run(*marking())
        yield world


@contextmanager
def served(database: Database, authority: Settings, issuer: DevelopmentIssuer) -> Iterator[World]:
    """The service over one database, as it is."""
    urls = {
        "database_url": SecretStr(database.database_url),
        "read_url": SecretStr(database.read_url),
    }
    own = authority.model_copy(update=urls)
    with Service.over(own) as service, serving(own) as server, Api(server, issuer) as api:
        server.hold = _as_it_comes  # type: ignore[method-assign,assignment] # held elsewhere
        yield World(api, service, database.migrate_url, own)


def _as_it_comes(_: object) -> None:
    """No answer is held against the contract here: it would take most of the time."""


def _fill(world: World) -> None:
    items = world.service.work(open_items)
    world.done("qs-1", f"{items['confirm_error'].path}/record-in-error", reason="Another child.")
    world.service.work(_further_audits)
    _moved_on(world)
    _in_conflict(world)
    _closures(world)
    _audits_by_hand(world)
    _restricted(world)
    _conversations(world)
    _practice(world)
    _practice_audits(world)
    _of_the_authority(world)
    _handed_over(world)
    _caseload(world)
    _asks_for_purposes(world)


def _handed_over(world: World) -> None:
    """One that a manager has proposed, and one that is carried out."""
    for person, leaver, taker, done in (
        ("tm-lincoln-fast", "sw1-lincoln-fast", "sw2-lincoln-fast", False),
        ("qs-1", "ps-lincoln-fast", "dm-lincoln-fast", True),
    ):
        body = {"from_worker": leaver, "to_workers": [taker], "because": "away"}
        path = world.made(person, "/v1/hand-overs", body | {"kinds": ["action"]})
        if done:
            assert any(item["goes_to"] for item in world.as_(person).get(path).json()["items"])
            world.done(person, f"{path}/accept")


def _practice_audits(world: World) -> None:
    """Two cases that were made up, and how two auditors judged one of them."""
    for title in ("Two brothers", "A quiet baby"):
        body = {
            "title": f"[[{title}]]",
            "material": "[[Four visits, two of them late.]]",
            "scale_code": "four-point",
            "scale_number": 1,
            "standard": {"judgement": "inadequate", "rationale": "[[Nobody saw him alone.]]"},
        }
        path = world.made("qs-1", "/v1/practice-cases", body)
    for auditor in ("ps-lincoln-fast", "au-2"):
        judged = {"judgement": "good", "rationale": "[[The plan works.]]"}
        world.made(auditor, f"{path}/audits", judged)
    domain_by_domain(world, "inadequate", "good", ("ps-lincoln-fast",))


def domain_by_domain(world: World, standard: str, judged: str, auditors: Iterable[str]) -> None:
    """A case that is judged as a published tool asks: each domain, and the whole."""
    types = world.as_("qs-1").get("/v1/audit-types/collaborative").json()
    tool = world.as_("qs-1").get(f"/v1/audit-tools/{types['published_tool_id']}").json()
    domains = [each["key"] for each in tool["domains"] if each["judged"]]
    assert domains

    def judgements(judgement: str, why: str) -> Json:
        said = {"judgement": judgement, "rationale": f"[[{why}]]"}
        return said | {"domains": [said | {"domain_key": key} for key in domains]}

    body = {
        "title": "[[A girl of nine]]",
        "material": "[[She is quoted twice.]]",
        "tool_id": tool["id"],
        "standard": judgements(standard, "Nobody asked her."),
    }
    path = world.made("qs-1", "/v1/practice-cases", body)
    for auditor in auditors:
        world.made(auditor, f"{path}/audits", judgements(judged, "She was asked."))


def _caseload(world: World) -> None:
    """Most are open on the day before, as the case system has it: restricted ones too."""
    refs = sorted(
        row["ref"]
        for row in world.tables()["subject_aliases"]
        if row["stands_for"] is None and row["system"] == "mosaic"
    )
    children = [
        {"ref": ref, "team": TEAM, "status": "child-in-need"}
        for number, ref in enumerate(refs)
        if number % 3  # the others are open here, and not in it
    ]
    sent = world.as_("case-system-mosaic").change(
        "PUT", f"/v1/caseloads/{DAY_OF_CASELOAD}", {"children": children}
    )
    assert sent.status_code == 201, sent.text


def _asks_for_purposes(world: World) -> None:
    """From the day after. It is told, and so leaves a row that everybody walks past."""
    body = {
        "effective_from": "2026-11-24",
        "reason": "As the board decided.",
        "changes": [{"key": "purpose_required", "value": True}],
    }
    world.made("admin-1", "/v1/policies", body)


# --- cases ---

_refs = (f"M-{number}" for number in itertools.count(1))


async def _further_audits(work: Work) -> None:
    """Of other teams and in every standing; one of an earlier sample, one handed to a colleague."""
    for team, worker in ((NEXT_TEAM, "sw1-boston-fast"), (FAR_TEAM, "sw1-lac-north")):
        of = partial(complete_audit, work, team=team, worker=worker, auditor="au-2")
        await of(next(_refs))
        await of(next(_refs), draft=True)
    again = (await complete_audit(work, next(_refs), auditor="au-2"))[2]
    subject = await work.session.get_one(Subject, again)
    await reallocate(work, subject, team=TEAM, worker="sw2-lincoln-fast", at=work.now)
    await _moderated_before(work)


def _moved_on(world: World) -> None:
    """Audits of two workers' work whose cases others hold since; one has written their view."""

    async def told(work: Work, worker: str, to: str) -> str:
        audit_id, _, about, *_ = await complete_audit(
            work, next(_refs), worker=worker, actions=1, auditor="au-2"
        )
        await mark_delivered(work, await event_of(work, audit_id), work.now)
        subject = await work.session.get_one(Subject, about)
        team = to.partition("-")[2]
        await reallocate(work, subject, team=team, worker=to, at=work.now)
        return f"/v1/audits/{audit_id}"

    moves = (("sw1-lincoln-fast", "sw1-boston-fast"), ("sw2-lincoln-fast", "sw1-lac-north"))
    for worker, to in moves:
        path = world.service.work(partial(told, worker=worker, to=to))
    view = {"view": "The plan changed twice."}
    written = world.as_(worker).change("PUT", f"{path}/own-view", view, on=path)
    assert written.status_code == 200, written.text


async def _moderated_before(work: Work) -> None:
    """A sample that is closed: the auditor reads what was made of their audit."""
    sample = await draw_of(work, "2026-09", date(2026, 9, 1), date(2026, 10, 1))
    work.session.add(ModeratingTeam(sample_id=sample.id, team=NEXT_TEAM))
    outcomes = [await drawn_into(work, sample, next(_refs), place) for place in (1, 2, 3)]
    judged, other, in_error = outcomes
    for outcome in (judged, in_error):
        outcome.moderated_judgement, outcome.moderated_rationale = "good", "Seen the same way."
        outcome.quality, outcome.analysis = "Thorough.", "Names the drift."
        outcome.feedback_to_auditor, outcome.moderated_by = "Say more.", "au-2"
        outcome.contribution_to_impact, outcome.moderated_at = "The child is seen.", work.now
    other.moderator = "slt-1"
    await work.session.flush()
    work.session.add_all([learned(work, judged), learned(work, in_error)])
    await work.session.flush()


def _in_conflict(world: World) -> None:
    """A manager who did an action of their own team, and who audited what is to be reviewed."""

    async def audited(work: Work) -> None:
        await complete_audit(work, next(_refs), owner="tm-lincoln-fast", actions=1)
        audit_id, *_ = await complete_audit(work, next(_refs), auditor="tm-lincoln-fast", actions=1)
        await submitted(work, audit_id)

    world.service.work(audited)
    theirs = world.as_("tm-lincoln-fast").get("/v1/restorative-actions?owner=tm-lincoln-fast")
    (action,) = theirs.json()["items"]
    done = {"done_on": "2026-11-23", "how": "Seen."}
    world.done("tm-lincoln-fast", f"/v1/restorative-actions/{action['id']}/complete", **done)


def _closures(world: World) -> None:
    """Episodes at every stage, and an audit begun by hand that looks at an earlier one again."""
    for completed, closed in ((False, False), (True, False), (True, True), (False, True)):
        episode = Episode(world.api, [next(_refs)])
        episode.tell(PROPOSED)
        if completed:
            episode.complete_audit(actions=1)
        if closed:
            episode.tell(CLOSED, 2)
    asked = Episode(world.api, [next(_refs)])
    asked.tell(PROPOSED)
    asked.act(f"{asked.gate()}/override", "tm-lincoln-fast", reason="The family moved abroad.")


def _audits_by_hand(world: World) -> None:
    case = Auditing(world.api, next(_refs))
    body: Json = {"kind": "child", "team": TEAM, "worker": "sw1-lincoln-fast"}
    case.accept(world.api.change("PUT", f"/v1/subjects/mosaic/{case.ref}", body))
    first = case.completed("au-1", type="collaborative")
    later = case.filled("au-2", type="collaborative", re_audit_of=first.rpartition("/")[2])
    world.made("au-2", f"{later}/urgent-findings", FINDING)
    assert world.as_("qs-2").get(first).status_code == 200
    for auditor, cancelled in ((None, False), ("au-2", False), ("au-2", True)):
        planned = Auditing(world.api, next(_refs))
        planned.accept(world.api.change("PUT", f"/v1/subjects/mosaic/{planned.ref}", body))
        given = {"type": "collaborative"} | ({"auditor": auditor} if auditor else {})
        path = f"/v1/audits/{planned.plan(**given)['id']}"
        if cancelled:
            world.done("qs-1", f"{path}/cancel", reason="The case moved abroad.")
    conflict = Auditing(world.api, next(_refs))
    conflict.accept(world.api.change("PUT", f"/v1/subjects/mosaic/{conflict.ref}", body))
    path = f"/v1/audits/{conflict.plan(type='collaborative')['id']}"
    why = {"conflict_override_reason": "The only one trained."}
    world.done("qs-1", f"{path}/assign", auditor="ps-lincoln-fast", **why)
    error = Auditing(world.api, next(_refs))
    error.accept(world.api.change("PUT", f"/v1/subjects/mosaic/{error.ref}", body))
    wrong = error.completed("au-1", type="collaborative")
    world.done("qs-1", f"{wrong}/record-in-error", reason="The audit is about another child.")
    world.done("qs-2", f"{wrong}/confirm-error")
    ref = next(_refs)
    household = {"kind": "carer_household", "team": "fostering-north"}
    case.accept(world.api.change("PUT", f"/v1/subjects/mosaic/{ref}", household))
    date = {"first_panel_on": "2024-05-10"}
    case.accept(world.api.change("PUT", f"/v1/carer-households/mosaic/{ref}/panel-date", date))
    place = {"path": f"/audits/{first.rpartition('/')[2]}/overall_rationale"}
    why = {"reason": "It names somebody else."}
    world.made("qs-1", f"/v1/subjects/mosaic/{case.ref}/redactions", place | why)
    held = {"subject": {"system": "mosaic", "ref": case.ref}, "reason": "An inquiry asks for it."}
    world.made("qs-1", "/v1/legal-holds", held)


def _restricted(world: World) -> None:
    """Restricted records: two that some have leave to see, one that nobody has, and a draft."""
    granted, *others = (Episode(world.api, [next(_refs)]) for _ in range(3))
    for number, episode in enumerate((granted, *others)):
        episode.tell(PROPOSED)
        if number < 2:
            episode.complete_audit(actions=1)
        episode.tell(RESTRICTED, 5, restriction={"kind": "staff", "on": True})
    completed = next(_refs)
    world.service.work(lambda work: complete_audit(work, completed, restricted=True))
    for ref in (granted.refs[0], completed):
        for person in _GRANTED:
            _grant(world, ref, person)


def _grant(world: World, ref: str, person: str) -> None:
    (principal,) = world.as_("admin-1").get(f"/v1/principals?worker={person}").json()["items"]
    body = {"principal_id": principal["id"], "reason": "Needed.", "expires_at": in_a_week()}
    world.made("qs-1", f"/v1/subjects/mosaic/{ref}/restriction-grants", body)


def _conversations(world: World) -> None:
    """About each kind of thing, to everybody and to some, with replies."""

    def first(path: str) -> str:
        items = world.as_("qs-1").get(path).json()["items"]
        return str(next(one["id"] for one in items if one.get("team", TEAM) == TEAM))

    things = {
        "audit": ("au-2", first("/v1/audits?auditor=au-2&done=true"), "sw2-lincoln-fast"),
        "audit_response": (MANAGER, first("/v1/audit-responses?state=submitted"), "qs-1"),
        "restorative_action": (MANAGER, first("/v1/restorative-actions?state=open"), "qs-2"),
        "escalation": ("qs-1", first("/v1/escalations?state=raised"), MANAGER),
        "moderation_outcome": ("qs-1", _open_outcome(world), "slt-1"),
    }
    for kind, (person, about, asked) in things.items():
        said = {"kind": kind, "about": about, "text": "Who was asked?"}
        for to in ([], [asked]):
            comment = world.made(person, "/v1/comments", said | {"addressees": to})
            world.made("qs-1" if not to else asked, f"{comment}/replies", {"text": "She was."})
            if to:
                world.done(person, f"{comment}/resolve")
    world.done("qs-1", f"{comment}/release")


def _open_outcome(world: World) -> str:
    """An outcome that a senior leader may read, of a sample that is open."""
    (found,) = world.as_("qs-1").get("/v1/moderation-outcomes?judged=false&limit=1").json()["items"]
    return str(found["id"])


# --- practice ---


def _practice(world: World) -> None:
    for observer, worker in (("ps-lincoln-fast", "sw1-lincoln-fast"), ("tm-boston-fast", None)):
        body = {
            "worker": worker or "sw1-boston-fast",
            "observer": observer,
            "observed_on": "2026-11-10",
            "activity": "Home visit",
            "planned": True,
            "family_consent": "given",
            "feedback": "Mother: she explained what would happen next.",
            "strengths": "Clear about the worries.",
            "development": "Leave the child more room to begin.",
        }
        world.made(observer, "/v1/practice-observations", body)
    for worker in ("sw1-lincoln-fast", "sw1-lac-north"):
        body = {"worker": worker, "from": "2026-11-01", "reason": "Newly qualified."}
        world.made("qs-1", "/v1/observation-exemptions", body)
    for person, routed in (("tm-lincoln-fast", "practice_advisor"), ("tm-boston-fast", None)):
        body = {
            "team": person.removeprefix("tm-"),
            "quarter": BEFORE,
            "topic": "Direct work",
            "highlight": "Tools are known, but seldom brought along.",
            "routed_to": routed or "learning_development",
        }
        world.made(person, "/v1/learning-highlights", body)
    _planned(world)
    _told_to_the_board(world)


def _planned(world: World) -> None:
    """A published plan with two cases that were named, one restricted since, and a draft."""
    theme = {
        "title": "The child's voice",
        "sources": [{"source": "Inspection"}],
        "practice_lead_session": "November",
    }
    accepted = world.api.change("PUT", "/v1/themes/voice", theme)
    assert accepted.status_code < 300, accepted.text
    for quarter in ("2026-27 Q4", "2027-28 Q1"):
        body = {
            "quarter": quarter,
            "audit_type": "themed",
            "themes": [{"theme": "voice", "source": "Complaints", "practice_lead_session": "May"}],
            "teams": [
                {"team": team, "theme": "voice", "why": "Complaints here.", "audits_expected": 2}
                for team in (TEAM, NEXT_TEAM)
            ],
            "auditors": ["au-1", "au-2"],
        }
        plan = world.made("qs-1", "/v1/quarter-plans", body)
        if quarter.endswith("Q4"):
            world.done("qs-1", f"{plan}/publish")
            refs = [next(_refs), next(_refs)]
            child = {"kind": "child", "team": TEAM, "worker": "sw1-lincoln-fast"}
            for ref in refs:
                made = world.api.change("PUT", f"/v1/subjects/mosaic/{ref}", child)
                assert made.status_code < 300, made.text
            named = {"team": TEAM, "theme": "voice", "system": "mosaic", "refs": refs}
            named["method"] = "named"
            answer = world.api.create(f"{plan}/cases", named)
            assert answer.status_code == 201, answer.text
            staff = {"kind": "staff", "on": True}
            Episode(world.api, refs[1:]).tell(RESTRICTED, restriction=staff)
            _grant(world, refs[1], "qs-2")
            why = {"team": NEXT_TEAM, "reason": "Two of three posts are vacant."}
            world.made("qs-1", f"{plan}/exemptions", why)


def _told_to_the_board(world: World) -> None:
    """An update that was submitted and one that was not, a report that was presented and sent."""
    change = {"chart": "response_time", "month": "2026-09", "why": "Managers read first."}
    world.made("qs-1", "/v1/chart-changes", change)
    for head, service, sent in (
        ("hos-fast", "fast", True),
        ("hos-corporate-parenting", "corporate-parenting", False),
    ):
        update = world.made(head, "/v1/qa-updates", {"service": service, "quarter": BEFORE})
        said = {name: f"About {name}." for name in _NARRATIVE}
        answer = world.as_(head).change("PUT", update, said)
        assert answer.status_code == 200, answer.text
        if sent:
            world.done(head, f"{update}/submit")
    for presented in (True, False):
        body = {"quarter": BEFORE, "title": "The quarter", "summary": "What we saw."}
        report = world.made("qs-1", "/v1/board-reports", body)
        if presented:
            world.done("qs-1", f"{report}/present")
            world.done("qs-1", f"{report}/disseminate", recipients=["sw1-lincoln-fast"])
            decision = {"decision": "Ask every child.", "owner": "ps-boston-fast"}
            world.done("qs-1", f"{report}/decisions", **decision)


_NARRATIVE = (
    *("activity", "learning", "good_practice", "changes_made", "evidence_of_impact", "risks"),
    "next_quarter",
)


# --- the authority itself ---


def _of_the_authority(world: World) -> None:
    for worker in ("sw1-lincoln-fast", "sw1-boston-fast", "sw1-lac-north"):
        world.run(
            "INSERT INTO absences (id, worker, reason_code, valid) VALUES"
            f" (gen_random_uuid(), '{worker}', 'sickness', '[2026-01-05,2026-03-02)')"
        )
    hook = {
        "system": "mosaic",
        "url": "http://127.0.0.1:9/hook",
        "event_types": ["closure_gate.changed"],
    }
    for system in ("mosaic", None):
        endpoint = world.made("admin-1", "/v1/webhook-endpoints", hook | {"system": system})
        world.made("admin-1", f"{endpoint}/test", {})
    interval = {
        "type": "yos-peer",
        "team": TEAM,
        "from": "2026-04-01",
        "every_months": 3,
        "audits_each_time": 1,
        "scope": "One case each.",
        "reason": "As agreed.",
    }
    world.made("qs-1", "/v1/audit-intervals", interval)
    (advisor,) = world.as_("admin-1").get("/v1/principals?worker=sw2-lincoln-fast").json()["items"]
    role = {"role": "practice_advisor", "from": "2026-12-01", "principal_id": advisor["id"]}
    proposed = {"role_assignment": role, "reason": "She advises from December."}
    world.made("admin-1", "/v1/rights-changes", proposed)
    mapping = {"group_id": Provider(world.api).group()["id"], "role": "auditor"}
    proposed = {"group_role": mapping, "reason": "Its members audit."}
    change = world.made("admin-1", "/v1/rights-changes", proposed)
    world.done("qs-1", f"{change}/confirm")
    # What the case system calls somebody, and somebody whom nobody has claimed.
    for reference, worker in (("SmithJ", "'sw1-lincoln-fast'"), ("JonesP", "NULL")):
        world.run(
            "INSERT INTO case_system_references (id, system, kind, reference, folded, worker,"
            f" valid, version) VALUES (gen_random_uuid(), 'mosaic', 'worker', '{reference}',"
            f" '{reference.lower()}', {worker}, '[2026-01-01,)', 1)"
        )
    # One of every record there is, those too that nobody may see.
    world.run(
        "INSERT INTO unusual_reads (id, state, version, day, rule, reader, worker, principal_ids,"
        " roles, reads, records, line_ids, subject_ids, why, explanation, policy_version)"
        " SELECT gen_random_uuid(), 'found', 1, '2026-11-20', 'restricted_staff', s.id::text,"
        " 'slt-1', '{}', '{senior_leader}', 1, 1, '{}', ARRAY[s.id], 'They read it.',"
        """ '{"rule": "restricted_staff", "clause": "X3", "policy_version": 1,"""
        """ "calendar_version": null, "steps": [], "facts": {}}', 1 FROM subjects s""",
        "INSERT INTO retention_items (id, run_id, record_class, subject_id, kept_until,"
        " explanation) SELECT gen_random_uuid(), r.id, 'child_record', s.id, '2026-01-01',"
        """ '{"rule": "kept_until", "clause": "X4", "policy_version": 1,"""
        """ "calendar_version": null, "steps": [], "facts": {}}'"""
        " FROM subjects s, retention_runs r WHERE s.kind = 'child'",
    )


# --- texts, marked ---


def marking() -> Iterator[str]:
    """Statements that write into every text where it stands: `[[table.column.key]]`."""
    said = dict(_SAID)
    for table, treated in GOES.items():
        said[table] = tuple(
            column for column, treatment in treated.items() if treatment is Treatment.MARK
        )
    for table, columns in said.items():
        key = "||'/'||".join(
            f"{column.name}::text" for column in Base.metadata.tables[table].primary_key
        )
        # What was presented to the Board, and a hold, are frozen for their owner too.
        yield f"ALTER TABLE {table} DISABLE TRIGGER USER"
        for column in columns:
            yield (
                f"UPDATE {table} SET {column} ="
                f" {column} || ' [[{table}.{column}.' || {key} || ']]' WHERE {column} IS NOT NULL"
            )
        yield f"ALTER TABLE {table} ENABLE TRIGGER USER"
