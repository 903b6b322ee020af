"""One authority twice: all is the same but what an auditor judged, and why, and what followed.

Two audits are judged otherwise in each, and people live on with them: the workers are told, a
response is found adequate, an escalation is resolved. So one closes and its twin does not, or days
later. Whoever may not know the judgement must be answered the same by both, byte for byte. That
holds of documents, lists, filters, totals and refusals alike, and needs no list of the places to
look in.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.notifications.service import mark_delivered
from qa_api.rules.sampling import Member, hash_of
from qa_api.settings import Settings
from qa_api.work import Work
from tests.api import Api, Json
from tests.audits.auditing import ACTION, Auditing
from tests.conftest import Clone, Database, cloning, execute
from tests.matrix.world import Tables, World, served
from tests.responses.casework import Case as Answered
from tests.responses.casework import event_of

AUDITED, NEXT_MONTH = "2026-11-20T15:30:00+00:00", "2026-12-02T15:30:00+00:00"
DRAWN, TOLD, RESOLVED, LATER = (
    f"2027-01-0{day}:30:00+00:00" for day in ("4T09", "5T10", "7T14", "8T09")
)
"""The workers are told by hand, late; an escalation is resolved; and then they are asked."""
TEAM, WORKER, AUDITOR = "boston-fast", "sw1-boston-fast", "ps-lincoln-fast"
FURTHER: Final = ("administrator", "learning_development", "practice_advisor", "worker", "auditor")
"""Roles of a second account of the moderator: none of them reads the whole authority."""

WORD: Final = "zqsealed"
"""Stands in whatever an auditor gives as a reason for a judgement."""
JUDGED: Final = ("inadequate", "outstanding")
"""What the auditor judged in each of the two: the first escalates, the second does not."""

Case = dict[str, str]
"""What there is: the paths of the audit, the sample and the outcome; the moderator."""


@dataclass
class Twins:
    """Both services over their databases, and the same case in each."""

    worlds: tuple[World, World]
    case: Case
    before: Tables
    """The rows of the first, as they were when the two were made."""
    further: str
    """The moderator's second account."""
    untold: tuple[str, ...] = (WORD,)
    """Texts that no answer to the moderator has: a reason, the seed that tells from the order."""

    @property
    def moderator(self) -> str:
        """Who is to judge the audit sealed."""
        return self.case["moderator"]

    def ask(self, person: str, method: str, path: str, **options: Any) -> tuple[Any, Any]:
        """The same request to both."""
        headers = {"x-correlation-id": str(uuid4())} | options.pop("headers", {})
        first, second = (
            world.as_(person).http.request(
                method,
                path,
                headers={"authorization": f"Bearer {world.as_(person).token()}", **headers},
                **options,
            )
            for world in self.worlds
        )
        return first, second


def told_apart(first: httpx.Response, second: httpx.Response) -> str | None:
    """Where two answers differ; None where they say the same."""
    if first.status_code != second.status_code:
        return f"is {first.status_code} here and {second.status_code} there"
    one, other = (without_chance(answer.text) for answer in (first, second))
    if one == other:
        return None
    at = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    return f"says {one[max(at - 120, 0) : at + 80]} here and {other[at : at + 80]} there"


_CHANCE: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32,64}\b"
)
"""Ids and digests. What both had when they were made is the same in both, and is left."""
kept: set[str] = set()


def without_chance(said: str) -> str:
    """What is said, without what is made by chance: new ids, digests of them, cursors."""
    text = re.sub(r'"(?:next_cursor|next_changes|changes_token)": ?"[^"]*"', '"cursor"', said)
    return _CHANCE.sub(lambda found: found[0] if found[0] in kept else "*", text)


# --- making them ---


