"""What moves only with its witness, which may be written after it: looked for at the commit."""

from typing import Final

from qa_api.models.frozen.entries import Closed, Frozen
from qa_api.models.frozen.restrictions import ABOUT_SUBJECTS

_NOT_PLANNED: Final = " AND OLD.state <> 'planned'"
"""While it is planned an audit may be about somebody else, or about nobody yet."""


_DATE_KEPT: Final = (
    "EXISTS (SELECT FROM action_date_changes c WHERE c.action_id = NEW.id"
    " AND c.which = '{which}' AND c.was = OLD.{column}"
    " AND c.became IS NOT DISTINCT FROM NEW.{column} AND qa_written_now(c.xid))"
)
"""The former date of an action is kept, with the one that took its place."""

_ONE_PERSON: Final = (
    "EXISTS (SELECT FROM subjects was, subjects is_now"
    " WHERE was.id = {before} AND is_now.id = {now}"
    " AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id))"
)
_BY_A_MERGE: Final = "what is about one person becomes about another by a merge of the two alone"

_HELD_AS_ITS_CASE: Final = (
    "EXISTS (SELECT FROM {table} r JOIN subjects s ON s.id = r.subject_id WHERE r.id = NEW.id"
    " AND (s.merged_into_id IS NOT NULL"
    " OR (r.team, r.worker) IS NOT DISTINCT FROM (s.team, s.worker)))"
)
"""Of two moves in one transaction the last one counts. What a merge leaves behind is out of use."""

_MERGED: Final = (
    "EXISTS (SELECT FROM subjects s JOIN subjects into_one ON into_one.id = s.merged_into_id"
    " AND into_one.merged_into_id IS NULL JOIN subject_aliases a ON a.system = s.system"
    " AND a.ref = s.ref AND a.subject_id = into_one.id WHERE s.id = NEW.id)"
    " AND NOT EXISTS (SELECT FROM subject_aliases a WHERE a.subject_id = NEW.id)"
    " AND NOT EXISTS (SELECT FROM subjects s WHERE s.merged_into_id = NEW.id)"
    " AND EXISTS (SELECT FROM events e WHERE e.about_id = NEW.merged_into_id"
    " AND qa_written_now(e.xid) AND e.type = 'subject.merged'"
    " AND e.data ->> 'merged' IN (NEW.id::text, OLD.merged_into_id::text))"
)
"""Its names, and what was merged into it, belong to the other record, which is itself merged into
none. An event of the log says so, of it or of the record that it was part of.
"""

HELD: Final = (
    "audit_responses",
    "closure_gates",
    "comments",
    "escalations",
    "learning_actions",
    "moderation_outcomes",
    "notifications",
    "restorative_actions",
    "urgent_findings",
)
"""Records that somebody holds, beside the audit itself; their parts are held as they are."""

MOVES: Final[tuple[Frozen | Closed, ...]] = (
    Frozen(
        "subjects",
        "merge",
        "merged_into_id",
        "a record is merged once, with all its names, and that is told; no merge is undone",
        witness=_MERGED,
        at_commit=True,
    ),
    *(
        Frozen(
            table,
            "subject",
            "subject_id",
            _BY_A_MERGE,
            since="OLD.subject_id IS NOT NULL" + (_NOT_PLANNED if table == "audits" else ""),
            witness=_ONE_PERSON.format(before="OLD.subject_id", now="NEW.subject_id"),
            shared=True,
            at_commit=True,
        )
        for table in (*ABOUT_SUBJECTS, "case_event_outcomes")
        if table != "closure_gates"
    ),
    Frozen(
        "closure_gates",
        "subject",
        "subject_id",
        _BY_A_MERGE,
        since="OLD.subject_id IS NOT NULL",
        # Two that change places are nobody's for a moment: what counts is whose it is in the end.
        witness=_ONE_PERSON.format(
            before="OLD.subject_id",
            now="(SELECT g.subject_id FROM closure_gates g WHERE g.id = OLD.id)",
        ),
        at_commit=True,
    ),
    *(
        Frozen(
            table,
            "holder",
            "team worker",
            "whose a record is moves with the case alone",
            since="OLD.subject_id IS NOT NULL",
            witness=_HELD_AS_ITS_CASE.format(table=table),
            at_commit=True,
        )
        for table in HELD
    ),
    Frozen("subjects", "system", "system", "a record stays with the system that knows it"),
    Frozen(
        "subjects",
        "reference",
        "ref",
        "a record is called by a reference of its own",
        witness="EXISTS (SELECT FROM subjects s JOIN subject_aliases a ON a.system = s.system"
        " AND a.ref = s.ref AND a.subject_id = coalesce(s.merged_into_id, s.id)"
        " WHERE s.id = NEW.id)",
        at_commit=True,
    ),
    Frozen(
        "subject_aliases",
        "name",
        "system ref",
        "a reference stays the one that it is",
    ),
    *(
        Frozen(
            "subject_aliases",
            what,
            column,
            "a reference names another record by a merge of the two alone",
            witness=_ONE_PERSON.format(before=f"OLD.{column}", now=f"NEW.{column}"),
            at_commit=True,
        )
        for what, column in (("subject", "subject_id"), ("meaning", "stands_for"))
    ),
    Closed(
        "subject_aliases",
        "name",
        "what a case system calls a record stays its name",
        "OLD.stands_for IS NOT NULL",
        removed=True,
    ),
    Closed(
        "subject_aliases",
        "removal",
        "a reference goes when the record that stood in under it becomes part of the one it means",
        "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
        " AND e.type = 'subject.merged' AND e.data ->> 'merged' = OLD.subject_id::text)",
        removed=True,
        at_commit=True,
    ),
    Frozen(
        "panel_date_changes",
        "content",
        "first_panel_on approval_ended_on reason replaced_at replaced_by",
        "what a panel date was before, and why it was changed, stands",
    ),
    Frozen(
        "restorative_actions",
        "finish_date",
        "due_on",
        "a date that was promised is kept with the one that takes its place",
        since="OLD.due_on IS NOT NULL",
        witness=_DATE_KEPT.format(which="finish_on", column="due_on"),
        at_commit=True,
    ),
    Frozen(
        "restorative_actions",
        "done_date",
        "done_on",
        "a date that was told is kept with the one that takes its place",
        since="OLD.done_on IS NOT NULL AND NEW.done_on IS NOT NULL",
        witness=_DATE_KEPT.format(which="done_on", column="done_on"),
        at_commit=True,
    ),
)
