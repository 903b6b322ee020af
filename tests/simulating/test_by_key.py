"""Each key of the policy: a case worked by hand, or a sentence that no figure depends on it."""

from itertools import count as numbers
from typing import Any, Final

import pytest

from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.moderation import Unsealed
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import POLICY_KEYS
from qa_api.rules.policy_values import FIRST_DAY
from qa_api.rules.sampling import draw
from qa_api.simulating.figures import (
    FIGURES,
    NOT_COUNTED,
    NOTHING,
    OF_EVERY_KEY,
    bears_on,
)
from qa_api.simulating.simulation import Facts, compare, count
from tests.directory.test_policy_by_two import WEAKER
from tests.simulating.facts import (
    audited,
    closing,
    colleague,
    drawn_in_january,
    escalation,
    facts,
    given,
    household,
    notification,
    populated,
    response,
)

PROCEDURE: Final = Policy(1, FIRST_DAY)
OTHER_SCALE: Final = JudgedOn("three-point", 1)
EVERY_ONE: Final = {"moderation_sample_percent": 100, "moderation_sample_maximum": 100}


def _of_two_types() -> Facts:
    """Ten audits of two types on two scales, of which the lot drew two of one type."""
    audits = [
        *(audited(number, "2026-01") for number in range(5)),
        *(audited(number + 5, "2026-01", OTHER_SCALE, "group") for number in range(5)),
    ]
    members = [each.member for each in audits]
    types = {member.audit_id: member.audit_type for member in members}
    seed = next(
        str(seed)
        for seed in numbers()
        if len({types[each] for each in draw(members, PROCEDURE, str(seed)).drawn}) == 1
    )
    return facts(moderation=drawn_in_january(audits, {}, seed))


def _all_moderated(many: int, unsealed: dict[int, Unsealed] | None = None) -> Facts:
    """So many audits, each of them drawn and moderated."""
    audits = [audited(number, "2026-01") for number in range(many)]
    moderation = drawn_in_january(audits, EVERY_ONE, unsealed=unsealed)
    return facts(moderation=moderation, values=EVERY_ONE)


