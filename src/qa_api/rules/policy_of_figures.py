"""What an authority says of figures: from how many they say something, and what is a trend."""

from dataclasses import field
from typing import Final

from qa_api.rules.policy_values import said, whole
from qa_api.rules.unchanging import Unchanging

_CLAUSE: Final = "§4.7, R4.7.3"


class PolicyOfFigures(Unchanging, kw_only=True):
    """The part of a policy that is about figures and their doubt."""

    figure_out_of_from: int = field(
        default=10,
        metadata=said(
            _CLAUSE,
            "counted below the line",
            whole(2, 1000),
            "From how many on a figure is told as 'k of n'; below there are counts only.",
        ),
    )
    figure_share_from: int = field(
        default=30,
        metadata=said(
            _CLAUSE,
            "counted below the line",
            whole(2, 10_000),
            "From how many on a figure is told as a share, in per cent.",
        ),
    )
    figure_widest_interval: int = field(
        default=40,
        metadata=said(
            "§4.5, R4.5.4",
            "hundredths",
            whole(5, 100),
            "How far the bounds of a figure may be apart; beyond that it is 'too few to say'.",
        ),
    )
    chart_shift_points: int = field(
        default=7,
        metadata=said(
            _CLAUSE,
            "months in a row",
            whole(5, 12),
            "So many on one side of the mean are no chance in a control chart.",
        ),
    )
    chart_trend_points: int = field(
        default=7,
        metadata=said(
            _CLAUSE,
            "months in a row",
            whole(5, 12),
            "So many, each higher or each lower than the one before, are no chance either.",
        ),
    )
    steadiness_quarters: int = field(
        default=8,
        metadata=said(
            "§4.5, R4.5.4",
            "quarters",
            whole(1, 40),
            "Over how many past quarters it is counted how often moderation changed an auditor's"
            " judgements.",
        ),
    )
