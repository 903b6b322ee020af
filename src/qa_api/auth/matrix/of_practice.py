"""Who sees what of the practice behind the cases: moderation, observations, the Board."""

from typing import Final

from qa_api.auth.matrix.of_cases import Q_AND_S, SERVICE
from qa_api.auth.matrix.of_planning import PLANNING
from qa_api.auth.matrix.words import Thing, does, open_to
from qa_api.auth.reasons import practice as reasons
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Sight, leads, managers, sees, throughout

_SENIOR, _HEAD = Role.SENIOR_LEADER, Role.HEAD_OF_SERVICE
_OWN, _ALL = Relation.OWN_WORK, Relation.NONE
_MODERATORS: Final = roles_with(Permission.MODERATION_READ)
_BY_Q_AND_S: Final = {Q_AND_S: (_ALL,)}
_BY_MODERATOR: Final = dict.fromkeys(
    roles_with(Permission.MODERATION_RECORD), (Relation.MODERATED,)
)

SAMPLE: Final = Thing(
    name="moderation sample",
    meaning="Which completed audits of a month were drawn for moderation, and how. What is said of"
    " the whole population is for Quality & Standards and senior leaders, and without a grant no"
    " number counts what is restricted.",
    document="get_moderation_sample",
    listed=("list_moderation_samples",),
    computed=("redraw_moderation_sample",),
    rules=reasons.SAMPLES.says,
    acts=does(Permission.MODERATION_DRAW, "draw_moderation_sample close_moderation_sample"),
)

POPULATION: Final = Thing(
    name="moderation population",
    meaning="The audits that a sample was drawn from, those left out with the reason.",
    listed=("list_moderation_population",),
    rules=(throughout(Sight.ROW, Q_AND_S, _SENIOR),),
    restricted=True,
)

OUTCOME: Final = Thing(
    name="moderation outcome",
    meaning="What a moderator made of an audit, beside what its auditor made of the case.",
    texts="rationales, analysis, comments, feedback to the auditor",
    document="get_moderation_outcome",
    listed=("list_moderation_outcomes", "list_all_moderation_outcomes"),
    rules=reasons.OUTCOMES.says,
    restricted=True,
    in_error=frozenset({Q_AND_S}),
    acts=(
        *does(
            Permission.MODERATION_RECORD,
            "record_moderation_outcome",
            _BY_MODERATOR,
            never="the audit's own auditor, who leads the team that holds the case",
        ),
        *does(
            Permission.MODERATION_RECORD,
            "propose_consensus agree_on_consensus",
            _BY_MODERATOR | {Role.AUDITOR: (Relation.MODERATED, _OWN)},
            never="whoever proposed it agrees",
        ),
        *does(Permission.MODERATION_RECORD, "set_learning_action", _BY_MODERATOR | _BY_Q_AND_S),
        *does(Permission.MODERATION_DRAW, "assign_moderator"),
    ),
)

LEARNING: Final = Thing(
    name="learning action",
    meaning="What somebody is to learn from a moderated audit.",
    texts="what it is, how it was done, what its verifier found",
    document="get_learning_action",
    listed=("list_learning_actions",),
    rules=reasons.LEARNING_ACTIONS.says,
    restricted=True,
    in_error=frozenset(),
    acts=(
        *does(
            Permission.LEARNING_ACTION_COMPLETE,
            "complete_learning_action",
            dict.fromkeys(roles_with(Permission.LEARNING_ACTION_COMPLETE), (_OWN,)) | _BY_Q_AND_S,
            never="Quality & Standards while its owner can",
        ),
        *does(
            Permission.LEARNING_ACTION_SETTLE,
            "verify_learning_action find_learning_not_achieved cancel_learning_action",
            dict.fromkeys(roles_with(Permission.LEARNING_ACTION_SETTLE), (_OWN,)) | _BY_Q_AND_S,
            never="whoever did it",
        ),
    ),
)

AGREEMENT: Final = Thing(
    name="agreement figures",
    meaning="How far moderators and auditors agree; of restricted audits without a grant nothing.",
    computed=("get_moderation_agreement",),
    rules=(throughout(Sight.ROW, *roles_with(Permission.MODERATION_FIGURES)),),
)

STEADINESS: Final = Thing(
    name="steadiness of an auditor",
    meaning="How often moderation raised and lowered an auditor's judgements, and how theirs of"
    " practice cases stood to the standards, against the others: for themselves and for Quality &"
    " Standards.",
    computed=("list_auditor_steadiness", "list_practice_steadiness"),
    rules=(throughout(Sight.ROW, Q_AND_S), sees(Sight.ROW, Role.AUDITOR, _OWN)),
)

