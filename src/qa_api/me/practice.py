"""What waits of moderation, observations, highlights, the Board, retention, rights, reads and
hand-overs."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    all_,
    and_,
    case,
    cast,
    func,
    not_,
    null,
    or_,
    true,
)

from qa_api.auth.duty import (
    headed_by_somebody,
    heads_of,
    led_by_somebody,
    somebody_holds,
    these,
)
from qa_api.auth.reach import person_behind
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.me.work_items import (
    ADDRESSED,
    ADMINISTRATORS,
    QUALITY_STANDARDS,
    TEAM_LEADS,
    TEAM_MANAGERS,
    TEAM_OBSERVERS,
    Column,
    can,
    wait,
    with_the_team,
)
from qa_api.models.access import RightsChange, UnusualRead
from qa_api.models.audits import Audit
from qa_api.models.board import AwaitedUpdate, BoardDecision, QaUpdate
from qa_api.models.hand_overs import HandOver
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.observations import (
    AwaitedHighlights,
    AwaitedObservation,
    LearningHighlight,
)
from qa_api.models.retention import RetentionRun
from qa_api.reads.expressions import moderated_in_error
from qa_api.rules.policy_values import RightsConfirmer
from qa_api.rules.states import (
    QA_UPDATE_TO_SUBMIT,
    HandOverState,
    LearningActionState,
    RetentionRunState,
    RightsChangeState,
    SampleState,
    UnusualReadState,
)

OBSERVERS = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER)


def moderation() -> list[Select[Any]]:
    """What is to be moderated and agreed on, and what was learned is to be done (§4.5)."""
    return [*_to_moderate(), _to_agree(), *_to_learn()]


def _of_open_sample(kind: str, **facts: Any) -> Select[Any]:
    """An entry about a drawn audit that stands, while its sample is open."""
    outcome = ModerationOutcome
    place = func.concat(
        "/v1/moderation-samples/",
        cast(outcome.sample_id, Text),
        "/outcomes/",
        cast(outcome.audit_id, Text),
    )

    waits = wait(
        kind,
        "moderation-samples",
        outcome,
        due_on=null(),
        about=outcome.audit_id,
        path=place,
        **facts,
    )
    return (
        waits.join(ModerationSample, ModerationSample.id == outcome.sample_id)
        .join(Audit, Audit.id == outcome.audit_id)
        .where(
            ModerationSample.state == SampleState.OPEN,
            Audit.recorded_in_error_at.is_(None),
        )
    )


def _to_moderate() -> list[Select[Any]]:
    outcome = ModerationOutcome
    moderators = roles_with(Permission.MODERATION_RECORD)
    moderates = and_(outcome.moderator.is_not(None), can(outcome.moderator, outcome, *moderators))
    given = _of_open_sample("moderate", person=outcome.moderator, in_roles=moderators)
    not_given = _of_open_sample("assign_moderator", waits_for=QUALITY_STANDARDS)
    unjudged = outcome.moderated_at.is_(None)
    return [given.where(unjudged, moderates), not_given.where(unjudged, not_(moderates))]


def _to_agree() -> Select[Any]:
    """A consensus waits for the other of the two; nobody else can agree to it (R4.5.3)."""
    outcome = ModerationOutcome
    by_auditor = outcome.consensus_proposed_by == outcome.auditor
    other = case((by_auditor, outcome.moderated_by), else_=outcome.auditor)
    moderators = roles_with(Permission.MODERATION_RECORD)
    return _of_open_sample("agree", person=other, in_roles=moderators).where(
        outcome.consensus_proposed_at.is_not(None),
        outcome.consensus_agreed_at.is_(None),
        can(other, outcome, *moderators, even_away=True),
    )


def _to_learn() -> list[Select[Any]]:
    action = LearningAction

    def learning(kind: str, state: LearningActionState, **facts: Any) -> Select[Any]:
        waits = wait(kind, "learning-actions", action, due_on=action.due_on, **facts)
        return waits.where(action.state == state, action.outcome_id != all_(moderated_in_error()))

    doers = roles_with(Permission.LEARNING_ACTION_COMPLETE)
    settlers = roles_with(Permission.LEARNING_ACTION_SETTLE)
    owns = can(action.owner, action, *doers)
    # Nobody verifies what they did, also where they set it themselves.
    verifies = and_(action.set_by != action.done_by, can(action.set_by, action, *settlers))
    qs: dict[str, Any] = {"waits_for": QUALITY_STANDARDS}
    done = these(action.owner, action.done_by)
    open_, to_verify = LearningActionState.OPEN, LearningActionState.DONE
    return [
        learning("do", open_, person=action.owner, in_roles=doers).where(owns),
        learning("do", open_, barred=these(action.owner), **qs).where(not_(owns)),
        learning("verify", to_verify, person=action.set_by, in_roles=settlers).where(verifies),
        learning("verify", to_verify, barred=done, **qs).where(not_(verifies)),
    ]


def observations() -> list[Select[Any]]:
    """Who is behind the pace of their observations; where nobody observes, whoever leads (§4.6)."""
    awaited = AwaitedObservation
    query = func.concat(
        "/v1/observation-compliance?level=worker&worker=", awaited.worker, "&team=", awaited.team
    )
    themselves = these(awaited.worker)
    facts: dict[str, Any] = {"due_on": awaited.due_on, "path": query, "barred": themselves}
    observed = led_by_somebody(awaited, *OBSERVERS, barred=themselves)
    return [
        wait("observe", "observation-compliance", awaited, waits_for=TEAM_OBSERVERS, **facts).where(
            observed
        ),
        *with_the_team(
            awaited,
            kind="observe",
            list_="observation-compliance",
            group=TEAM_LEADS,
            where=not_(observed),
            due_on=awaited.due_on,
            path=query,
            barred=themselves,
        ),
    ]


def highlights() -> list[Select[Any]]:
    """What waits for those whom it was routed to; where nobody is, for Q&S (R4.6.3)."""
    highlight = LearningHighlight
    routed = or_(
        *(and_(highlight.routed_to == role, somebody_holds(Role(role))) for role in ADDRESSED)
    )
    unanswered = highlight.answered_at.is_(None)

    def answer(whom: Column | str, groups: tuple[str, ...] = ()) -> Select[Any]:
        facts: dict[str, Any] = {"due_on": null(), "waits_for": whom, "groups": groups}
        return wait("answer", "learning-highlights", highlight, **facts)

    return [
        answer(highlight.routed_to, ADDRESSED).where(unanswered, routed),
        answer(QUALITY_STANDARDS).where(unanswered, not_(routed)),
    ]


def returns() -> list[Select[Any]]:
    """A team that has not recorded what it learned in a quarter that is over (R4.6.3).

    Its managers do it; if there are none, whoever leads the team otherwise; else Quality &
    Standards.
    """
    awaited = AwaitedHighlights
    managed = led_by_somebody(awaited, Role.TEAM_MANAGER)
    facts: dict[str, Any] = {
        "kind": "record_highlights",
        "list_": "learning-highlight-returns",
        "due_on": awaited.due_on,
        "uncounted": awaited.due_on.is_(None),
        "path": _of_quarter("learning-highlight-returns", awaited.quarter, "team", awaited.team),
    }
    return [
        wait(record=awaited, waits_for=TEAM_MANAGERS, **facts).where(managed),
        *with_the_team(awaited, group=TEAM_LEADS, where=not_(managed), **facts),
    ]


def updates() -> list[Select[Any]]:
    """An update that is due, was begun or was returned waits for the head of service (R4.7.1).

    If nobody heads the service, or its head is away, it waits for Quality & Standards.
    """
    update, awaited = QaUpdate, AwaitedUpdate
    return [
        *_of_service(
            update,
            update.state.in_(QA_UPDATE_TO_SUBMIT),
            kind="complete",
        ),
        *_of_service(
            awaited,
            true(),
            kind="begin",
            path=_of_quarter("qa-updates", awaited.quarter, "service", awaited.service),
        ),
    ]


def _of_service(record: Any, where: ColumnElement[bool], **facts: Any) -> list[Select[Any]]:
    """Waits for each head of the record's service, also one who is away; else for Q&S."""
    about: dict[str, Any] = {
        "list_": "qa-updates",
        "record": record,
        "due_on": record.due_on,
        "uncounted": record.due_on.is_(None),
        **facts,
    }
    head = heads_of(record.service).lateral()
    return [
        wait(person=head.c.worker, in_roles=(Role.HEAD_OF_SERVICE,), **about)
        .join(head, true())
        .where(where),
        wait(waits_for=QUALITY_STANDARDS, **about).where(
            where, not_(headed_by_somebody(record.service))
        ),
    ]


