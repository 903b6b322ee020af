"""Every number, label and list that the procedure gives, as data with its clause.

The procedure is one authority's instance. A policy is a version with an effective-from date;
a record keeps the version it was made under.
"""

from dataclasses import field, fields
from datetime import date

from qa_api.rules.policy_of_caseloads import PolicyOfCaseloads
from qa_api.rules.policy_of_closings import PolicyOfClosings
from qa_api.rules.policy_of_figures import PolicyOfFigures
from qa_api.rules.policy_of_reads import PolicyOfReads
from qa_api.rules.policy_values import (
    FIRST_DAY,
    CadenceAnchor,
    KappaWeights,
    ModerationFrequency,
    NonWorkingDay,
    ObservationWindow,
    OverdueStep,
    Recipient,
    RetentionRule,
    RightsConfirmer,
    Rounding,
    SampleStratum,
    SecondGrade,
    day,
    listed,
    one_of,
    overdue_steps,
    retention_rules,
    whole,
    written,
    yes_or_no,
)
from qa_api.rules.policy_values import said as _said


class Policy(PolicyOfReads, PolicyOfClosings, PolicyOfFigures, PolicyOfCaseloads):
    """One version of an authority's policy. The defaults are the procedure's own values."""

    version: int
    effective_from: date

    # §3 Service-area audits
    cadence_anchor: CadenceAnchor = field(
        default=CadenceAnchor.FROM_PANEL_DATE,
        metadata=_said(
            "§3, R3.2",
            "choice",
            one_of(CadenceAnchor),
            "What a carer audit's due dates count from.",
        ),
    )
    carers_first_audit_months: int = field(
        default=12,
        metadata=_said(
            "§3, R3.2",
            "months",
            whole(1, 120),
            "Months from the first presentation at Panel to the first carer audit.",
        ),
    )
    carers_audit_every_months: int = field(
        default=12,
        metadata=_said(
            "§3, R3.2", "months", whole(1, 120), "Months between carer audits after the first."
        ),
    )
    carers_audits_owed_from: date = field(
        default=FIRST_DAY,
        metadata=_said(
            "§3, R3.2",
            "date",
            day(),
            "The first due date that is looked after here: earlier audits are on record elsewhere.",
        ),
    )
    due_audit_lead_days: int = field(
        default=28,
        metadata=_said(
            "§3, R3.2",
            "days",
            whole(0, 366),
            "How long before its due date a planned audit is created.",
        ),
    )

    # §4.2 Audit response
    response_working_days: int = field(
        default=5,
        metadata=_said(
            "§4.2, R4.2.1",
            "working days",
            whole(1, 60),
            "Working days after notification within which the audit response is due.",
        ),
    )
    return_working_days: int = field(
        default=5,
        metadata=_said(
            "§4.2, R4.2.4",
            "working days",
            whole(1, 60),
            "Working days after a return within which the next round is due.",
        ),
    )
    review_working_days: int = field(
        default=5,
        metadata=_said(
            "§4.2, R4.2.4",
            "working days",
            whole(1, 60),
            "Working days after submission within which the adequacy review is due.",
        ),
    )
    response_overdue_steps: tuple[OverdueStep, ...] = field(
        default=(OverdueStep(1, Recipient.TEAM_MANAGER),),
        metadata=_said(
            "§4.2, R4.2.5",
            "working days after the due date, and who is told",
            overdue_steps(),
            "Who is told of an overdue response, once each, and when.",
        ),
    )
    notification_queued_working_days: int = field(
        default=0,
        metadata=_said(
            "§4.2, R4.2.8",
            "working days",
            whole(0, 60),
            "Working days a notification may stay queued; 0 is the end of the same working day.",
        ),
    )

    message_parked_after_hours: int = field(
        default=24,
        metadata=_said(
            "§4.2, R4.2.7",
            "hours",
            whole(1, 720),
            "How long a message may fail while its receiver takes others, until its case goes on.",
        ),
    )

    # §4.3 Urgent findings and inadequate judgements
    acknowledge_working_days: int = field(
        default=0,
        metadata=_said(
            "§4.3, R4.3.3",
            "working days",
            whole(0, 20),
            "What 'immediately' means for the team manager; 0 is the end of the same working day.",
        ),
    )
    inform_working_days: int = field(
        default=1,
        metadata=_said(
            "§4.3, R4.3.3",
            "working days",
            whole(0, 20),
            "Working days after it was raised by the end of which Q&S must be informed.",
        ),
    )
    raised_on_non_working_day: NonWorkingDay = field(
        default=NonWorkingDay.NEXT_WORKING_DAY,
        metadata=_said(
            "§4.3, R4.3.3",
            "choice",
            one_of(NonWorkingDay),
            "Which day is 'the same working day' for what is raised on a day that is none.",
        ),
    )

    # §4.4 Auditor groups and the quarter plan
    same_case_months: int = field(
        default=12,
        metadata=_said(
            "§4.4, R4.4.3",
            "months",
            whole(0, 60),
            "Months within which no case is audited twice under a quarter plan.",
        ),
    )
    auditor_load_limit: int = field(
        default=3,
        metadata=_said(
            "§4.4, R4.4.3",
            "audits",
            whole(1, 100),
            "Audits of a quarter plan proposed for one auditor at most.",
        ),
    )

    # §4.5 Moderation
    moderation_frequency: ModerationFrequency = field(
        default=ModerationFrequency.MONTH,
        metadata=_said(
            "§4.5, R4.5.1",
            "choice",
            one_of(ModerationFrequency),
            "How often a sample of the previous period's completed audits is drawn.",
        ),
    )
    moderation_sample_percent: int = field(
        default=20,
        metadata=_said(
            "§4.5, R4.5.1",
            "per cent",
            whole(1, 100),
            "Share of each population that is sampled, rounded up.",
        ),
    )
    moderation_sample_minimum: int = field(
        default=2,
        metadata=_said(
            "§4.5, R4.5.1", "audits", whole(0, 1000), "Sample size below which no draw falls."
        ),
    )
    moderation_sample_maximum: int = field(
        default=10,
        metadata=_said(
            "§4.5, R4.5.1", "audits", whole(1, 1000), "Sample size above which no draw rises."
        ),
    )
    moderation_strata: tuple[SampleStratum, ...] = field(
        default=(),
        metadata=_said(
            "§4.5, R4.5.1",
            "list",
            listed(SampleStratum),
            "What the sample is spread over, in this order.",
        ),
    )
    moderation_teams_maximum: int = field(
        default=2,
        metadata=_said(
            "§4.5, R4.5.2", "teams", whole(1, 10), "Teams of the group that moderate a sample."
        ),
    )
    moderation_second_grade: SecondGrade = field(
        default=SecondGrade.SEALED,
        metadata=_said(
            "§4.5, R4.5.3",
            "choice",
            one_of(SecondGrade),
            "Whether moderators judge before they see the auditor's judgement.",
        ),
    )
    agreement_minimum_pairs: int = field(
        default=60,
        metadata=_said(
            "§4.5, R4.5.4",
            "pairs of judgements",
            whole(2, 10_000),
            "Pairs below which only exact and within-one agreement are shown.",
        ),
    )
    agreement_kappa_weights: KappaWeights = field(
        default=KappaWeights.LINEAR,
        metadata=_said(
            "§4.5, R4.5.4",
            "choice",
            one_of(KappaWeights),
            "How a disagreement weighs: its distance in ranks, or the square of it.",
        ),
    )

    # §4.6 Practice observations
    observations_required: int = field(
        default=2,
        metadata=_said(
            "§4.6, R4.6.1", "observations", whole(0, 24), "Practice observations per worker."
        ),
    )
    observation_window: ObservationWindow = field(
        default=ObservationWindow.FINANCIAL_YEAR,
        metadata=_said(
            "§4.6, R4.6.1",
            "choice",
            one_of(ObservationWindow),
            "Which period the observations are counted in.",
        ),
    )
    observation_window_months: int = field(
        default=12,
        metadata=_said("§4.6, R4.6.1", "months", whole(1, 36), "How long that period is."),
    )
    observation_prorated: bool = field(
        default=True,
        metadata=_said(
            "§4.6, R4.6.1",
            "yes or no",
            yes_or_no(),
            "Are joiners, leavers and long absences asked for their share only?",
        ),
    )
    observation_rounding: Rounding = field(
        default=Rounding.UP,
        metadata=_said("§4.6, R4.6.1", "choice", one_of(Rounding), "How a share is made whole."),
    )
    long_absence_days: int = field(
        default=28,
        metadata=_said(
            "§4.6, R4.6.1",
            "days",
            whole(1, 366),
            "From how many days in a row an absence counts as long.",
        ),
    )
    highlights_working_days: int = field(
        default=10,
        metadata=_said(
            "§4.6, R4.6.3",
            "working days",
            whole(1, 60),
            "Working days after the quarter within which learning highlights are due.",
        ),
    )

    # §4.7 Quality Assurance Board
    qa_update_working_days: int = field(
        default=10,
        metadata=_said(
            "§4.7, R4.7.1",
            "working days",
            whole(1, 60),
            "Working days after the quarter within which a QA update is due.",
        ),
    )
    small_cell_minimum: int = field(
        default=5,
        metadata=_said(
            "§4.7, R4.7.3",
            "subjects",
            whole(1, 50),
            "Count below which a published figure is not shown.",
        ),
    )

    # Everyone's expectations
    restriction_grant_days: int = field(
        default=14,
        metadata=_said(
            "X3",
            "days",
            whole(1, 90),
            "For how long somebody may be let in to a restricted record at most, each time.",
        ),
    )
    retention_rules: tuple[RetentionRule, ...] = field(
        default=(
            RetentionRule("child_record", 75, "born_on"),
            RetentionRule("carer_record", 10, "last_recorded_on"),
            RetentionRule("practice_observation", 6, "last_recorded_on"),
            RetentionRule("access_log", 6, "last_recorded_on"),
        ),
        metadata=_said(
            "X4",
            "years from a trigger, per record class",
            retention_rules(),
            "How long each class of record is kept.",
        ),
    )
    rights_confirmed_by: RightsConfirmer = field(
        default=RightsConfirmer.EITHER,
        metadata=_said(
            "X3",
            "choice",
            one_of(RightsConfirmer),
            "Who confirms what an administrator proposes of somebody's rights.",
        ),
    )
    calendar_notice_days: int = field(
        default=180,
        metadata=_said(
            "§4.2, R4.2.1",
            "days",
            whole(1, 730),
            "How long before the bank holiday calendar ends people are told.",
        ),
    )

    def values(self) -> dict[str, object]:
        """Every value as plain JSON, ready for ``policy_from_values``."""
        named = (value.name for value in fields(self) if value.metadata)
        return {name: written(getattr(self, name)) for name in named}
