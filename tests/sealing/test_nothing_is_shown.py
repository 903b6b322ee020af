"""Until a sealed second grade is recorded its moderator learns nothing of the first (R4.5.3).

Every operation of the contract is asked of two services that differ in nothing but the auditor's
judgement. Where both answer the same, the answer says nothing of it, whatever it is about. In the
suite a share is asked, `./dev drill sealing` asks everything.
"""

import asyncio
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final
from uuid import uuid4

import pytest

from qa_api.escalations.handing_on import tell_who_is_asked_now
from qa_api.webhooks.schemas import SENT_TYPES
from tests.api import Json
from tests.canaries.marking import Marker
from tests.canaries.routes import Known, schema_of
from tests.contract.document import Operation, operations, resolved
from tests.drill import SEED, share
from tests.live.listening import Stream, begun
from tests.matrix.leaving import endpoints, sent, undone
from tests.matrix.near import Model
from tests.matrix.shown import Shows
from tests.matrix.walk import Walk
from tests.matrix.world import Row, World
from tests.moderation.moderating import OUTCOME
from tests.sealing.twins import JUDGED, TEAM, WORD, Twins, resolve, told_apart
from tests.worker.receiving import Receiver, receiving

SHARE: Final = share(60)
"""In the suite one of so many requests is made; 0: every one."""
RECORDING: Final = "record_moderation_outcome"
"""What reveals it, and is asked for last."""
TELLING: Final = {
    "get_audit",
    "list_audits",
    "compare_audit",
    "list_moderation_outcomes",
    "list_all_moderation_outcomes",
    "get_moderation_outcome",
    "get_comment",
    "list_comments",
    "get_record",
    "list_escalations",
    "pull_dataset",
    "get_metrics",
}
"""Reads that tell somebody who may know: without them the walk would prove nothing."""

Asked = tuple[str, str, str]
"""An operation, a path and the form in which it is asked for."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes whatever is sent."""
    with receiving() as taking:
        yield taking


@pytest.fixture(scope="module")
def walk(twins: Twins) -> Walk:
    """What is there to be asked for."""
    model = Model(twins.before)
    people = {twins.moderator: Shows(model, model.person(twins.moderator))}
    return Walk(twins.worlds[0], model, people, random.Random(SEED), 0, lambda *_: None)


def reads(walk: Walk) -> Iterator[Asked]:
    """Every read of the contract: of each row about a child, and by each value of each filter."""
    about = ((each.operation, each.path) for each in walk.documents if "subject_id" in each.row)
    whole = chain(
        ((operation, path, "application/json") for operation, path in sorted(set(about))),
        walk.others(),
        ((str(each), path, "application/json") for each in operations() for path in _lists(each)),
    )
    # A stream ends when it likes: what it tells is held together beneath.
    return (each for each in whole if not each[0].startswith("listen"))


def _lists(operation: Operation) -> Iterator[str]:
    """A list as it is, and by each filter that has few values: the judgements among them."""
    if operation.method != "get" or "{" in operation.path:
        return
    yield operation.path
    for parameter in operation.content.get("parameters", ()):
        if parameter.get("in") == "query":
            for value in _values(parameter["name"], resolved(parameter["schema"])):
                yield f"{operation.path}?{parameter['name']}={value}"


def _values(name: str, schema: Mapping[str, Any]) -> list[str]:
    if "judgement" in name:
        return [*JUDGED]
    forms = [resolved(each) for each in schema.get("anyOf", (schema,))]
    found = [str(value) for form in forms for value in form.get("enum", ())]
    if any(form.get("type") == "boolean" for form in forms):
        found += ["true", "false"]
    return found


