"""Handing the open work of somebody who leaves or is away to others: what goes where, what stays.

What somebody was named for goes to somebody else who may do it; work of a post stays with the post,
and what follows the case stays with the case. Nobody is given what they may not do (R4.1.8, R4.2.3,
R4.2.6, R4.5.2).
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final

from qa_api.rules.allocation import share_out
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "The directory"
MOST_THINGS: Final = 500
"""How many things one hand-over moves: more are handed over kind by kind."""
NO_LEAVE: Final = "They have no leave to see the restricted record."
"""Why somebody is passed over; told of a record that is restricted, to who has leave."""
_NO_LIMIT: Final = 2**31


class HandOverKind(StrEnum):
    """A kind of work that somebody is named for, and that can be given to somebody else."""

    AUDIT = "audit"
    RESPONSE = "response"
    ACTION = "action"
    MODERATION = "moderation"


class HandedKind(StrEnum):
    """What a hand-over tells of: the kinds that can move, and those that stay where they are."""

    AUDIT = "audit"
    RESPONSE = "response"
    ACTION = "action"
    MODERATION = "moderation"
    REVIEW = "review"
    ESCALATION = "escalation"
    VERIFICATION = "verification"
    LEARNING_ACTION = "learning_action"
    LEARNING_VERIFICATION = "learning_verification"
    CONSENSUS = "consensus"
    QA_UPDATE = "qa_update"
    BOARD_DECISION = "board_decision"
    COMMENT = "comment"
    HAND_OVER = "hand_over"
    PRACTICE_AUDIT = "practice_audit"


class HandOverBecause(StrEnum):
    """Why somebody's work is handed over."""

    LEAVES = "leaves"
    AWAY = "away"
    OTHER = "other"


class StaysBecause(StrEnum):
    """Why a thing stays where it is."""

    FOLLOWS_POST = "follows_post"
    FOLLOWS_CASE = "follows_case"
    OTHERS_DO_IT = "others_do_it"
    ONLY_THEIRS = "only_theirs"
    NOT_YOURS_TO_GIVE = "not_yours_to_give"
    NOBODY_CAN = "nobody_can"


class Overtaken(StrEnum):
    """Why a proposed hand-over cannot be carried out as things are today."""

    CAME_BACK = "came_back"
    NO_LONGER_THEIRS = "no_longer_theirs"
    NEW_HOLDER_NOT_HERE = "new_holder_not_here"


SAYS: Final[Mapping[StaysBecause, str]] = {
    StaysBecause.FOLLOWS_POST: "It belongs to the post: whoever holds the post has it today.",
    StaysBecause.FOLLOWS_CASE: (
        "It has no named owner and follows the case: whoever holds the case has it today."
    ),
    StaysBecause.OTHERS_DO_IT: (
        "It stays with whom it was set for; where they cannot do it, it waits for whoever leads the"
        " team or for Quality & Standards."
    ),
    StaysBecause.ONLY_THEIRS: "Nobody else can do it for them: without them it is left as it is.",
    StaysBecause.NOBODY_CAN: "None of those named can take it.",
}
"""What is said of a thing that stays, where no rule says it in its own words."""

_SAYS_OF: Final[Mapping[HandedKind, str]] = {
    HandedKind.BOARD_DECISION: (
        "The Board named its owner: they see to it, and where they cannot, Quality & Standards do."
    ),
    HandedKind.COMMENT: (
        "Whoever asked chose whom they ask. They can ask somebody else; where this person cannot"
        " answer, it waits for Quality & Standards."
    ),
    HandedKind.CONSENSUS: (
        "Only moderator and auditor agree on a consensus: without it both judgements stand."
    ),
    HandedKind.HAND_OVER: (
        "Whoever proposed a hand-over carries it out. Quality & Standards can withdraw it."
    ),
    HandedKind.LEARNING_ACTION: (
        "It stays with whom it was set for; where they cannot do it, it waits for Quality &"
        " Standards."
    ),
    HandedKind.LEARNING_VERIFICATION: (
        "Whoever set it sees whether it was done; where they cannot, Quality & Standards do."
    ),
    HandedKind.PRACTICE_AUDIT: (
        "Everybody judges a practice case for themselves: without them it is left unjudged."
    ),
}


