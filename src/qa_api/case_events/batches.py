"""Receiving events, alone or together: as many as can be at once, all others one by one.

Each is answered as if it had come alone, in its turn.
"""

from collections.abc import Sequence
from datetime import date

from qa_api import problems
from qa_api.attempts import DoneMeanwhile
from qa_api.case_events.groups import Groups, Noted, SentEvent
from qa_api.case_events.intake import FOREIGN, Sender, Sent, receive, sender_of, take_turns
from qa_api.case_events.messages import CaseEventMessage, Malformed
from qa_api.case_events.past import Left, is_plain, names_in
from qa_api.case_events.past_known import There, what_is_known, what_is_there, worked_out
from qa_api.case_events.past_rows import TakenMeanwhile, rows_of, write_past
from qa_api.case_events.people_on_record import people_on_record
from qa_api.case_events.repeats import first_times
from qa_api.case_events.schemas import BatchItem, CaseEventReceipt, Fault, SubjectOutcome
from qa_api.closure_gates.episodes import Outcome
from qa_api.pauses import Pauses
from qa_api.rules.local_time import local_date
from qa_api.work import Work

_Receipts = dict[int, CaseEventReceipt]
"""Answers, by the place of the event in its batch."""


async def receive_event(work: Work, message: CaseEventMessage, sent: Sent) -> CaseEventReceipt:
    """Keep and apply one event of the system that the caller is."""
    sender = await take_turns(work, sender_of(work), [message])
    if message.source != sender.source:
        raise problems.forbidden(FOREIGN)
    taken = await _take_together(work, sender, {0: message}, [sent])
    return taken.get(0) or await receive(work, sender, message, sent)


async def receive_batch(
    work: Work, members: Sequence[CaseEventMessage | Malformed], sent: Sequence[Sent]
) -> list[BatchItem]:
    """Keep and apply each event of a batch; what cannot be taken is refused, the others stand."""
    readable = {
        position: member
        for position, member in enumerate(members)
        if not isinstance(member, Malformed)
    }
    sender = await take_turns(work, sender_of(work), list(readable.values()))
    own = {
        position: member for position, member in readable.items() if member.source == sender.source
    }
    taken = await _take_together(work, sender, own, sent)
    items = []
    for position, member in enumerate(members):
        if isinstance(member, Malformed):
            items.append(_refused_item(position, None, _faults(position, member)))
        elif position not in own:
            fault = Fault(pointer=f"/{position}/source", code="forbidden", detail=FOREIGN)
            items.append(_refused_item(position, member.id, [fault]))
        else:
            receipt = taken.get(position)
            receipt = receipt or await receive(work, sender, member, sent[position])
            items.append(BatchItem(position=position, errors=[], **dict(receipt)))
    return items


def _faults(position: int, member: Malformed) -> list[Fault]:
    return [
        Fault(pointer=error.pointer or "", code=error.code, detail=error.detail)
        for error in member.errors(position)
    ]


def _refused_item(position: int, sent_id: str | None, faults: list[Fault]) -> BatchItem:
    return BatchItem(
        position=position,
        event_id=None,
        id=sent_id,
        outcome=Outcome.REFUSED,
        outcomes=[],
        errors=faults,
    )


async def _take_together(
    work: Work, sender: Sender, own: dict[int, CaseEventMessage], sent: Sequence[Sent]
) -> _Receipts:
    """Take the events of which all follows from themselves, in as many statements as for one.

    Those too that came before and say the same. Their answers; the others are left. Raises
    `DoneMeanwhile` where somebody else has just registered one of their people.
    """
    events = {place: SentEvent(Noted.of(own[place]), sent[place]) for place in own}
    there = await what_is_there(work, sender.system, [each.noted for each in events.values()])
    repeats = {place: own[place] for place, each in events.items() if there.is_repeat(each)}
    receipts = await _answered_again(work, sender.system, repeats)
    new = {place: each for place, each in events.items() if not there.came_before(each)}
    return receipts | await _take_new(work, sender.system, new, there)


async def _answered_again(
    work: Work, system: str, repeats: dict[int, CaseEventMessage]
) -> _Receipts:
    if not repeats:
        return {}
    first = await first_times(work, system, {message.id for message in repeats.values()})
    return {
        place: first[message.id].again(message, Outcome.DUPLICATE)
        for place, message in repeats.items()
    }


async def _take_new(work: Work, system: str, new: dict[int, SentEvent], there: There) -> _Receipts:
    """The same of events that have not come before."""
    places, events = list(new), list(new.values())
    groups = Groups()
    for event in events:
        groups.add(event.noted)
    found = [
        group
        for group in groups.found()
        if all(is_plain(events[each].noted, work.now) for each in group)
        and not there.waits([events[each] for each in group])
    ]
    if not found:
        return {}
    asked = [events[each] for group in found for each in group]
    episodes = {each.noted.episode_id for each in asked if each.noted.episode_id is not None}
    on_record = await people_on_record(work, system, there.known(asked), episodes)
    since = min(day for day in (_first_day(asked), on_record.since, work.today) if day is not None)
    known = await what_is_known(work, system, names_in(asked) | on_record.called, since)
    left, taken, pauses = Left(), list[int](), Pauses()
    for group in found:
        await pauses.pause()
        members = [events[each] for each in group]
        one = worked_out(members, there, known, on_record.people)
        if one is not None:
            left.add(one)
            taken += group
    await pauses.pause()
    try:
        await write_past(work, system, rows_of(left))
    except TakenMeanwhile:
        raise DoneMeanwhile from None
    return _answers(left, {places[each]: events[each] for each in sorted(taken)})


def _first_day(events: Sequence[SentEvent]) -> date | None:
    days = (event.noted.occurred_at for event in events)
    return min((local_date(day) for day in days if day is not None), default=None)


def _answers(left: Left, events: dict[int, SentEvent]) -> _Receipts:
    """The answer to each event; to one that came twice as to a repeat."""
    taken = {each.event.noted.id: each for each in left.taken}
    receipts: _Receipts = {}
    answered = set()
    for place, event in events.items():
        first = taken[event.noted.id]
        receipts[place] = CaseEventReceipt(
            event_id=first.id,
            id=event.noted.id,
            outcome=Outcome.DUPLICATE if first.id in answered else first.outcome,
            outcomes=[
                SubjectOutcome(ref=ref, outcome=settled.outcome, gate_id=settled.gate_id)
                for ref, settled, _ in first.done
            ],
        )
        answered.add(first.id)
    return receipts