PRACTICE_CASE: Final = Thing(
    name="practice case",
    meaning="A case that was made up for auditors to practise on: no child's, and in no record.",
    texts="what the case is",
    document="get_practice_case",
    listed=("list_practice_cases",),
    rules=open_to(Permission.PRACTICE_AUDIT_READ),
    acts=does(Permission.PRACTICE_CASE_SET, "set_practice_case"),
)

PRACTICE_STANDARD: Final = Thing(
    name="practice standard",
    meaning="What is held to be right of a practice case. An auditor reads it in their own practice"
    " audit, once they have judged.",
    texts="why it is held to be right",
    document="get_practice_standard",
    rules=(throughout(Sight.TEXT, Q_AND_S),),
)

PRACTICE_AUDIT: Final = Thing(
    name="practice audit",
    meaning="How an auditor judged a practice case, beside what is held to be right of it.",
    texts="both rationales",
    document="get_practice_audit",
    listed=("list_practice_audits",),
    rules=reasons.PRACTICE_AUDITS.says,
    acts=does(
        Permission.PRACTICE_AUDIT_RECORD,
        "record_practice_audit",
        never="members of Quality & Standards, who read the standards",
    ),
)

PRACTICE_FIGURES: Final = Thing(
    name="practice figures",
    meaning="How far practice audits agree with the standards, of all auditors together.",
    computed=("get_practice_agreement",),
    rules=(throughout(Sight.ROW, *roles_with(Permission.MODERATION_FIGURES)),),
)

OBSERVATION: Final = Thing(
    name="practice observation",
    meaning="What was seen of a worker's practice.",
    texts="activity, feedback, strengths, development",
    document="get_practice_observation",
    listed=("list_practice_observations",),
    rules=reasons.OBSERVATIONS.says,
    in_row=frozenset({"activity"}),
    acts=(
        *does(
            Permission.OBSERVATION_RECORD,
            "record_practice_observation correct_practice_observation"
            " withdraw_practice_observation",
            never="nobody observes themselves; the head of service while somebody supervises or"
            " manages the team, Quality & Standards while anybody leads it",
        ),
    ),
)

OBSERVATION_EXEMPTION: Final = Thing(
    name="exemption from observations",
    meaning="That fewer or no observations are asked of a worker for a time, and why.",
    texts="the reason",
    document="get_observation_exemption",
    listed=("list_observation_exemptions",),
    rules=reasons.EXEMPTIONS.says,
    acts=does(
        Permission.OBSERVATION_EXEMPT, "grant_observation_exemption end_observation_exemption"
    ),
)

COMPLIANCE: Final = Thing(
    name="observation compliance",
    meaning="How many observations were made of how many asked, of a worker, team or service.",
    listed=("list_observation_compliance",),
    rules=(
        throughout(Sight.ROW, Q_AND_S, _SENIOR),
        *leads(Sight.ROW),
        sees(Sight.ROW, Role.WORKER, _OWN),
    ),
)

HIGHLIGHT: Final = Thing(
    name="learning highlight",
    meaning="What a manager learned in a quarter, and what became of it.",
    texts="the highlight, what was done",
    document="get_learning_highlight",
    listed=("list_learning_highlights",),
    rules=reasons.HIGHLIGHTS.says,
    in_row=frozenset({"topic"}),
    acts=(
        *does(Permission.HIGHLIGHT_RECORD, "record_learning_highlight"),
        *does(
            Permission.HIGHLIGHT_ANSWER,
            "answer_learning_highlight",
            never="Quality & Standards while any of those addressed can",
        ),
    ),
)

HIGHLIGHT_RETURN: Final = Thing(
    name="highlight return",
    meaning="Whether a team's highlights of a quarter came, late or at all.",
    listed=("list_learning_highlight_returns",),
    rules=(throughout(Sight.ROW, Q_AND_S, _SENIOR), *managers(Sight.ROW)),
)

FIGURES: Final = Thing(
    name="figures",
    meaning="Counts of what the caller may list, each with the list behind it.",
    document="get_metrics",
    computed=("get_metrics_breakdown", "get_metrics_charts"),
    rules=(sees(Sight.ROW, roles_with(Permission.METRICS_READ), _ALL),),
)