def chosen(twins: Twins, asked: Iterable[Asked]) -> list[Asked]:
    """A share of what is to be asked: another one each week."""
    every = list(asked)
    if not SHARE:
        return every
    tell = [*{one[0]: one for one in every if one[0] in TELLING and "?" not in one[1]}.values()]
    tell += [one for one in every if twins.case["audit"] in one[1]]
    some = random.Random(SEED).sample(every, len(every) // SHARE)
    return [*tell, *(one for one in some if one not in tell)]


def found_in(twins: Twins, person: str, asked: Iterable[Asked]) -> tuple[int, list[str]]:
    """How many requests went well; and where the two told something different, or a reason."""
    well, wrong = 0, []
    for operation, path, form in asked:
        first, second = twins.ask(person, "GET", path, headers={"accept": form})
        well += first.status_code == 200
        if said := told_apart(first, second) or shown(twins, first.text):
            wrong.append(f"{operation}: {path} to {person} {said}")
    return well, wrong


def shown(twins: Twins, text: str) -> str | None:
    """What an answer shows that none may; it is the same in both, so comparing does not find it."""
    return next((f"shows {each[:8]}" for each in twins.untold if each in text), None)


@pytest.mark.parametrize("account", ["own", "further"])
def test_no_read_tells_the_moderator_of_the_judgement(
    twins: Twins, walk: Walk, account: str
) -> None:
    person = twins.moderator if account == "own" else twins.further
    well, wrong = found_in(twins, person, chosen(twins, reads(walk)))
    assert not wrong, "\n".join(wrong[:40])
    assert well >= 10


def test_whoever_may_know_it_is_told_by_the_same_reads(twins: Twins, walk: Walk) -> None:
    told: set[str] = set()
    for one in reads(walk):
        if one[0] in TELLING - told and "?" not in one[1]:
            _, wrong = found_in(twins, "qs-1", [one])
            told.update(one[0] for _ in wrong)
    assert told == TELLING


def test_no_change_tells_them_either(twins: Twins, walk: Walk) -> None:
    known = Known()
    for each in walk.documents:
        if twins.case["audit"] in each.path or twins.case["ref"] in each.path:
            known.learn(each.path)
    known.learn(twins.case["outcome"])
    asked, wrong = 0, []
    for operation in changes():
        path = known.path(operation.path)
        for body in _bodies(operation):
            tag, _ = twins.ask(twins.moderator, "GET", path.rpartition("/")[0])
            headers = {
                "if-match": tag.headers.get("etag", "*"),
                "idempotency-key": uuid4().hex,
                "content-type": "application/json",
            }
            first, second = twins.ask(
                twins.moderator, operation.method.upper(), path, content=body, headers=headers
            )
            asked += 1
            if said := told_apart(first, second) or shown(twins, first.text):
                wrong.append(f"{operation}: {path} {said}")
    assert not wrong, "\n".join(wrong[:40])
    assert asked >= 10


def test_no_conversation_tells_them_either(twins: Twins) -> None:
    """That it is locked would tell that the audit has closed: they are told of the seal first."""
    case = twins.case
    (action,) = (row for row in twins.before["restorative_actions"] if row["set_at"])
    (response,) = twins.before["audit_responses"]
    audits = [("audit", audit) for audit in (case["audit"], case["settled"])]
    further = [("restorative_action", str(action["id"])), ("audit_response", str(response["id"]))]
    for kind, about in audits + further:
        said = {"kind": kind, "about": about, "text": "What did the family say?"}
        headers = {"idempotency-key": uuid4().hex}
        answers = twins.ask(twins.moderator, "POST", "/v1/comments", json=said, headers=headers)
        assert told_apart(*answers) is None, kind
        assert answers[0].status_code == 422, kind
        if kind == "audit":
            assert "Record your own judgement first" in answers[0].text
    locked = [world.as_("qs-1").get(f"/v1/audits/{case['audit']}") for world in twins.worlds]
    assert [answer.json()["state"] for answer in locked] == ["completed", "closed"]


def changes() -> list[Operation]:
    """Every operation that changes something, but the one that reveals; or a share of them."""
    every = [each for each in operations() if each.method != "get" and str(each) != RECORDING]
    if not SHARE:
        return every
    of_it = [each for each in every if "moderation" in each.path or "{audit_id}" in each.path]
    return [*of_it, *random.Random(SEED).sample(every, len(every) // SHARE)]


def _bodies(operation: Operation) -> Iterator[bytes | None]:
    """The body that the contract gives as an example, else one that has every field."""
    taken = schema_of(operation)
    if taken is None:
        yield None
        return
    examples: list[Json] = resolved(taken[1]).get("examples", [])
    body = examples[0] if examples else Marker().filled(taken[1])
    yield json.dumps(body).encode()


def test_a_stream_tells_them_the_same_while_somebody_deals_with_the_escalation(
    twins: Twins,
) -> None:
    """In the first of the two the audit has escalated, and closes when that is resolved.

    The second has closed, is amended, and closes once more.
    """
    audit = f"/v1/audits/{twins.case['audit']}"
    told = []
    for world, judged in zip(twins.worlds, JUDGED, strict=True):
        mine = world.as_(twins.moderator)
        overseer = world.as_("qs-1")
        with (
            begun(mine, f"{audit}/changes") as of_audit,
            begun(mine) as of_work,
            begun(overseer, f"{audit}/changes") as of_overseer,
        ):
            _handed_on(world)
            # What one round tells of a record it tells once: each is heard before the next is done.
            theirs = []
            for why in ("once more", "again", "at last"):
                if why == "at last":  # the second has closed twice by now, the first not yet
                    raised = resolve(world, twins.case["audit"])
                    known = _until(of_overseer, "audit.closed")
                _amended(world, audit, judged, why)
                theirs += [_until(each, "audit.amended") for each in (of_audit, of_work)]
        told.append(theirs)
        # Whoever may know hears of it by the same stream.
        kinds = {data.get("kind") for _, data in known}
        escalated = judged == JUDGED[0]
        assert ("escalation.readdressed" in kinds, bool(raised)) == (escalated, escalated)
        assert ("escalation.resolved" in kinds) is escalated
    assert told[0] == told[1]
    assert WORD not in json.dumps(told)


def _handed_on(world: World) -> None:
    """The team has no manager for a while: who acts for it is asked, and then the manager again."""
    post = f"UPDATE posts SET valid = {{}} WHERE team = '{TEAM}' AND kind = 'manager'"
    world.run(post.format("daterange(lower(valid), '2027-01-05')"))
    world.service.work(tell_who_is_asked_now)
    world.run(post.format("daterange(lower(valid), NULL)"))
    world.service.work(tell_who_is_asked_now)


def _amended(world: World, audit: str, judged: str, why: str) -> None:
    said = {"judgement": judged, "rationale": f"{WORD} {why}"}
    body = {"reason": f"{WORD} again", "overall": said}
    answer = world.as_("ps-lincoln-fast").act(f"{audit}/amend", body)
    assert answer.status_code == 200, answer.text


def _until(stream: Stream, kind: str) -> list[tuple[str, Json]]:
    """All that is told up to a change of a kind."""
    said: list[tuple[str, Json]] = []
    while not said or said[-1][1].get("kind") != kind:
        one = stream.next()
        said.append((one.name, one.data))
    return said


def test_messages_go_to_systems_and_no_account_of_theirs_reaches_one(
    twins: Twins, receiver: Receiver
) -> None:
    """Every type of message that was sent about the audit, to each kind of endpoint."""
    events = [row for row in twins.before["events"] if row["type"] in SENT_TYPES]
    sent_of = [asyncio.run(_messages(world, receiver, events)) for world in twins.worlds]
    assert sent_of[0] == sent_of[1]
    types = {kind for kind, _ in sent_of[0]}
    assert {"audit.completed", "audit.amended", "escalation.raised"} <= types
    assert not any(WORD in text for _, text in sent_of[0])
    # A few types tell systems what was judged. Nothing lets a moderator read those.
    tells = {kind for kind, text in sent_of[0] if any(word in text for word in JUDGED)}
    assert tells == {"audit.completed", "audit.amended", "escalation.raised"}
    asked = [each for each in operations() if each.path.startswith("/v1/webhook-")]
    assert len(asked) > 5
    for operation in asked:
        path = Known().path(operation.path)
        for account in (twins.moderator, twins.further):
            answers = twins.ask(account, operation.method.upper(), path)
            assert told_apart(*answers) is None, (operation, account)
            assert not any(word in answers[0].text for word in (WORD, *JUDGED)), operation


async def _messages(world: World, receiver: Receiver, events: list[Row]) -> list[tuple[str, str]]:
    """What endpoints are sent of these events, by type; nothing is left of it."""
    async with undone(world.settings) as work:
        came = await sent(work, world.settings, receiver, endpoints(), [e["id"] for e in events])
    return sorted((str(one.body["type"]), one.text) for one in came)


def test_as_soon_as_they_have_judged_both_know_both(twins: Twins) -> None:
    outcome, auditor = twins.case["outcome"], "ps-lincoln-fast"
    unseen, _ = twins.ask(auditor, "GET", outcome)
    assert unseen.status_code == 404
    before, _ = twins.ask(twins.moderator, "GET", outcome)
    assert before.json()["judgement_sealed"] is True
    headers = {"if-match": before.headers["etag"]}
    recorded = twins.ask(twins.moderator, "PUT", outcome, json=OUTCOME, headers=headers)
    assert [answer.json()["auditor_judgement"] for answer in recorded] == [*JUDGED]
    assert [answer.json()["judgement_sealed"] for answer in recorded] == [False, False]
    assert [answer.json()["sealed"] for answer in recorded] == [True, True]
    for person in (twins.moderator, auditor):
        shown = twins.ask(person, "GET", outcome)
        assert [answer.json()["auditor_judgement"] for answer in shown] == [*JUDGED]
        assert all(answer.json()["moderated_judgement"] for answer in shown)
    audits = twins.ask(twins.moderator, "GET", f"/v1/audits/{twins.case['audit']}")
    assert [answer.json()["overall_judgement"] for answer in audits] == [*JUDGED]
    assert all(answer.json()["judgements"] for answer in audits)
