"""The figures of a simulation, and what each key of the policy has to do with them."""

from collections.abc import Mapping
from typing import Final

from qa_api.rules.policy_keys import POLICY_KEYS
from qa_api.rules.unchanging import Unchanging


class Figure(Unchanging):
    """One figure: what it counts, and the keys of the policy that it depends on."""

    name: str
    counts: str
    keys: tuple[str, ...] = ()


_DATES: Final = (
    "cadence_anchor",
    "carers_first_audit_months",
    "carers_audit_every_months",
    "carers_audits_owed_from",
)
_OBSERVED: Final = (
    "observations_required",
    "observation_window",
    "observation_window_months",
    "observation_prorated",
    "observation_rounding",
    "long_absence_days",
)
_SIZE: Final = (
    "moderation_frequency",
    "moderation_sample_percent",
    "moderation_sample_minimum",
    "moderation_sample_maximum",
)
_PAIRS: Final = (*_SIZE, "moderation_strata")

FIGURES: Final = (
    Figure("responses", "Responses asked for"),
    Figure("first_late", "- first answered late, or still not", ("response_working_days",)),
    Figure("adequate_late", "- not adequate by the first date", ("response_working_days",)),
    Figure("returns_late", "- late again after a return", ("return_working_days",)),
    Figure("reviews_late", "- reviewed late, or still not", ("review_working_days",)),
    Figure(
        "responses_overdue",
        "Responses overdue today",
        ("response_working_days", "return_working_days"),
    ),
    Figure(
        "told_of_overdue",
        "Times somebody was told of one overdue",
        ("response_overdue_steps", "response_working_days", "return_working_days"),
    ),
    Figure(
        "notifications_late",
        "Notifications queued for too long",
        ("notification_queued_working_days",),
    ),
    Figure("escalations", "Escalations"),
    Figure(
        "acknowledged_late",
        "- acknowledged late, or still not",
        ("acknowledge_working_days", "raised_on_non_working_day"),
    ),
    Figure(
        "informed_late",
        "- Q&S informed late, or still not",
        ("inform_working_days", "raised_on_non_working_day"),
    ),
    Figure("audits_due", "Audits that fell due", _DATES),
    Figure("audits_overdue", "Audits overdue today", _DATES),
    Figure("audits_to_plan", "Audits due soon, so planned today", (*_DATES, "due_audit_lead_days")),
    Figure("audits_coming", "Audits due later in the year ahead", (*_DATES, "due_audit_lead_days")),
    Figure("closings", "Closings"),
    Figure("closings_to_audit", "- that need an audit", ("closure_exempt_reasons", "in_use_from")),
    Figure("observations_due", "Observations that fell due", _OBSERVED),
    Figure("observations_required", "Observations asked for today", _OBSERVED),
    Figure("observations_remaining", "- still to be made", _OBSERVED),
    Figure("workers_behind", "Workers behind the pace today", _OBSERVED),
    Figure("samples", "Samples with something to moderate", _SIZE),
    Figure("samples_too_small", "- smaller than the least wanted", _SIZE),
    Figure("audits_to_moderate", "Audits to moderate", _SIZE),
    Figure("pairs", "Pairs of judgements", _PAIRS),
    Figure("kinds_of_pairs", "Kinds of pairs", (*_PAIRS, "moderation_second_grade")),
    Figure(
        "pairs_too_few",
        "- too few to tell agreement",
        (
            *_PAIRS,
            "moderation_second_grade",
            "agreement_minimum_pairs",
            "agreement_kappa_weights",
        ),
    ),
)
"""In the order in which they are told; what begins with a dash is a part of what stands above."""

NOTHING: Final = "No figure of this kind depends on it."
NOT_COUNTED: Final[Mapping[str, str]] = {
    "closure_action_standard": "It decides when a gate clears; how long closings wait is not"
    " counted here.",
    "message_parked_after_hours": "It decides how long a message waits; when the worker would have"
    " been told instead cannot be known.",
    "highlights_working_days": "How late learning highlights are is not counted here.",
    "qa_update_working_days": "How late updates to the Board are is not counted here.",
    "moderation_teams_maximum": "It decides who moderates, not how much.",
    "same_case_months": "It decides which cases a plan proposes; plans are not made again.",
    "auditor_load_limit": "It decides whom a plan proposes; plans are not made again.",
    "coverage_months": "It decides who counts as looked at; coverage is not counted here.",
}
"""Keys that change something of the kind which is not counted, and why it is not."""


def bears_on(key: str) -> tuple[str, ...]:
    """The names of the figures that depend on a key of the policy."""
    return tuple(figure.name for figure in FIGURES if key in figure.keys)


def said_of(key: str) -> str:
    """In words what a key of the policy has to do with the figures."""
    if bears_on(key):
        named = [figure.counts.removeprefix("- ") for figure in FIGURES if key in figure.keys]
        return "Bears on: " + "; ".join(named) + "."
    return NOT_COUNTED.get(key, NOTHING)


OF_EVERY_KEY: Final[Mapping[str, str]] = {key: said_of(key) for key in POLICY_KEYS}
"""What is told of each key that a proposal changes."""

ASSUMED: Final = (
    "Everybody did what they did on the day on which they did it; only the dates are others.",
    "Values that the file does not name are those that were in force at the time.",
    "A date is counted by the calendar by which it was counted then.",
    "The worker looked for what fell due soon after each midnight.",
    "An audit settles the due date that it is nearest to, unless dates count from the last audit.",
    "Households and cases belong to the teams that hold them today.",
    "A sample that was drawn has the population and the seed of its draw; any other the seed told.",
    "An audit drawn instead of another would have been moderated; where nothing was drawn, none.",
)
"""What a simulation takes for granted, in plain words."""
