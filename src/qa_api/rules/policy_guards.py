"""Which policy keys protect people, and when a change makes that protection weaker (X3).

Two people make a safeguard weaker. Each key says in which direction that is: who sees what, who is
told and how soon, what is looked into. A key that says never is a figure of the procedure's own.
Quality & Standards are told of every change.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import OverdueStep


class WeakenedWhen(StrEnum):
    """When a change of a key makes a safeguard weaker."""

    RAISED = "raised"
    LOWERED = "lowered"
    SWITCHED_OFF = "switched_off"
    CHANGED = "changed"
    ADDED_TO = "added_to"
    TAKEN_FROM = "taken_from"
    SHORTENED = "shortened"
    NEVER = "never"


_W = WeakenedWhen

WEAKENED_WHEN: Final[Mapping[str, WeakenedWhen]] = {
    # Who sees what.
    "small_cell_minimum": _W.LOWERED,
    "agreement_minimum_pairs": _W.LOWERED,
    "restriction_grant_days": _W.RAISED,
    "moderation_teams_maximum": _W.RAISED,
    "rights_confirmed_by": _W.CHANGED,
    # Who is told, and how soon.
    "response_overdue_steps": _W.TAKEN_FROM,
    "notification_queued_working_days": _W.RAISED,
    "message_parked_after_hours": _W.RAISED,
    "acknowledge_working_days": _W.RAISED,
    "inform_working_days": _W.RAISED,
    "raised_on_non_working_day": _W.CHANGED,
    "calendar_notice_days": _W.LOWERED,
    # Whose reads are looked into, and what a reader says.
    "looking_rules": _W.TAKEN_FROM,
    "looking_page_records": _W.LOWERED,
    "looking_hour_records": _W.RAISED,
    "looking_window_days": _W.LOWERED,
    "looking_same_days": _W.RAISED,
    "looking_same_times": _W.RAISED,
    "looking_from_hour": _W.LOWERED,
    "looking_until_hour": _W.RAISED,
    "purpose_required": _W.SWITCHED_OFF,
    "purposes": _W.ADDED_TO,
    "purposes_standing": _W.ADDED_TO,
    # What holds a case open, and what is kept.
    "in_use_from": _W.RAISED,
    "closure_exempt_reasons": _W.ADDED_TO,
    "closure_action_standard": _W.CHANGED,
    "retention_rules": _W.SHORTENED,
    "caseload_kept_days": _W.RAISED,
    "own_view_days": _W.LOWERED,
    # The procedure's own figures: what is due when, how much is sampled, what is counted.
    "cadence_anchor": _W.NEVER,
    "carers_first_audit_months": _W.NEVER,
    "carers_audit_every_months": _W.NEVER,
    "carers_audits_owed_from": _W.NEVER,
    "due_audit_lead_days": _W.NEVER,
    "response_working_days": _W.NEVER,
    "return_working_days": _W.NEVER,
    "review_working_days": _W.NEVER,
    "same_case_months": _W.NEVER,
    "coverage_months": _W.NEVER,
    "auditor_load_limit": _W.NEVER,
    "moderation_frequency": _W.NEVER,
    "moderation_sample_percent": _W.NEVER,
    "moderation_sample_minimum": _W.NEVER,
    "moderation_sample_maximum": _W.NEVER,
    "moderation_strata": _W.NEVER,
    "moderation_second_grade": _W.NEVER,
    "agreement_kappa_weights": _W.NEVER,
    "observations_required": _W.NEVER,
    "observation_window": _W.NEVER,
    "observation_window_months": _W.NEVER,
    "observation_prorated": _W.NEVER,
    "observation_rounding": _W.NEVER,
    "long_absence_days": _W.NEVER,
    "highlights_working_days": _W.NEVER,
    "qa_update_working_days": _W.NEVER,
    "figure_out_of_from": _W.NEVER,
    "figure_share_from": _W.NEVER,
    "figure_widest_interval": _W.NEVER,
    "chart_shift_points": _W.NEVER,
    "chart_trend_points": _W.NEVER,
    "steadiness_quarters": _W.NEVER,
    "looking_outcomes": _W.NEVER,
}
"""Every key of the policy; a test holds the two together."""


def weakened_by(before: Policy, after: Policy) -> tuple[str, ...]:
    """The keys of a policy that protect less than they did, in the order of the rule book."""
    return tuple(
        key
        for key, when in WEAKENED_WHEN.items()
        if _IS[when](getattr(before, key), getattr(after, key))
    )


def _added(before: Any, after: Any) -> bool:
    return bool(set(after) - set(before))


def _taken(before: Any, after: Any) -> bool:
    """Whether a list loses an entry that protects: a step, or a role of a rule."""
    return not all(any(_covers(new, old) for new in after) for old in before)


def _shortened(before: Any, after: Any) -> bool:
    """Whether something is kept for less time than before; without a rule it is kept for ever."""
    return not all(
        any(
            (old.record_class, old.trigger) == (new.record_class, new.trigger)
            and old.years <= new.years
            for old in before
        )
        for new in after
    )


def _covers(new: Any, old: Any) -> bool:
    """Whether a step, or a rule with its roles, protects as much as another of its list."""
    if isinstance(old, OverdueStep):
        return bool(new.tell == old.tell and new.working_days_after <= old.working_days_after)
    return bool(new.rule == old.rule and set(old.roles) <= set(new.roles))


_IS: Final[Mapping[WeakenedWhen, Callable[[Any, Any], bool]]] = {
    WeakenedWhen.RAISED: lambda before, after: after > before,
    WeakenedWhen.LOWERED: lambda before, after: after < before,
    WeakenedWhen.SWITCHED_OFF: lambda before, after: before and not after,
    WeakenedWhen.CHANGED: lambda before, after: before != after,
    WeakenedWhen.ADDED_TO: _added,
    WeakenedWhen.TAKEN_FROM: _taken,
    WeakenedWhen.SHORTENED: _shortened,
    WeakenedWhen.NEVER: lambda _, __: False,
}
