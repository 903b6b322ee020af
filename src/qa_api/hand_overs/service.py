"""Proposing a hand-over, and carrying it out as it was proposed: whole, or not at all; or
withdrawing it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from qa_api import problems
from qa_api.alerts import leave_alert
from qa_api.auth.roles import Role
from qa_api.directory.service import available
from qa_api.events import HandOverWithdrawn, WorkHandedOver
from qa_api.hand_overs.kinds import GIVING, Taking, not_given, refusal, taking, who_may_take
from qa_api.hand_overs.queries import visible_to
from qa_api.hand_overs.schemas import HandOverIn
from qa_api.hand_overs.shared import shared_work
from qa_api.hand_overs.standing import came_back
from qa_api.hand_overs.things import Held, carried, movable, staying
from qa_api.models.base import new_id
from qa_api.models.directory import Worker
from qa_api.models.hand_overs import HandOver, HandOverItem
from qa_api.problems import InputError, repeated
from qa_api.rules.alerts import AlertKind
from qa_api.rules.decision import Missing, NotAllowedInState
from qa_api.rules.hand_over import (
    CAME_BACK,
    CANNOT_GO_ANY_MORE,
    CLAUSE,
    MOST_THINGS,
    REASONS,
    HandOverBecause,
    HandOverKind,
    Moved,
    StaysBecause,
    moved_since,
    says_of_seal,
    share,
    why_it_stays,
)
from qa_api.rules.local_time import local_date
from qa_api.rules.moderation import why_unsealed
from qa_api.rules.states import HandOverState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

NEW_HOLDER = "new_holder"
"""As what somebody is told of a hand-over."""


# --- the proposal ---


async def propose_hand_over(work: Work, hand_over_id: UUID, body: HandOverIn) -> None:
    """Say what of somebody's open work goes to whom, what stays, and why; nothing moves yet."""
    person = work.person()
    await _require_people(work, body)
    kinds = sorted(body.kinds or HandOverKind)
    held = await movable(work, body.from_worker, kinds)
    stays = await staying(work, body.from_worker)
    _require_few(len(held))
    loads = await carried(work, body.to_workers)
    items = await _placed(work, held, body.to_workers, loads)
    items += [_stays(thing, thing.stays or StaysBecause.OTHERS_DO_IT) for thing in stays]
    work.session.add(
        HandOver(
            id=hand_over_id,
            state=HandOverState.PROPOSED,
            from_worker=body.from_worker,
            to_workers=list(body.to_workers),
            kinds=[kind.value for kind in kinds],
            because=body.because,
            shared=await shared_work(work, body.from_worker),
            proposed_by=person,
            proposed_at=work.now,
        )
    )
    await work.flush()
    for position, item in enumerate(items, 1):
        item.hand_over_id, item.position = hand_over_id, position
    work.session.add_all(items)
    await work.flush()


async def _require_people(work: Work, body: HandOverIn) -> None:
    """Who gives is known, and who takes is in service and here; each is named once."""
    errors = repeated(body.to_workers, "to_workers")
    if not await work.session.scalar(_worker(body.from_worker)):
        detail = "There is no worker of this code."
        errors.append(InputError.at(["from_worker"], "unknown", detail))
    for at, taker in enumerate(body.to_workers):
        place: list[str | int] = ["to_workers", at]
        if taker == body.from_worker:
            detail = "Nobody hands their work over to themselves."
            errors.append(InputError.at(place, "not-themselves", detail))
        elif not await _is_here(work, taker):
            errors.append(InputError.at(place, "not-here", _NOT_HERE))
    if errors:
        raise problems.validation(errors)


_NOT_HERE = "Nobody of this code is in service and here today."


async def _is_here(work: Work, taker: str) -> bool:
    here = _worker(taker).where(available(Worker, work.today))
    return await work.session.scalar(here) is not None


def _worker(code: str) -> Select[Any]:
    return select(Worker.code).where(Worker.code == code)


def _require_few(things: int) -> None:
    if things > MOST_THINGS:
        detail = (
            f"More than {MOST_THINGS} things would go, too many for one step."
            " Name fewer kinds in `kinds`, and hand over one kind after the other."
        )
        raise problems.business_rule(CLAUSE, detail, code="too-many-things")


