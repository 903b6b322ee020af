"""Refusals of what can be done only once, or is there already: in words, with what to do next.

The life cycles are in `rules/transitions.py`; here is everything else. The refusal speaks as a
colleague would: how the thing stands, what may be done next and by whom.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.rules.steps import ADMINISTRATOR, HEAD, QS, Step
from qa_api.rules.unchanging import Unchanging


class Settled(Unchanging):
    """How something stands that cannot be done again."""

    state: str
    """The word that the refusal names."""
    says: str
    """A sentence; names in braces are facts that the refusal gives."""
    steps: Mapping[str, Step]
    """What may be done next, by the name of the step."""


SETTLED: Final[Mapping[str, Settled]] = {
    "authority": Settled(
        "started",
        "This database is an authority already.",
        {"let_in": Step(ADMINISTRATOR, "let in whoever is to use it", "propose_rights_change")},
    ),
    "bank_holiday": Settled(
        "in_force",
        "This day is a bank holiday already.",
        {"withdraw": Step(ADMINISTRATOR, "withdraw it", "withdraw_bank_holiday")},
    ),
    "withdrawn_bank_holiday": Settled(
        "withdrawn",
        "This bank holiday was withdrawn already.",
        {"add": Step(ADMINISTRATOR, "add it anew", "add_bank_holiday")},
    ),
    "known_year": Settled(
        "known",
        "The bank holidays of {year} are known already, and the calendar reaches to {until}.",
        {
            "add": Step(ADMINISTRATOR, "add a single day of it", "add_bank_holiday"),
            "withdraw": Step(ADMINISTRATOR, "withdraw one", "withdraw_bank_holiday"),
            "confirm": Step(ADMINISTRATOR, "confirm {next_year} next", "confirm_calendar_year"),
        },
    ),
    "practice_audit": Settled(
        "judged",
        "You have judged this case, and your judgement stands.",
        {"judge": Step("an auditor", "judge another case", "record_practice_audit")},
    ),
    "board_decision": Settled(
        "done",
        "This decision of the Board is done already, and what was done stands.",
        {"record": Step(QS, "record a further decision", "record_board_decision")},
    ),
    "chart_change": Settled(
        "withdrawn",
        "This change was withdrawn already.",
        {"mark": Step(QS, "mark one of its month anew", "mark_chart_change")},
    ),
    "conversation": Settled(
        "resolved",
        "This conversation was resolved, and nothing is added to it.",
        {"comment": Step("whoever may read the thing", "begin another one", "add_comment")},
    ),
    "released_comment": Settled(
        "released",
        "This comment stands in the subject's record already.",
        {"redact": Step(QS, "redact it there", "redact_record")},
    ),
    "learning_highlight": Settled(
        "answered",
        "This learning highlight has been answered, and the answer stands.",
        {
            "record": Step(
                "the team's supervisor or manager, or the head of service,",
                "record a further highlight",
                "record_learning_highlight",
            )
        },
    ),
    "practice_observation": Settled(
        "withdrawn",
        "This observation was withdrawn.",
        {"record": Step("whoever observed", "record it anew", "record_practice_observation")},
    ),
    "observation_exemption": Settled(
        "in_force",
        "This worker is exempt on some of these days already.",
        {"end": Step(HEAD, "end the other exemption first", "end_observation_exemption")},
    ),
    "theme": Settled(
        "retired",
        "This theme is retired.",
        {"write": Step(QS, "write a new one under another code", "put_theme")},
    ),
    "redaction": Settled(
        "lifted",
        "This redaction was lifted already.",
        {"redact": Step(QS, "redact the text anew", "redact_record")},
    ),
    "legal_hold": Settled(
        "lifted",
        "This hold was lifted already.",
        {"place": Step(QS, "place a new one", "place_legal_hold")},
    ),
    "moderated_audit": Settled(
        "moderated",
        "This audit has been moderated, and the outcome stands.",
        {"close": Step(QS, "close its sample", "close_moderation_sample")},
    ),
    "drawn_sample": Settled(
        "drawn",
        "A sample of this group has been drawn for this period, and one draw stands.",
        {"redraw": Step(QS, "draw it again to check", "redraw_moderation_sample")},
    ),
    "drawn_caseload": Settled(
        "drawn",
        "Children were drawn from the caseload of this day, so it stands as it is.",
        {"send": Step("the case system", "send the caseload of another day", "put_caseload")},
    ),
    "reported_caseload": Settled(
        "reported",
        "A presented report tells of the caseload of this day, so it stands as it is.",
        {"send": Step("the case system", "send the caseload of another day", "put_caseload")},
    ),
    "case_system_reference": Settled(
        "claimed",
        "Somebody has this reference already.",
        {
            "change_worker": Step(ADMINISTRATOR, "change the worker's entry", "put_worker"),
            "change_team": Step(ADMINISTRATOR, "change the team's entry", "put_team"),
        },
    ),
    "webhook_endpoint": Settled(
        "disabled",
        "This endpoint is disabled.",
        {"resume": Step(ADMINISTRATOR, "resume it", "resume_webhook_endpoint")},
    ),
    "deleted_webhook_endpoint": Settled(
        "deleted",
        "This endpoint is deleted.",
        {"register": Step(ADMINISTRATOR, "register another", "register_webhook_endpoint")},
    ),
}
"""Everything that is refused because it stands already, by what it is."""
