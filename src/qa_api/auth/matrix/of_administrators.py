"""What an administrator changes, and whether it changes whom somebody reaches or who is told (X3).

An administrator sees no record of a child. So nothing that they do alone, and that nobody hears of,
lets anybody see one who did not, or keeps from somebody what they were told. A test walks every
operation of the contract that an administrator may ask for and holds it to this table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Reaches(StrEnum):
    """What keeps in check an operation that changes whom somebody reaches, or who is told."""

    CONFIRMED = "confirmed"
    """Nothing is changed before a second person agrees."""
    TOLD = "told"
    """Done at once by one; Quality & Standards have it in their list until they take note."""
    NOBODY = "reaches nobody"
    """It changes neither."""


_C, _T, _N = Reaches.CONFIRMED, Reaches.TOLD, Reaches.NOBODY

OF_ADMINISTRATORS: Final[Mapping[str, tuple[Reaches, str]]] = {
    "propose_rights_change": (_C, "who is let in, who holds which role, what protects less"),
    "confirm_rights_change": (_T, "as the second person; never of their own rights"),
    "refuse_rights_change": (_N, "all stays as it is"),
    "disable_principal": (_T, "it only ends access"),
    "end_role_assignment": (_T, "it only ends a role"),
    "end_group_role": (_T, "it only ends what a group gives"),
    "change_policy": (_T, "what would protect less is refused, and proposed instead"),
    "put_service": (_T, "who heads it; never their own"),
    "put_team": (_T, "its service, who leads it, what case systems call it; never their own"),
    "put_worker": (_T, "their teams, supervisors, absences, references; never their own"),
    "put_auditor_group": (_T, "which teams moderate each other; never their own"),
    "put_case_system": (_T, "whose events are taken as its own"),
    "claim_case_system_reference": (_T, "whose the cases are that wait; never for themselves"),
    "put_audit_type": (_T, "of whom it is asked, by whom, when; and whether at all"),
    "create_audit_tool": (_N, "a draft asks nobody anything"),
    "rewrite_audit_tool": (_N, "a draft asks nobody anything"),
    "publish_audit_tool": (_T, "which of its judgements escalate"),
    "retire_audit_tool": (_T, "which of its judgements escalated"),
    "create_judgement_scale": (_N, "it counts once a tool with it is published"),
    "confirm_calendar_year": (_T, "on which days the clocks stand after which people are told"),
    "import_bank_holidays": (_T, "on which days the clocks stand"),
    "compare_bank_holidays": (_N, "nothing is kept"),
    "add_bank_holiday": (_T, "a day on which the clocks stand"),
    "withdraw_bank_holiday": (_T, "a day on which the clocks run"),
    "register_webhook_endpoint": (_T, "where what happened is sent"),
    "change_webhook_endpoint": (_T, "where it is sent, and what"),
    "rotate_webhook_secret": (_T, "a receiver that does not learn of it takes nothing more"),
    "disable_webhook_endpoint": (_T, "who is sent nothing more"),
    "resume_webhook_endpoint": (_T, "who is sent everything again"),
    "delete_webhook_endpoint": (_T, "who is sent nothing more, for good"),
    "test_webhook_endpoint": (_N, "a test tells of nobody"),
    "replay_webhook_endpoint": (_N, "what was sent there, sent there again"),
    "skip_webhook_delivery": (_T, "what somebody is not sent"),
    "send_webhook_delivery_now": (_N, "it is sent all the same, to the same"),
    "replay_webhook_delivery": (_N, "what was sent there, sent there again"),
    "see_alert": (_N, "what was told to themselves or to administrators"),
    "see_alerts": (_N, "what was told to themselves or to administrators"),
    "see_each_alert": (_N, "what was told to themselves or to administrators"),
    "acknowledge_board_report": (_N, "that they read it"),
    "complete_board_decision": (_N, "that it is done"),
}
"""How, and what of it: an operation without an entry fails the build."""