# In June 2026 the first is a Monday; there is no bank holiday.
CASES: Final[dict[str, tuple[Facts, Any, dict[str, int]]]] = {
    # Due on 8 June, told on the 9th, answered on the 10th. With ten days: due on the 15th.
    "response_working_days": (
        facts(
            responses=[
                response("2026-06-01", given(submitted="2026-06-10", reviewed="2026-06-11")),
                # Due on Friday 20 November. With ten days: on the 27th.
                response("2026-11-13", given(), state="awaiting_response"),
            ]
        ),
        10,
        {"first_late": -1, "adequate_late": -1, "told_of_overdue": -1, "responses_overdue": -1},
    ),
    # Returned on Wednesday 3 June: due on the 10th, answered on the 12th.
    "return_working_days": (
        facts(
            responses=[
                response(
                    "2026-06-01",
                    given(submitted="2026-06-02", reviewed="2026-06-03", outcome="returned"),
                    given(2, returned="2026-06-03", submitted="2026-06-12", reviewed="2026-06-15"),
                )
            ]
        ),
        10,
        {"returns_late": -1, "told_of_overdue": -1},
    ),
    # Submitted on Tuesday 2 June: to be reviewed by the 9th, reviewed on the 11th.
    "review_working_days": (
        facts(
            responses=[response("2026-06-01", given(submitted="2026-06-02", reviewed="2026-06-11"))]
        ),
        7,
        {"reviews_late": -1},
    ),
    # Due on 8 June, answered on the 11th: the third working day after is the 11th.
    "response_overdue_steps": (
        facts(
            responses=[response("2026-06-01", given(submitted="2026-06-11", reviewed="2026-06-12"))]
        ),
        [
            {"working_days_after": 1, "tell": "team_manager"},
            {"working_days_after": 3, "tell": "head_of_service"},
            {"working_days_after": 4, "tell": "quality_standards"},
        ],
        {"told_of_overdue": 1},
    ),
    "notification_queued_working_days": (
        facts(notifications=[notification("2026-06-01", "2026-06-02")]),
        1,
        {"notifications_late": -1},
    ),
    "acknowledge_working_days": (
        facts(escalations=[escalation("2026-06-01", "2026-06-02", "2026-06-02")]),
        1,
        {"acknowledged_late": -1},
    ),
    "inform_working_days": (
        facts(escalations=[escalation("2026-06-01", "2026-06-01", "2026-06-03")]),
        2,
        {"informed_late": -1},
    ),
    # Raised on a Saturday, acknowledged on Monday, Q&S informed on Tuesday.
    "raised_on_non_working_day": (
        facts(escalations=[escalation("2026-06-06", "2026-06-08", "2026-06-09")]),
        "same_day",
        {"acknowledged_late": 1, "informed_late": 1},
    ),
    # Due on 10 December 2026. With six months: on 10 June 2026 and 10 June 2027.
    "carers_first_audit_months": (
        facts(households=[household("2025-12-10")]),
        6,
        {"audits_due": 1, "audits_overdue": 1, "audits_to_plan": -1, "audits_coming": 1},
    ),
    # Due on 1 December of 2025 (made) and 2026. With six months: on 1 June of 2026 and 2027, too.
    "carers_audit_every_months": (
        facts(households=[household("2024-12-01", ("2025-12-01", "2025-12-05"))]),
        6,
        {"audits_due": 1, "audits_overdue": 1, "audits_coming": 1},
    ),
    # Due on 1 December 2026. From the last audit, made on 1 February: on 1 February 2027.
    "cadence_anchor": (
        facts(households=[household("2024-12-01", ("2025-12-01", "2026-02-01"))]),
        "from_last_audit",
        {"audits_to_plan": -1, "audits_coming": 1},
    ),
    "carers_audits_owed_from": (
        facts(households=[household("2024-12-10")]),
        "2026-01-01",
        {"audits_due": -1, "audits_overdue": -1},
    ),
    # Due on 10 December, in seventeen days.
    "due_audit_lead_days": (
        facts(households=[household("2025-12-10")]),
        7,
        {"audits_to_plan": -1, "audits_coming": 1},
    ),
    "closure_exempt_reasons": (
        facts(closings=[closing("2026-06-01", reason="rc7"), closing("2026-06-01", reason="RC1")]),
        ["RC7"],
        {"closings_to_audit": -1},
    ),
    "in_use_from": (
        facts(
            closings=[
                closing("2026-06-01", closed="2026-06-10"),
                closing("2026-06-01", closed="2026-06-15"),
                closing("2026-06-01"),
            ]
        ),
        "2026-06-15",
        {"closings_to_audit": -2},
    ),
    # Two in a financial year fall due on 30 September and 31 March; four on 1 July and 30 December
    # as well. On 23 November one of two is expected, and two of four.
    "observations_required": (
        facts(colleagues=[colleague()]),
        4,
        {"observations_due": 2, "observations_required": 2, "observations_remaining": 2},
    ),
    # Two in each half of the year. On 23 November none is expected of the second half yet.
    "observation_window_months": (
        facts(colleagues=[colleague()]),
        6,
        {"observations_due": 2, "workers_behind": -1},
    ),
    # One made on 1 September 2025 leaves the twelve months on 1 September 2026; the other one was
    # never made, so it fell due before the year. In the financial year one is made in advance of
    # 31 March, the other falls due on that day, and one on 30 September.
    "observation_window": (
        facts(colleagues=[colleague("2020-01-06", "2025-09-01")]),
        "rolling",
        {"observations_due": -1},
    ),
    # There for 182 days of the year: 0.997 of two, rounded up.
    "observation_prorated": (
        facts(colleagues=[colleague("2026-10-01")]),
        False,
        {"observations_required": 1, "observations_remaining": 1},
    ),
    "observation_rounding": (
        facts(colleagues=[colleague("2026-10-01")]),
        "down",
        {"observations_required": -1, "observations_remaining": -1},
    ),
    # Away for 120 days from May on: half of the rest is over on 29 November, not on 30 September.
    "long_absence_days": (
        facts(colleagues=[colleague(absent=("2026-05-01", "2026-08-29"))]),
        200,
        {"observations_due": 1, "workers_behind": 1},
    ),
    # Two of five each month, or two of ten for the quarter.
    "moderation_frequency": (
        facts(moderation=populated(m2026_01=5, m2026_02=5)),
        "quarter",
        {"samples": -1, "audits_to_moderate": -2},
    ),
    "moderation_sample_percent": (
        facts(moderation=populated(m2026_01=5)),
        60,
        {"audits_to_moderate": 1},
    ),
    # Of five two, then four; of three two, then three, which is fewer than four.
    "moderation_sample_minimum": (
        facts(moderation=populated(m2026_01=5, m2026_02=3)),
        4,
        {"audits_to_moderate": 3, "samples_too_small": 1},
    ),
    "moderation_sample_maximum": (
        facts(moderation=populated(m2026_01=20)),
        3,
        {"audits_to_moderate": -1},
    ),
    "moderation_strata": (
        _of_two_types(),
        ["audit_type"],
        {"kinds_of_pairs": 1, "pairs_too_few": 1},
    ),
    "moderation_second_grade": (
        _all_moderated(2, unsealed={0: Unsealed.HAS_READ}),
        "open",
        {"kinds_of_pairs": -1, "pairs_too_few": -1},
    ),
    "agreement_minimum_pairs": (_all_moderated(70), 80, {"pairs_too_few": 1}),
    "agreement_kappa_weights": (_all_moderated(70), "quadratic", {"pairs_too_few": 1}),
}
OTHERS: Final[dict[str, Any]] = {
    **{key: values[0] for key, values in WEAKER.items()},
    "own_view_days": 7,
    "same_case_months": 6,
    "coverage_months": 6,
    "auditor_load_limit": 1,
    "highlights_working_days": 1,
    "qa_update_working_days": 1,
    "figure_out_of_from": 9,
    "figure_share_from": 31,
    "figure_widest_interval": 5,
    "chart_shift_points": 5,
    "chart_trend_points": 5,
    "steadiness_quarters": 1,
    "looking_outcomes": ["told"],
    "purpose_required": True,
}
"""Another value of each key that no figure depends on."""
EVERYTHING: Final = facts(
    responses=[each for of, _, _ in CASES.values() for each in of.clocks.responses],
    notifications=[each for of, _, _ in CASES.values() for each in of.clocks.notifications],
    escalations=[each for of, _, _ in CASES.values() for each in of.clocks.escalations],
    households=[each for of, _, _ in CASES.values() for each in of.owed.households],
    closings=[each for of, _, _ in CASES.values() for each in of.owed.closings],
    colleagues=[each for of, _, _ in CASES.values() for each in of.colleagues],
    moderation=_of_two_types().moderation,
)
"""What happened in all cases, in one authority."""
OF_EVERYTHING: Final = count(EVERYTHING, EVERYTHING.policies, "1")
DEPENDS_ON_NONE: Final = [key for key in POLICY_KEYS if not bears_on(key)]


