"""What stands of a moderation (R4.5.1, R4.5.3)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_AS_DRAWN: Final = "what was drawn stands, so that anybody can draw it again"
_SAMPLE_OPEN: Final = (
    "EXISTS (SELECT FROM moderation_samples s WHERE s.id = OLD.sample_id AND s.state = 'open')"
)
_DRAWN_NOW: Final = "what is drawn is added by the draw, and says what its audit says"
_OF_THE_DRAW: Final = (
    "EXISTS (SELECT FROM moderation_samples s WHERE s.id = OLD.sample_id AND qa_written_now(s.xid))"
)
_POPULATION: Final = (
    "EXISTS (SELECT FROM moderation_samples s JOIN audits a ON a.id = OLD.audit_id"
    " WHERE s.id = OLD.sample_id AND qa_written_now(s.xid) AND a.state IN ('completed', 'closed')"
    " AND (OLD.audit_type, OLD.judgement, OLD.audited_team, OLD.exclusion)"
    " IS NOT DISTINCT FROM (a.type, coalesce(a.overall_judgement, (SELECT j.judgement"
    " FROM domain_judgements j JOIN scale_points p ON p.scale_code = j.scale_code"
    " AND p.scale_number = j.scale_number AND p.code = j.judgement"
    " WHERE j.audit_id = a.id ORDER BY p.position DESC LIMIT 1), ''), a.audited_team,"
    " CASE WHEN a.recorded_in_error_at IS NOT NULL THEN 'recorded_in_error'"
    " WHEN a.restricted THEN 'restricted' END)"
    " AND NOT (OLD.drawn AND OLD.exclusion IS NOT NULL))"
)
_LOT: Final = (
    "EXISTS (SELECT FROM moderation_samples s JOIN moderation_members m ON m.sample_id = s.id"
    " JOIN audits a ON a.id = m.audit_id WHERE s.id = OLD.sample_id AND qa_written_now(s.xid)"
    " AND s.state = 'open' AND m.audit_id = OLD.audit_id AND m.drawn"
    " AND (OLD.auditor, OLD.auditor_team, OLD.audit_type, OLD.audit_revision, OLD.completed_on,"
    " OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale)"
    " IS NOT DISTINCT FROM (a.auditor, a.auditor_team, a.type, a.revision, a.completed_on,"
    " a.scale_code, a.scale_number, a.overall_judgement, a.overall_rationale))"
)

_DOMAIN: Final = (
    "EXISTS (SELECT FROM moderation_samples s JOIN moderation_outcomes o ON o.sample_id = s.id"
    " JOIN domain_judgements j ON j.audit_id = o.audit_id AND j.domain_key = OLD.domain_key"
    " WHERE o.id = OLD.outcome_id AND o.audit_id = OLD.audit_id AND qa_written_now(s.xid)"
    " AND (OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale)"
    " IS NOT DISTINCT FROM (j.scale_code, j.scale_number, j.judgement, j.rationale))"
)
_DOMAIN_OPEN: Final = (
    "EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id"
    " WHERE o.id = OLD.outcome_id AND s.state = 'open')"
)
_CONSENSUS: Final = (
    "consensus_judgement consensus_rationale consensus_proposed_at consensus_proposed_by"
    " consensus_agreed_at consensus_agreed_by"
)
_JUDGED: Final = "a judgement stands once the other was shown, but where policy lets both be open"
_OPEN_OR_TO_JUDGE: Final = (
    "EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id"
    " AND (o.unsealed_because = 'policy' OR o.moderated_at IS NULL))"
)
_OF_TWO: Final = "a consensus follows two judgements of which neither followed the other"
_READS_IT_NOT: Final = (
    "NOT EXISTS (SELECT FROM audits a JOIN principals p ON p.worker = NEW.moderator"
    " JOIN role_assignments h ON h.principal_id = p.id"
    " AND h.valid @> coalesce(qa_today(), (now() AT TIME ZONE 'Europe/London')::date)"
    " WHERE a.id = NEW.audit_id AND (h.role IN ('senior_leader', 'quality_standards', 'reporting')"
    " OR (h.role IN ('practice_supervisor', 'team_manager', 'head_of_service')"
    " AND (h.team = a.team OR h.service IN (SELECT t.service FROM team_services t"
    " WHERE t.team = a.team"
    " AND t.valid @> coalesce(qa_today(), (now() AT TIME ZONE 'Europe/London')::date))))))"
)
_OF_THE_TWO: Final = (
    "NEW.consensus_proposed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator))"
    " AND (NEW.consensus_agreed_by IS NULL"
    " OR (NEW.consensus_agreed_by IN (NEW.auditor, coalesce(NEW.moderated_by, NEW.moderator))"
    " AND NEW.consensus_agreed_by <> NEW.consensus_proposed_by))"
)
_TWO_JUDGED: Final = (
    "EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id"
    " AND o.sealed AND o.moderated_at IS NOT NULL)"
)
_NOT_AGREED_YET: Final = (
    "EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id"
    " AND o.consensus_agreed_at IS NULL)"
)

MODERATION: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Frozen(
        "moderation_samples",
        "draw",
        '"group" period starts_on ends_before method seed population_hash policy_version'
        " second_grade explanation drawn_at drawn_by",
        _AS_DRAWN,
    ),
    Frozen(
        "moderation_samples",
        "end",
        "closed_at closed_by",
        "a sample that was closed stays so",
        since="OLD.closed_at IS NOT NULL",
    ),
    Frozen(
        "moderation_members",
        "draw",
        "sample_id audit_id audit_type judgement audited_team exclusion stratum drawn",
        _AS_DRAWN,
    ),
    Begun(
        "moderation_samples",
        "draw",
        "what was drawn is moderated: each audit has its outcome to come",
        not_as="true",
        witness="NOT EXISTS (SELECT FROM moderation_members m"
        " WHERE m.sample_id = NEW.id AND m.drawn AND NOT EXISTS (SELECT FROM moderation_outcomes o"
        " WHERE o.sample_id = m.sample_id AND o.audit_id = m.audit_id))",
        at_commit=True,
    ),
    Closed("moderation_members", "draw", _DRAWN_NOW, _POPULATION),
    Frozen("moderating_teams", "turn", "sample_id team", _AS_DRAWN),
    Closed("moderating_teams", "draw", _DRAWN_NOW, _OF_THE_DRAW),
    Closed("moderation_outcomes", "draw", _DRAWN_NOW, _LOT),
    Begun(
        "moderation_outcomes",
        "outcome",
        "what was drawn is moderated afterwards",
        "quality analysis themes observations contribution_to_impact moderated_judgement"
        " moderated_rationale action_plan_comments feedback_to_auditor moderated_at moderated_by"
        f" {_CONSENSUS}",
    ),
    Frozen(
        "moderation_outcomes",
        "auditor",
        "sample_id audit_id position auditor auditor_team audit_type audit_revision completed_on"
        " scale_code scale_number auditor_judgement auditor_rationale",
        "moderation never overwrites what the auditor judged",
    ),
    Frozen(
        "moderation_outcomes",
        "outcome",
        "moderator relation_to_auditor assigned_at sealed unsealed_because"
        " quality analysis themes observations contribution_to_impact"
        " moderated_judgement moderated_rationale action_plan_comments feedback_to_auditor"
        f" moderated_at moderated_by {_CONSENSUS}",
        "an outcome stands once its sample is closed",
        witness=_SAMPLE_OPEN,
    ),
    Frozen(
        "moderation_outcomes",
        "consensus",
        _CONSENSUS,
        "what two agreed on stands",
        since="OLD.consensus_agreed_at IS NOT NULL",
    ),
    Frozen(
        "moderation_outcomes",
        "two",
        _CONSENSUS,
        _OF_TWO,
        since="NOT (OLD.sealed AND OLD.moderated_at IS NOT NULL)",
    ),
    Closed("moderated_domains", "draw", _DRAWN_NOW, _DOMAIN),
    Begun(
        "moderated_domains",
        "outcome",
        "what was drawn is moderated afterwards",
        "moderated_judgement moderated_rationale consensus_judgement consensus_rationale",
    ),
    Frozen(
        "moderated_domains",
        "auditor",
        "outcome_id domain_key audit_id scale_code scale_number auditor_judgement"
        " auditor_rationale",
        "moderation never overwrites what the auditor judged",
    ),
    Frozen(
        "moderated_domains",
        "outcome",
        "moderated_judgement moderated_rationale consensus_judgement consensus_rationale",
        "an outcome stands once its sample is closed",
        witness=_DOMAIN_OPEN,
    ),
    Frozen(
        "moderated_domains",
        "seal",
        "moderated_judgement moderated_rationale",
        _JUDGED,
        witness=_OPEN_OR_TO_JUDGE,
    ),
    Frozen(
        "moderated_domains",
        "consensus",
        "consensus_judgement consensus_rationale",
        "what two agreed on stands",
        witness=_NOT_AGREED_YET,
    ),
    Frozen(
        "moderated_domains",
        "two",
        "consensus_judgement consensus_rationale",
        _OF_TWO,
        witness=_TWO_JUDGED,
    ),
    Frozen(
        "moderation_outcomes",
        "seal",
        "moderated_judgement moderated_rationale moderated_at moderated_by",
        _JUDGED,
        since="OLD.moderated_at IS NOT NULL AND OLD.unsealed_because IS DISTINCT FROM 'policy'",
    ),
    Frozen(
        "moderation_outcomes",
        "pair",
        "moderator sealed unsealed_because",
        "who judged, and whether sealed, stands once they have judged",
        since="OLD.moderated_at IS NOT NULL",
    ),
    Frozen(
        "moderation_outcomes",
        "sealing",
        "sealed",
        "whoever has it unsealed has it sealed no more: another moderator may",
        since="NOT OLD.sealed",
        unless="NEW.moderator <> coalesce(OLD.moderator, '')",
    ),
    Frozen(
        "moderation_outcomes",
        "who_reads",
        "moderator sealed",
        "whoever reads the judgement anyway has it open",
        unless="NOT NEW.sealed OR NEW.moderator IS NULL",
        witness=_READS_IT_NOT,
    ),
    Frozen(
        "moderation_outcomes",
        "judge",
        "moderated_by",
        "whoever has it to moderate judges it",
        unless="NEW.moderated_by = NEW.moderator",
    ),
    Frozen(
        "moderation_outcomes",
        "parties",
        "consensus_proposed_by consensus_agreed_by",
        "a consensus is of auditor and moderator, each with the other",
        unless=_OF_THE_TWO,
    ),
    Frozen(
        "learning_actions",
        "content",
        "outcome_id description owner set_at set_by",
        "a learning action stands as it was set",
    ),
    Frozen(
        "learning_actions",
        "end",
        "due_on done_on done_by how verified_at verified_by made_a_difference verification_note"
        " not_achieved_reason cancelled_at cancel_reason",
        "what was said of a settled learning action stands",
        since="OLD.state IN ('verified', 'cancelled')",
    ),
    Closed(
        "learning_actions",
        "content",
        "a learning action is set once it is moderated, while its sample is open",
        "EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id"
        " WHERE o.id = OLD.outcome_id AND o.moderated_at IS NOT NULL AND s.state = 'open')",
    ),
)