def _of_quarter(list_: str, quarter: Column, of: str, code: Column) -> ColumnElement[Any]:
    """The list in which a team or service stands with what it owes about a quarter."""
    return func.concat(f"/v1/{list_}?quarter=", func.replace(quarter, " ", "%20"), f"&{of}=", code)


def decisions() -> list[Select[Any]]:
    """A decision of the Board waits for its owner; if they have left, for Q&S (R4.7.2)."""
    decision = BoardDecision
    doers = roles_with(Permission.BOARD_DECISION_COMPLETE)
    owns = can(decision.owner, decision, *doers)
    to_do: dict[str, Any] = {"due_on": decision.due_on}
    theirs = wait("do", "board-decisions", decision, person=decision.owner, in_roles=doers, **to_do)
    open_ = decision.done_at.is_(None)
    return [
        theirs.where(open_, owns),
        wait("do", "board-decisions", decision, waits_for=QUALITY_STANDARDS, **to_do).where(
            open_, not_(owns)
        ),
    ]


def retention() -> list[Select[Any]]:
    """A proposed removal waits for a second person: not for the one who proposed it."""
    run = RetentionRun
    return [
        wait(
            "approve_removal",
            "retention-runs",
            run,
            due_on=null(),
            waits_for=QUALITY_STANDARDS,
            barred=these(run.proposed_by),
        ).where(run.state == RetentionRunState.PROPOSED)
    ]