def differences(of: Facts, **values: Any) -> dict[str, int]:
    """By figure, where there is one."""
    compared = compare(of, values, "1")
    was, becomes = compared.today.figures, compared.proposed.figures
    return {name: becomes[name] - was[name] for name in was if becomes[name] != was[name]}


@pytest.mark.parametrize("key", CASES)
def test_a_case_worked_by_hand(key: str) -> None:
    of, value, expected = CASES[key]
    assert differences(of, **{key: value}) == expected
    assert expected.keys() <= set(bears_on(key))
    assert compare(of, {key: value}, "1").changes[key][1] == value


def test_every_key_on_which_a_figure_depends_has_a_case() -> None:
    assert set(CASES) == {key for key in POLICY_KEYS if bears_on(key)}
    assert {key for figure in FIGURES for key in figure.keys} <= set(POLICY_KEYS)


@pytest.mark.parametrize("key", DEPENDS_ON_NONE)
def test_no_figure_depends_on_the_others_and_that_is_said(key: str) -> None:
    assert OTHERS[key] != PROCEDURE.values()[key]
    policies = EVERYTHING.policies.but({key: OTHERS[key]})
    assert count(EVERYTHING, policies, "1").figures == OF_EVERYTHING.figures
    assert OF_EVERY_KEY[key] == NOT_COUNTED.get(key, NOTHING)


def test_what_is_not_counted_has_no_figure() -> None:
    assert set(NOT_COUNTED) <= set(DEPENDS_ON_NONE)
    assert NOTHING == "No figure of this kind depends on it."
