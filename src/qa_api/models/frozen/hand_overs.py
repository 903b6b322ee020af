"""What never changes of hand-overs: as it was proposed, so it is carried out.

Of their items nobody may write any: no role of the service has the privilege.
"""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_AS_PROPOSED: Final = "a hand-over stands as it was proposed"
_PROPOSED_NOW: Final = (
    "EXISTS (SELECT FROM hand_overs h WHERE h.id = OLD.hand_over_id AND h.state = 'proposed')"
)

HAND_OVERS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Frozen(
        "hand_overs",
        "proposal",
        "from_worker to_workers kinds because shared proposed_by proposed_at",
        _AS_PROPOSED,
    ),
    Frozen(
        "hand_overs",
        "acceptance",
        "accepted_at",
        "that it was carried out, and when, stands",
        since="OLD.accepted_at IS NOT NULL",
    ),
    Frozen(
        "hand_overs",
        "withdrawal",
        "withdrawn_at withdrawn_by",
        "that it was withdrawn, when and by whom, stands",
        since="OLD.withdrawn_at IS NOT NULL",
    ),
    Begun(
        "hand_overs", "acceptance", "a hand-over is proposed before it is accepted", "accepted_at"
    ),
    Begun(
        "hand_overs",
        "withdrawal",
        "a hand-over is proposed before it is withdrawn",
        "withdrawn_at withdrawn_by",
    ),
    Closed("hand_over_items", "proposal", _AS_PROPOSED, _PROPOSED_NOW),
)