def rights() -> list[Select[Any]]:
    """A change of somebody's rights waits for a second person, in the roles that it asks for (X3).

    Neither who proposed it nor whose rights it changes has a part in it.
    """
    change = RightsChange
    barred = func.array_append(change.workers, person_behind(change.proposed_by))
    proposed = change.state == RightsChangeState.PROPOSED

    def confirm(waits_for: str, unless: RightsConfirmer) -> Select[Any]:
        waits = wait(
            "confirm_rights",
            "rights-changes",
            change,
            due_on=null(),
            waits_for=waits_for,
            barred=cast(barred, ARRAY(Text)),
        )
        return waits.where(proposed, change.confirmer != unless)

    return [
        confirm(QUALITY_STANDARDS, RightsConfirmer.ADMINISTRATOR),
        confirm(ADMINISTRATORS, RightsConfirmer.QUALITY_STANDARDS),
    ]


def hand_overs() -> list[Select[Any]]:
    """A proposed hand-over waits for whoever proposed it; if they have left, for Q&S.

    However old it is: what has changed since is found when it is accepted.
    """
    proposal = HandOver
    proposers = roles_with(Permission.HAND_OVER_CARRY_OUT)
    proposed, able = (
        proposal.state == HandOverState.PROPOSED,
        can(proposal.proposed_by, proposal, *proposers),
    )

    def decide(**whom: Any) -> Select[Any]:
        return wait("accept_hand_over", "hand-overs", proposal, due_on=null(), **whom)

    return [
        decide(person=proposal.proposed_by, in_roles=proposers).where(proposed, able),
        decide(waits_for=QUALITY_STANDARDS).where(proposed, not_(able)),
    ]


def reads() -> list[Select[Any]]:
    """An unusual read waits for Quality & Standards, never for the person who read (X3)."""
    entry = UnusualRead
    return [
        wait(
            "look_into",
            "unusual-reads",
            entry,
            due_on=null(),
            waits_for=QUALITY_STANDARDS,
            barred=these(entry.worker),
        ).where(entry.state == UnusualReadState.FOUND)
    ]
