"""What never changes of observations, and of what teams learned."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen, only_lengthened

_CORRECTED_NOW: Final = (
    "EXISTS (SELECT FROM observation_corrections c WHERE c.observation_id = OLD.id"
    " AND c.corrected_version = OLD.version AND qa_written_now(c.xid))"
)

_CONTENT: Final = (
    "observer observed_on activity planned family_consent feedback strengths development"
)
_SAID: Final = ", ".join(f"'{column}', o.{column}" for column in _CONTENT.split())

_ENDED_NOW: Final = (
    "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id"
    " AND e.type = 'observation_exemption.ended')"
)

OBSERVATIONS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Frozen(
        "practice_observations",
        "record",
        "worker team recorded_at recorded_by",
        "whom an observation is of, and who recorded it, stands",
    ),
    Frozen(
        "practice_observations",
        "content",
        _CONTENT,
        "an observation is corrected, and what it said before is kept",
        witness=_CORRECTED_NOW,
    ),
    Frozen(
        "practice_observations",
        "version",
        "version",
        "a version that was there does not come again",
        unless="NEW.version > OLD.version",
    ),
    Frozen(
        "practice_observations",
        "withdrawal",
        "withdrawn_at withdrawn_by withdrawn_reason",
        "an observation that was withdrawn stays so",
        since="OLD.withdrawn_at IS NOT NULL",
    ),
    Frozen(
        "observation_corrections",
        "content",
        "observation_id corrected_version before reason corrected_at corrected_by",
        "a correction keeps what the observation said",
    ),
    Closed(
        "observation_corrections",
        "content",
        "a correction keeps what the observation says now",
        "EXISTS (SELECT FROM practice_observations o WHERE o.id = OLD.observation_id"
        f" AND o.version = OLD.corrected_version AND OLD.before = jsonb_build_object({_SAID}))",
    ),
    Frozen(
        "observation_exemptions",
        "grant",
        "worker reason granted_at granted_by",
        "an exemption stands as it was granted",
    ),
    Frozen(
        "observation_exemptions",
        "days",
        "valid",
        "an exemption is ended, and nothing else about its days changes",
        unless="NEW.ended_at IS NOT NULL AND NEW.ended_by IS NOT NULL"
        " AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)",
    ),
    Frozen(
        "observation_exemptions",
        "end",
        "valid ended_at ended_by",
        "an exemption is ended as is told",
        witness=_ENDED_NOW,
        at_commit=True,
    ),
    Begun(
        "observation_exemptions",
        "end",
        "an exemption is granted before it is ended",
        "ended_at ended_by",
    ),
    Frozen(
        "learning_highlights",
        "record",
        "team quarter topic highlight routed_to policy_version recorded_at recorded_on recorded_by",
        "what a team learned stands as it was recorded",
    ),
    Frozen(
        "learning_highlights",
        "due_date",
        "due_on",
        "by when highlights are due stands; a newer calendar alone lengthens it",
        since="OLD.due_on IS NOT NULL",
        unless=only_lengthened("due_on"),
    ),
    Frozen(
        "learning_highlights",
        "answer",
        "answered_at answered_by what_was_done",
        "an answer stands",
        since="OLD.answered_at IS NOT NULL",
    ),
)