async def _placed(
    work: Work, held: Sequence[Held], takers: Sequence[str], loads: dict[str, int]
) -> list[HandOverItem]:
    """Each thing with whom it goes to, or why it stays; rules of its own domain say who may."""
    kept, asked = dict[str, str](), dict[str, dict[str, Taking]]()
    for thing in held:
        kind = HandOverKind(thing.kind.value)
        if why := await not_given(work, kind, thing.record):
            kept[thing.key] = why
            continue
        asked[thing.key] = {
            taker: await taking(work, kind, thing.record, taker) for taker in takers
        }
    able = {key: who_may_take(each) for key, each in asked.items()}
    goes = share(list(able), able, loads)
    return [
        _stays(thing, StaysBecause.NOT_YOURS_TO_GIVE, kept[thing.key])
        if thing.key in kept
        else _goes(thing, goes.get(thing.key), asked[thing.key])
        for thing in held
    ]


def _goes(thing: Held, taker: str | None, asked: dict[str, Taking]) -> HandOverItem:
    item = _stays(thing, StaysBecause.NOBODY_CAN)
    item.passed_over = [
        {"taker": each, "detail": told.against}
        for each, told in sorted(asked.items())
        if told.against is not None
    ]
    if taker is not None:
        taken = asked[taker]
        item.goes_to, item.stays_because, item.detail = taker, None, _says_of_seal(taken)
        item.sealing, item.unsealed_because = taken.seal, taken.unsealed
    return item


def _says_of_seal(taken: Taking) -> str | None:
    if taken.seal is None:
        return None
    why = None if taken.unsealed is None else why_unsealed(taken.unsealed)
    return says_of_seal(taken.seal, why)


def _stays(thing: Held, because: StaysBecause, why: str | None = None) -> HandOverItem:
    return HandOverItem(
        id=new_id(),
        kind=thing.kind,
        thing_id=thing.id,
        path=thing.path,
        due_on=thing.due_on,
        goes_to=None,
        stays_because=because,
        detail=why or why_it_stays(thing.kind, because),
        passed_over=[],
        sealing=None,
        unsealed_because=None,
    )


# --- carrying it out ---


async def accept_hand_over(work: Work, hand_over_id: UUID, expected: Precondition) -> None:
    """Carry it out as it was proposed, in one step; whoever proposed it does.

    What has moved meanwhile refuses the whole, and the refusal says what it is; of two about the
    same things that are accepted at once the second waits for the first. Each thing takes its own
    domain's step, so it has its own event; each new holder is told once.
    """
    hand_over = await work.take(HandOver, hand_over_id, visible_to)
    if hand_over.proposed_by != work.person():
        raise problems.forbidden("Only whoever proposed a hand-over carries it out.")
    hand_over.state = next_state("hand_over", hand_over.state, "accept")
    expected.check(hand_over.version)
    hand_over.accepted_at = work.now
    await work.session.refresh(hand_over, ["items"])
    kinds = [HandOverKind(kind) for kind in hand_over.kinds]
    theirs = await movable(work, hand_over.from_worker, kinds, to_move=True)
    held = {each.key: each for each in theirs}
    to_move = {
        f"{item.kind}:{item.thing_id}": item for item in hand_over.items if item.goes_to is not None
    }
    await _require_as_proposed(work, hand_over, held, to_move)
    reason = REASONS[HandOverBecause(hand_over.because)]
    for key, item in to_move.items():
        kind = HandOverKind(item.kind)
        given = GIVING[kind].give(work, held[key].record, item.goes_to or "", reason)
        if (against := await refusal(given)) is not None:
            raise _changed_since([Moved(item.position - 1, "not-possible-now", against)])
        _require_seal_as_said(item, held[key].record)
    await _tell(work, hand_over, sorted({item.goes_to or "" for item in to_move.values()}))
    await work.record(
        WorkHandedOver(
            about=hand_over.id,
            from_worker=hand_over.from_worker,
            to_workers=tuple(hand_over.to_workers),
            things=len(to_move),
        )
    )