def why_it_stays(kind: HandedKind, because: StaysBecause) -> str:
    """In words why a thing of this kind stays: of some kinds in words of their own."""
    return _SAYS_OF.get(kind) or SAYS[because]


class Seal(StrEnum):
    """What comes of a sealed second grade with its new moderator (R4.5.3)."""

    STAYS_SEALED = "stays_sealed"
    BECOMES_SEALED = "becomes_sealed"
    BECOMES_UNSEALED = "becomes_unsealed"
    STAYS_UNSEALED = "stays_unsealed"

    @classmethod
    def of(cls, *, before: bool, after: bool) -> "Seal":
        """From whether the pair is sealed now, and whether it is with the new moderator."""
        if after:
            return cls.STAYS_SEALED if before else cls.BECOMES_SEALED
        return cls.BECOMES_UNSEALED if before else cls.STAYS_UNSEALED


_SEAL_SAYS: Final[Mapping[Seal, str]] = {
    Seal.STAYS_SEALED: "It stays sealed.",
    Seal.BECOMES_SEALED: "It becomes sealed: they do not know the auditor's judgement.",
    Seal.BECOMES_UNSEALED: "It becomes unsealed.",
    Seal.STAYS_UNSEALED: "It is not sealed with them either.",
}


def says_of_seal(seal: Seal, why: str | None) -> str:
    """What comes of the seal in words; `why` it is not sealed."""
    return _SEAL_SAYS[seal] if why is None else f"{_SEAL_SAYS[seal]} {why}"


REASONS: Final[Mapping[HandOverBecause, str]] = {
    HandOverBecause.LEAVES: "Handed over with other work: who had it leaves.",
    HandOverBecause.AWAY: "Handed over with other work: who had it is away.",
    HandOverBecause.OTHER: "Handed over together with other work.",
}
"""What each thing itself keeps as the reason."""


def share(
    things: Sequence[str], able: Mapping[str, Sequence[str]], carried: Mapping[str, int]
) -> dict[str, str]:
    """Who is given which of these things, as evenly as that goes with what they carry already.

    `able` names for each thing those who may take it, in the order in which they were named;
    a thing that nobody may take is given to nobody.
    """
    return share_out({thing: able[thing] for thing in things}, carried, _NO_LIMIT)


class Moved(Unchanging):
    """What has changed about one thing since the proposal, in words; `at` is its place in it."""

    at: int | None
    code: str
    says: str

    @property
    def pointer(self) -> str:
        """Where it stands in the proposal (RFC 6901)."""
        return "/items" if self.at is None else f"/items/{self.at}"


CAME_BACK: Final = Moved(
    None,
    "came-back",
    "Who was away is here again. If it is to go all the same, propose it anew for another reason.",
)


CANNOT_GO_ANY_MORE: Final = Moved(
    None, "not-possible-now", "Something that was to go can no longer go as it was proposed."
)
"""Of what whoever carries it out may no longer see: it is not said which, or why."""


def moved_since(
    proposed: Mapping[str, int], held: Collection[str], stayed: Collection[str]
) -> list[Moved]:
    """What the proposal does not know of any more: what is gone, and what came to them since.

    `proposed`: the places of the things that are to move; `held`: what they hold now; `stayed`:
    what the proposal says of it that it stays.
    """
    gone = [
        Moved(at, "no-longer-theirs", "It is settled, or somebody else has it already.")
        for thing, at in proposed.items()
        if thing not in held
    ]
    come = len(set(held) - set(proposed) - set(stayed))
    if come:
        more = "One thing more" if come == 1 else f"{come} things more"
        gone.append(Moved(None, "more-since", f"{more} came to them since."))
    return gone
