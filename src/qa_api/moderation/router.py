"""The moderation routes (§4.5)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.computed_reads import answered, computed_read, listed
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import JSON, Change
from qa_api.moderation import queries, service
from qa_api.moderation.agreement_schemas import AgreementOut, AgreementQuery
from qa_api.moderation.figures import agreement_figures
from qa_api.moderation.learning_schemas import (
    LearningActionOut,
    LearningActionQuery,
    LearningActionRow,
    LearningCancelled,
    LearningDone,
    LearningShortfall,
    LearningVerified,
    NewLearningAction,
)
from qa_api.moderation.outcome_filters import AllOutcomesQuery, OutcomeQuery, OutcomesOf
from qa_api.moderation.schemas import (
    ConsensusIn,
    MemberOut,
    ModeratorIn,
    NewSample,
    OutcomeIn,
    OutcomeOut,
    OutcomeRow,
    PopulationOf,
    PopulationQuery,
    RedrawOut,
    SampleOut,
    SampleQuery,
    SampleRow,
)
from qa_api.moderation.steadiness import row_key, steadiness_figures
from qa_api.moderation.steadiness_schemas import SteadinessQuery, SteadinessRow
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["moderation"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.MODERATION_READ)]
Figuring = Annotated[Work, secured(computed_read, Permission.MODERATION_FIGURES)]
ReadingSteadiness = Annotated[Work, secured(computed_read, Permission.STEADINESS_READ)]
Redrawing = Annotated[Change, secured(Change.looking, Permission.MODERATION_READ)]
Drawing = Annotated[Change, secured(Change.creating, Permission.MODERATION_DRAW)]
Running = Annotated[Change, secured(Change.of, Permission.MODERATION_DRAW)]
Moderating = Annotated[Change, secured(Change.of, Permission.MODERATION_RECORD)]
Teaching = Annotated[Change, secured(Change.creating, Permission.MODERATION_RECORD)]
ReadingLearning = Annotated[Reader, secured(Reader.of, Permission.LEARNING_ACTION_READ)]
Learning = Annotated[Change, secured(Change.of, Permission.LEARNING_ACTION_COMPLETE)]
Settling = Annotated[Change, secured(Change.of, Permission.LEARNING_ACTION_SETTLE)]

SAMPLE = "/moderation-samples/{sample_id}"
OUTCOME = SAMPLE + "/outcomes/{audit_id}"
ACTION = "/learning-actions/{learning_action_id}"


# --- samples ---


@router.post("/moderation-samples", response_model=SampleOut, status_code=201)
async def draw_moderation_sample(body: NewSample, drawing: Drawing) -> Response:
    """Draw the sample of a group's completed audits, by lot, and share it out (R4.5.1)."""
    await drawing.do(service.draw_sample, drawing.id, body)
    return await drawing.created(queries.SAMPLE, f"/v1/moderation-samples/{drawing.id}")


@router.get("/moderation-samples", response_model=page_of(SampleRow))
async def list_moderation_samples(
    query: Annotated[SampleQuery, Query()], reading: Reading
) -> Response:
    """The moderation samples that you may know of, the latest period first."""
    return await reading.page(queries.SAMPLES, query)


@router.get(SAMPLE, response_model=SampleOut)
async def get_moderation_sample(sample_id: Uuid, reading: Reading) -> Response:
    """One sample: from what it was drawn, how, and what was drawn."""
    return await reading.document(queries.SAMPLE, id=sample_id)


@router.get(SAMPLE + "/population", response_model=page_of(MemberOut))
async def list_moderation_population(
    sample_id: Uuid, query: Annotated[PopulationQuery, Query()], reading: Reading
) -> Response:
    """The stored population of a sample, with what could not be drawn and why."""
    population = PopulationOf(sample=sample_id, **query.model_dump())
    return await reading.page(queries.POPULATION, population)


@router.post(SAMPLE + "/redraw", response_model=RedrawOut)
async def redraw_moderation_sample(sample_id: Uuid, redrawing: Redrawing) -> Response:
    """Repeat the draw from the stored population, to check it. Nothing is changed."""
    found = await service.redraw_sample(redrawing.work, sample_id)
    return Response(found.model_dump_json(), media_type=JSON)


@router.post(SAMPLE + "/close", response_model=SampleOut)
async def close_moderation_sample(sample_id: Uuid, running: Running) -> Response:
    """End the moderation of a sample. Its outcomes are final, and its auditors get feedback."""
    return await running.step(queries.SAMPLE, service.close_sample, sample_id)


# --- outcomes ---


@router.get(SAMPLE + "/outcomes", response_model=page_of(OutcomeRow))
async def list_moderation_outcomes(
    sample_id: Uuid, query: Annotated[OutcomeQuery, Query()], reading: Reading
) -> Response:
    """The drawn audits of a sample, both judgements side by side, in the order of the lot."""
    outcomes = OutcomesOf(sample=sample_id, **query.model_dump())
    return await reading.page(queries.OUTCOMES, outcomes)


@router.get("/moderation-outcomes", response_model=page_of(OutcomeRow), responses=AS_TABLE)
async def list_all_moderation_outcomes(
    query: Annotated[AllOutcomesQuery, Query()], reading: Reading
) -> Response:
    """The drawn audits of all samples that you may see, the latest completed first."""
    return await reading.page(queries.ALL_OUTCOMES, query)


@router.get(OUTCOME, response_model=OutcomeOut)
async def get_moderation_outcome(sample_id: Uuid, audit_id: Uuid, reading: Reading) -> Response:
    """One drawn audit: the auditor's judgement and, beside it, what moderation found."""
    return await reading.document(queries.OUTCOME, sample_id=sample_id, audit_id=audit_id)


