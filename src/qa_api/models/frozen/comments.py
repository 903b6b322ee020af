"""What stands of a conversation on the record (X8)."""

from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_OPEN: Final = (
    "qa_is_open_to_comments(OLD.kind, OLD.audit_id, OLD.response_id, OLD.action_id,"
    " OLD.escalation_id, OLD.outcome_id)"
)
_ABOUT: Final = "kind audit_id question_key response_id action_id escalation_id outcome_id"


def _columns(of: str) -> str:
    return ", ".join(f"{of}.{column}" for column in f"{_ABOUT} addressed".split())


COMMENTS: Final[tuple[Frozen | Begun | Closed, ...]] = (
    Closed(
        "comments",
        "conversation",
        "a conversation goes on while what it is about is open, and is not resolved",
        f"{_OPEN} AND (OLD.reply_to IS NULL OR EXISTS (SELECT FROM comments f"  # noqa: S608 - of this table
        " WHERE f.id = OLD.reply_to AND f.reply_to IS NULL AND f.resolved_at IS NULL"
        f" AND ({_columns('f')}) IS NOT DISTINCT FROM ({_columns('OLD')})))",
    ),
    Begun(
        "comments",
        "end",
        "a comment is written first, and resolved or released afterwards",
        "resolved_at resolved_by released_at released_by",
    ),
    Begun(
        "comments",
        "writing",
        "a comment is written once there is what it is about, a reply after what it replies to",
        not_as="true",
        # A minute is left for the clocks of two machines.
        witness="(NEW.audit_id IS NULL OR EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id"
        " AND a.planned_at <= NEW.written_at + interval '1 minute'))"
        " AND (NEW.reply_to IS NULL OR EXISTS (SELECT FROM comments f WHERE f.id = NEW.reply_to"
        " AND f.written_at <= NEW.written_at + interval '1 minute'))",
    ),
    Frozen(
        "comments",
        "words",
        f"{_ABOUT} reply_to addressed text written_by written_at",
        "what was said stands",
    ),
    Frozen(
        "comments",
        "resolution",
        "resolved_at resolved_by",
        "a conversation that was resolved stays so",
        since="OLD.resolved_at IS NOT NULL",
    ),
    Frozen(
        "comments",
        "lock",
        "resolved_at resolved_by",
        "a conversation is locked with what it is about",
        witness=_OPEN.replace("OLD.", "NEW."),
    ),
    Frozen(
        "comments",
        "release",
        "released_at released_by",
        "what was released to the record stays there",
        since="OLD.released_at IS NOT NULL",
    ),
    Closed(
        "comment_addressees",
        "address",
        "whom a comment asks is said with it",
        "EXISTS (SELECT FROM comments c WHERE c.id = OLD.comment_id AND c.addressed"
        " AND c.reply_to IS NULL AND qa_written_now(c.xid))",
    ),
    Begun("comment_addressees", "answer", "whoever is asked answers afterwards", "answered_at"),
    Frozen("comment_addressees", "address", "comment_id addressee", "whom a comment asks stands"),
    Frozen(
        "comment_addressees",
        "answer",
        "answered_at",
        "that somebody answered, and when, stands",
        since="OLD.answered_at IS NOT NULL",
    ),
    Frozen(
        "comment_addressees",
        "reply",
        "answered_at",
        "whoever is asked answers by a reply of their own",
        witness="EXISTS (SELECT FROM comments r"
        " WHERE r.reply_to = NEW.comment_id AND r.written_by = NEW.addressee)",
    ),
)
