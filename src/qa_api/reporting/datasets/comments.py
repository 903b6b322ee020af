"""The conversation on the record, counted: what about, when, not what was said (X8)."""

from typing import Final

from sqlalchemy import and_

from qa_api.models.comments import Comment
from qa_api.reads.expressions import of_standing_audit
from qa_api.reporting.columns import (
    Dataset,
    coded,
    day,
    flag,
    id_of,
    london_date,
    named,
    subject,
    unrestricted,
    worker,
)
from qa_api.reporting.datasets.audits import A_TEAM, TEAM

COMMENTS: Final = Dataset(
    name="comments",
    entity=Comment,
    meaning="Comments and replies about audits and what follows from them; no text of them.",
    clause="X8",
    dated="written_on",
    shown=lambda row: and_(unrestricted(row), of_standing_audit(row)),
    listed_at="/v1/comments",
    columns=(
        *subject(),
        id_of(
            "audit",
            "The audit behind it; null where an escalation has none.",
            read=lambda row: row.audit_id,
        ),
        *named("team", "The team that holds the case now.", A_TEAM, TEAM),
        *coded("kind", "What it is about.", "audit_response", "X8"),
        id_of(
            "reply_to",
            "The first comment of its conversation; null for that one itself.",
        ),
        flag("addressed", "Whether it is to some alone.", "X8"),
        worker("written_by", "Who wrote it.", "X8"),
        day("written_on", "When it was written.", "X8", lambda row: london_date(row.written_at)),
        day(
            "resolved_on",
            "When its conversation was resolved; null for a reply.",
            "X8",
            lambda row: london_date(row.resolved_at),
        ),
        day(
            "released_on",
            "When it was released to the subject's record.",
            "X8",
            lambda row: london_date(row.released_at),
        ),
    ),
)