CHART_CHANGE: Final = Thing(
    name="change marked in a chart",
    meaning="From which month on a control chart has new limits, and what was changed.",
    texts="why, why it was withdrawn",
    document="get_chart_change",
    listed=("list_chart_changes",),
    rules=(sees(Sight.ROW, roles_with(Permission.METRICS_READ), _ALL),),
    acts=does(Permission.CHART_CHANGE_MARK, "mark_chart_change withdraw_chart_change"),
)

UPDATE: Final = Thing(
    name="QA update",
    meaning="What a head of service tells the Board about a quarter of their service.",
    texts="the narrative, why it was returned",
    document="get_qa_update",
    listed=("list_qa_updates",),
    rules=(*reasons.QA_UPDATES.says, sees(Sight.EXISTS, _SENIOR, _ALL)),
    acts=(
        *does(
            Permission.QA_UPDATE_WRITE,
            "begin_qa_update write_qa_update submit_qa_update",
            {_HEAD: (SERVICE,), Q_AND_S: (_ALL,)},
            never="Quality & Standards where somebody heads the service",
        ),
        *does(Permission.QA_UPDATE_RETURN, "return_qa_update"),
    ),
)

REPORT: Final = Thing(
    name="board report",
    meaning="What Quality & Standards presents to the Board, frozen when it is presented.",
    texts="summary, decisions",
    named=True,
    document="get_board_report",
    listed=("list_board_reports",),
    rules=reasons.BOARD_REPORTS.says,
    acts=(
        *does(
            Permission.BOARD_REPORT_WRITE,
            "draft_board_report edit_board_report present_board_report record_board_decision"
            " disseminate_board_report",
        ),
        *does(
            Permission.BOARD_REPORT_ACKNOWLEDGE,
            "acknowledge_board_report",
            dict.fromkeys(roles_with(Permission.BOARD_REPORT_ACKNOWLEDGE), (Relation.ADDRESSED,)),
        ),
    ),
)

DECISION: Final = Thing(
    name="board decision",
    meaning="What the Board decided, whose it is to do and how it was done.",
    texts="the decision, how it was done",
    document="get_board_decision",
    listed=("list_board_decisions",),
    rules=reasons.BOARD_DECISIONS.says,
    acts=does(
        Permission.BOARD_DECISION_COMPLETE,
        "complete_board_decision",
        dict.fromkeys(roles_with(Permission.BOARD_DECISION_COMPLETE), (_OWN,)) | _BY_Q_AND_S,
    ),
)

HAND_OVER: Final = Thing(
    name="hand-over",
    meaning="What of somebody's open work goes to whom, what stays and why. A new holder is shown"
    " what they were given, once it is carried out. Whose record a thing is about shows only to who"
    " may see the thing itself.",
    document="get_hand_over",
    listed=("list_hand_overs",),
    rules=(
        throughout(Sight.ROW, Q_AND_S),
        sees(Sight.ROW, roles_with(Permission.HAND_OVER_READ), _OWN),
        sees(Sight.ROW, roles_with(Permission.HAND_OVER_READ), Relation.ADDRESSED),
    ),
    acts=(
        *does(Permission.HAND_OVER_CARRY_OUT, "propose_hand_over"),
        *does(
            Permission.HAND_OVER_CARRY_OUT,
            "accept_hand_over",
            dict.fromkeys(roles_with(Permission.HAND_OVER_CARRY_OUT), (_OWN,)),
        ),
        *does(
            Permission.HAND_OVER_CARRY_OUT,
            "withdraw_hand_over",
            dict.fromkeys(roles_with(Permission.HAND_OVER_CARRY_OUT), (_OWN,)) | _BY_Q_AND_S,
        ),
    ),
)

DATASET: Final = Thing(
    name="dataset",
    meaning="Flat rows for reporting tools: codes, dates and pseudonyms, never what was written."
    " Quality & Standards see the references of children, the reporting tools do not.",
    document="pull_dataset",
    computed=("get_datasets", "get_dataset_schema", "get_download"),
    rules=(sees(Sight.FIELDS, roles_with(Permission.REPORTING_READ), _ALL),),
)

PRACTICE: Final = (
    SAMPLE,
    POPULATION,
    OUTCOME,
    LEARNING,
    AGREEMENT,
    STEADINESS,
    PRACTICE_CASE,
    PRACTICE_STANDARD,
    PRACTICE_AUDIT,
    PRACTICE_FIGURES,
    OBSERVATION,
    OBSERVATION_EXEMPTION,
    COMPLIANCE,
    HIGHLIGHT,
    HIGHLIGHT_RETURN,
    *PLANNING,
    FIGURES,
    CHART_CHANGE,
    UPDATE,
    REPORT,
    DECISION,
    HAND_OVER,
    DATASET,
)