async def _require_as_proposed(
    work: Work, hand_over: HandOver, held: dict[str, Held], to_move: dict[str, HandOverItem]
) -> None:
    """Refuse the whole where a thing is not as it was, or whom it goes to may not take it now."""
    # Where each stands for whoever carries it out: they do not see what is hidden from them.
    places = {f"{item.kind}:{item.thing_id}": at for at, item in enumerate(hand_over.items)}
    places = {key: places[key] for key in to_move}
    stayed = {f"{i.kind}:{i.thing_id}" for i in hand_over.items if i.goes_to is None}
    changed = moved_since(places, held.keys(), stayed)
    since = local_date(hand_over.proposed_at)
    back = came_back(hand_over.because, hand_over.from_worker, since, work.today)
    if await work.session.scalar(select(back)):
        changed.append(CAME_BACK)
    if await work.session.scalar(select(func.qa_hides_some_of(hand_over.id))):
        changed.append(CANNOT_GO_ANY_MORE)
    takers = {item.goes_to or "" for item in to_move.values()}
    away = {taker for taker in takers if not await _is_here(work, taker)}
    for key, item in to_move.items():
        if key in held:
            kind, record, taker = HandOverKind(item.kind), held[key].record, item.goes_to or ""
            told = await _taken_now(work, kind, record, taker, is_away=taker in away)
            if told.against is not None:
                changed.append(Moved(places[key], "not-possible-now", told.against))
            elif (told.seal, told.unsealed) != (item.sealing, item.unsealed_because):
                changed.append(Moved(places[key], "seal-changed", _says_of_seal(told) or ""))
    if changed:
        raise _changed_since(changed)


async def _taken_now(
    work: Work, kind: HandOverKind, record: Any, taker: str, *, is_away: bool
) -> Taking:
    against = _NOT_HERE if is_away else await not_given(work, kind, record)
    return await taking(work, kind, record, taker) if against is None else Taking(against)


def _require_seal_as_said(item: HandOverItem, record: Any) -> None:
    """Refuse the whole where a second grade was given on otherwise than the proposal says.

    Its new moderator may have read the judgement in this very moment.
    """
    if item.sealing is not None and item.unsealed_because != record.unsealed_because:
        detail = "What comes of the seal has changed in this moment."
        raise _changed_since([Moved(item.position - 1, "seal-changed", detail)])


def _changed_since(changed: Sequence[Moved]) -> NotAllowedInState:
    return NotAllowedInState(
        CLAUSE,
        "hand_over",
        HandOverState.PROPOSED,
        ("withdraw",),
        "Since then things were settled or moved, perhaps by another hand-over, or can no longer go"
        " where they were to go. Make a new proposal.",
        tuple(Missing(each.pointer, each.code, each.says) for each in changed[:100]),
        code="changed-since-proposed",
    )


async def _tell(work: Work, hand_over: HandOver, takers: Sequence[str]) -> None:
    for taker in takers:
        await leave_alert(
            work,
            AlertKind.WORK_HANDED_OVER,
            hand_over.id,
            acting_as=NEW_HOLDER,
            recipient=taker,
            subject_id=None,
            team=None,
            worker=None,
            restricted=False,
        )


# --- withdrawing it ---


async def withdraw_hand_over(work: Work, hand_over_id: UUID, expected: Precondition) -> None:
    """Withdraw a proposal, so that nobody carries it out: who proposed it, or Q&S."""
    hand_over = await work.take(HandOver, hand_over_id, visible_to)
    person = work.person()
    if hand_over.proposed_by != person and Role.QUALITY_STANDARDS not in work.actor.roles:
        detail = "Whoever proposed a hand-over withdraws it, or Quality & Standards."
        raise problems.forbidden(detail)
    hand_over.state = next_state("hand_over", hand_over.state, "withdraw")
    expected.check(hand_over.version)
    hand_over.withdrawn_at, hand_over.withdrawn_by = work.now, person
    await work.record(HandOverWithdrawn(about=hand_over.id, from_worker=hand_over.from_worker))