@router.put(OUTCOME, response_model=OutcomeOut)
async def record_moderation_outcome(
    sample_id: Uuid, audit_id: Uuid, body: OutcomeIn, moderating: Moderating
) -> Response:
    """Record the outcome as the audit's moderator. The auditor's judgement stays as it is."""
    expected = moderating.if_match
    await moderating.do(service.record_outcome, sample_id, audit_id, expected, body)
    return await moderating.document(queries.OUTCOME, sample_id=sample_id, audit_id=audit_id)


@router.put(OUTCOME + "/consensus", response_model=OutcomeOut)
async def propose_consensus(
    sample_id: Uuid, audit_id: Uuid, body: ConsensusIn, moderating: Moderating
) -> Response:
    """Propose what auditor and moderator agree on, as one of the two; the other agrees to it."""
    expected = moderating.if_match
    await moderating.do(service.propose_consensus, sample_id, audit_id, expected, body)
    return await moderating.document(queries.OUTCOME, sample_id=sample_id, audit_id=audit_id)


@router.post(OUTCOME + "/agree", response_model=OutcomeOut)
async def agree_on_consensus(sample_id: Uuid, audit_id: Uuid, moderating: Moderating) -> Response:
    """Agree with what the other proposed. It stands beside both judgements, and changes neither."""
    await moderating.do(service.agree_on_consensus, sample_id, audit_id, moderating.if_match)
    return await moderating.document(queries.OUTCOME, sample_id=sample_id, audit_id=audit_id)


@router.post(OUTCOME + "/assign", response_model=OutcomeOut)
async def assign_moderator(
    sample_id: Uuid, audit_id: Uuid, body: ModeratorIn, running: Running
) -> Response:
    """Give the audit to another moderator. Nobody moderates their own audits or cases."""
    await running.do(service.assign_moderator, sample_id, audit_id, running.if_match, body)
    return await running.document(queries.OUTCOME, sample_id=sample_id, audit_id=audit_id)


@router.post(OUTCOME + "/learning-actions", response_model=LearningActionOut, status_code=201)
async def set_learning_action(
    sample_id: Uuid, audit_id: Uuid, body: NewLearningAction, teaching: Teaching
) -> Response:
    """Set somebody a learning action that comes out of the moderation (R4.5.5)."""
    await teaching.do(service.set_learning_action, teaching.id, sample_id, audit_id, body)
    return await teaching.created(queries.LEARNING_ACTION, f"/v1/learning-actions/{teaching.id}")


@router.get("/moderation-agreement", response_model=AgreementOut)
async def get_moderation_agreement(
    query: Annotated[AgreementQuery, Query()], request: Request, work: Figuring
) -> Response:
    """How far auditors and moderators agree, scale by scale; nothing below the policy's minimum."""
    return answered(request, work.policy_version, await agreement_figures(work, query))


@router.get("/auditor-steadiness", response_model=page_of(SteadinessRow))
async def list_auditor_steadiness(
    query: Annotated[SteadinessQuery, Query()], request: Request, work: ReadingSteadiness
) -> Response:
    """How often moderation raised and lowered each auditor's judgements, against the others.

    An auditor sees themselves, Quality & Standards everybody. Until the numbers can tell it is
    'not known yet': a difference of 50 against 25 in a hundred must show in 80 of 100 such samples.
    """
    rows = await steadiness_figures(work, query)
    return listed(request, "auditor-steadiness", query, rows, row_key)


# --- learning actions ---


@router.get("/learning-actions", response_model=page_of(LearningActionRow), responses=AS_TABLE)
async def list_learning_actions(
    query: Annotated[LearningActionQuery, Query()], reading: ReadingLearning
) -> Response:
    """The learning actions that you may know of, soonest due first."""
    return await reading.page(queries.LEARNING_ACTIONS, query)


@router.get(ACTION, response_model=LearningActionOut)
async def get_learning_action(learning_action_id: Uuid, reading: ReadingLearning) -> Response:
    """One learning action."""
    return await reading.document(queries.LEARNING_ACTION, id=learning_action_id)


@router.post(ACTION + "/complete", response_model=LearningActionOut)
async def complete_learning_action(
    learning_action_id: Uuid, body: LearningDone, learning: Learning
) -> Response:
    """Say that it is done. Its owner can."""
    return await learning.step(
        queries.LEARNING_ACTION, service.complete_learning_action, learning_action_id, body
    )


@router.post(ACTION + "/verify", response_model=LearningActionOut)
async def verify_learning_action(
    learning_action_id: Uuid, body: LearningVerified, settling: Settling
) -> Response:
    """Say that you have seen it done. Who set it or Q&S can, but not the doer."""
    return await settling.step(
        queries.LEARNING_ACTION, service.verify_learning_action, learning_action_id, body
    )


@router.post(ACTION + "/not-achieved", response_model=LearningActionOut)
async def find_learning_not_achieved(
    learning_action_id: Uuid, body: LearningShortfall, settling: Settling
) -> Response:
    """Say that what was reported done is not done. It is open again with a new date."""
    return await settling.step(
        queries.LEARNING_ACTION, service.find_learning_not_achieved, learning_action_id, body
    )


@router.post(ACTION + "/cancel", response_model=LearningActionOut)
async def cancel_learning_action(
    learning_action_id: Uuid, body: LearningCancelled, settling: Settling
) -> Response:
    """Cancel it, with the reason. Who set it or Q&S can, but not its owner."""
    return await settling.step(
        queries.LEARNING_ACTION, service.cancel_learning_action, learning_action_id, body
    )