@contextmanager
def made_twice(
    server: Database, clone: Clone, authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[Twins]:
    """The same authority in two databases, with an audit that is to be moderated sealed."""
    database = clone()
    with served(database, authority, issuer) as world:
        case = filled(world)
        further = _second_account(database, issuer, case["moderator"])
    with ExitStack() as stack:
        make = stack.enter_context(cloning(server, database, "twin"))
        both = (database, make())
        for each, judged in zip(both, JUDGED, strict=True):
            _judge(each.migrate_url, (case["audit"], case["settled"]), judged)
        first, second = [stack.enter_context(served(each, authority, issuer)) for each in both]
        before = first.tables()
        kept.update(str(row["id"]) for rows in before.values() for row in rows if "id" in row)
        for world in (first, second):
            _live_on(world, case)
        clock.freeze(datetime.fromisoformat(LATER))
        seeds = sorted(str(row["seed"]) for row in before["moderation_samples"])
        yield Twins((first, second), case, before, further, (WORD, *seeds))


def filled(world: World) -> Case:
    """Audits of two children, their sample, and the moderator's own re-audit of the first.

    The first has a revision and no action, the second an action.
    """
    api = world.api
    clock.freeze(datetime.fromisoformat(AUDITED))
    listening = {"url": "http://127.0.0.1:9/events", "event_types": ["audit.completed"]}
    assert api.as_("admin-1").create("/v1/webhook-endpoints", listening).status_code == 201
    case, path = _completed(api)
    amended = {
        "reason": f"{WORD} reason",
        "overall": {"judgement": JUDGED[0], "rationale": f"{WORD} amended"},
    }
    case.accept(api.as_(AUDITOR).act(f"{path}/amend", amended))
    audit = path.rpartition("/")[2]
    said = {"kind": "audit", "about": audit, "text": f"{WORD} said"}
    case.accept(api.as_(AUDITOR).create("/v1/comments", said))
    clock.freeze(datetime.fromisoformat(NEXT_MONTH))
    settled = _completed(api, actions=[ACTION])[1].rpartition("/")[2]
    clock.freeze(datetime.fromisoformat(DRAWN))
    sample = _drawn(case, AUDITED[:7])
    # A manager reads figures and more lists than an auditor does.
    moderator = f"tm-{sample['moderating_teams'][0]}"
    outcome = _sealed(case, sample, audit, moderator)
    # Of a month of its own: the order of a sample rests on how its audits are judged.
    further = _drawn(case, NEXT_MONTH[:7])
    turn = (further["id"], sample["moderating_teams"][0])
    world.run("INSERT INTO moderating_teams (sample_id, team) VALUES ('{}', '{}')".format(*turn))
    _sealed(case, further, settled, moderator)
    again = case.filled(moderator, type="collaborative", re_audit_of=audit)
    return {
        "audit": audit,
        "settled": settled,
        "sample": str(sample["id"]),
        "outcome": outcome,
        "moderator": moderator,
        "ref": case.ref,
        "again": again,
    }


def _drawn(case: Auditing, period: str) -> Json:
    """The sample of a month, which is one audit."""
    body = {"group": "a", "period": period}
    sample = case.accept(case.api.as_("qs-1").create("/v1/moderation-samples", body))
    assert len(sample["items"]) == 1
    return sample


def _sealed(case: Auditing, sample: Json, audit: str, moderator: str) -> str:
    """The path of the outcome that somebody is to give sealed."""
    outcome = f"/v1/moderation-samples/{sample['id']}/outcomes/{audit}"
    given = case.api.as_("qs-1").act(f"{outcome}/assign", {"moderator": moderator})
    assert case.accept(given)["sealed"]
    return outcome


def _completed(api: Api, **further: Any) -> tuple[Auditing, str]:
    """An audit of a new child that is judged as in the first of the two."""
    case = Auditing(api, f"S-{uuid4().hex[:8]}", team=TEAM)
    held = {"kind": "child", "team": TEAM, "worker": WORKER}
    case.accept(api.as_("qs-1").change("PUT", f"/v1/subjects/mosaic/{case.ref}", held))
    path = case.filled(AUDITOR, type="collaborative")
    for action in further.get("actions", ()):
        case.accept(api.as_(AUDITOR).create(f"{path}/actions", action))
    bad = {"overall": {"judgement": JUDGED[0], "rationale": f"{WORD} first"}}
    case.accept(api.as_(AUDITOR).act(f"{path}/complete", bad))
    return case, path


# --- what becomes of them ---


def _live_on(world: World, case: Case) -> None:
    """The workers of both audits are told; all that the second asks for is done and found good.

    Where its judgement escalated, that is resolved some days later.
    """
    clock.freeze(datetime.fromisoformat(TOLD))
    for audit in (case["audit"], case["settled"]):
        world.service.work(partial(_delivered, audit_id=UUID(audit)))
    settled = world.as_("qs-1").get(f"/v1/audits/{case['settled']}").json()
    response = Answered(
        world.as_("qs-1"),
        UUID(case["settled"]),
        [UUID(action["id"]) for action in settled["actions"]],
        UUID(settled["subject"]["id"]),
        TEAM,
        WORKER,
    )
    response.submit()
    response.review("adequate")
    response.act(f"{response.action()}/verify", f"tm-{TEAM}", made_a_difference=True)
    clock.freeze(datetime.fromisoformat(RESOLVED))
    resolve(world, case["settled"])


async def _delivered(work: Work, audit_id: UUID) -> None:
    await mark_delivered(work, await event_of(work, audit_id), work.now)


def resolve(world: World, audit: str) -> int:
    """Each step that an escalation of an audit takes, if there is one; how many there are."""
    raised = world.as_("qs-1").get(f"/v1/escalations?audit={audit}").json()["items"]
    for one in raised:
        path = f"/v1/escalations/{one['id']}"
        informing = {"actions_to_be_taken": "The child is seen today."}
        world.done(f"tm-{TEAM}", f"{path}/acknowledge")
        world.done(f"tm-{TEAM}", f"{path}/inform-quality-standards", **informing)
        world.done("qs-1", f"{path}/resolve", resolution="The child is safe.")
    return len(raised)


def _second_account(database: Database, issuer: DevelopmentIssuer, worker: str) -> str:
    """Another account of the moderator, with every role that leaves them sealed."""
    account = str(uuid4())
    letting_in = (
        f"INSERT INTO principals (id, issuer, subject, worker, version) VALUES ('{account}',"
        f" '{issuer.settings.issuer}', 'further', '{worker}', 1)"
    )
    giving = [
        "INSERT INTO role_assignments (id, principal_id, role, scope, valid, version)"
        f" VALUES ('{uuid4()}', '{account}', '{role}', 'authority', '[2026-01-01,)', 1)"
        for role in FURTHER
    ]
    execute(database.migrate_url, letting_in, *giving)
    return "further"


def _judge(url: str, audits: tuple[str, str], judged: str) -> None:
    """Write, as the owner, that the audits were judged so, wherever it is written."""
    both = "('{}', '{}')".format(*audits)
    of_it = f"WHERE audit_id IN {both}"
    escalated = f"(SELECT id FROM escalations {of_it} AND trigger = 'inadequate_judgement')"
    raised = (
        f"DELETE FROM alerts WHERE about_id IN {escalated}",
        f"DELETE FROM escalation_recipients WHERE escalation_id IN {escalated}",
        f"DELETE FROM escalations WHERE id IN {escalated}",
    )
    execute(
        url,
        # Both at one instant: what was changed when tells nothing of how it was judged.
        f"SELECT set_config('qa.now', '{DRAWN}', false)",
        f"UPDATE audits SET overall_judgement = '{judged}',"
        f" overall_rationale = '{WORD} {judged}' WHERE id IN {both}",
        f"UPDATE domain_judgements SET judgement = '{judged}',"
        f" rationale = '{WORD} {judged}' {of_it}",
        f"UPDATE audit_answers SET rationale = '{WORD} {judged}' {of_it}",
        f"UPDATE audit_revisions SET reason = '{WORD} {judged}', content ="
        f" jsonb_set(content, '{{overall,judgement}}', '\"{judged}\"') {of_it}",
        f"UPDATE comments SET text = '{WORD} {judged}' {of_it}",
        f"UPDATE moderated_domains SET auditor_judgement = '{judged}',"
        f" auditor_rationale = '{WORD} {judged}' {of_it}",
        f"UPDATE moderation_members SET judgement = '{judged}' {of_it}",
        *(
            f"UPDATE moderation_samples SET population_hash = '{_hash(audit, judged)}' WHERE id ="
            f" (SELECT sample_id FROM moderation_members WHERE audit_id = '{audit}')"
            for audit in audits
        ),
        f"UPDATE moderation_outcomes SET auditor_judgement = '{judged}',"
        f" auditor_rationale = '{WORD} {judged}' {of_it}",
        *(raised if judged == JUDGED[1] else ()),
    )


def _hash(audit: str, judged: str) -> str:
    """Of the population that is this audit alone."""
    return hash_of([Member(audit, "collaborative", judged, TEAM)])
