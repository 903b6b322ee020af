"""One resource as a statement (ADR 3).

PostgreSQL writes the JSON; the bytes pass straight through. In front of it stands the caller's
context, behind it the line of the access log, all in the same statement.
"""

from typing import Final

from sqlalchemy import literal, select

from qa_api.auth.actor import Me
from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased
from qa_api.reads.access_lines import access_line_of_one, asked_why, told, unless_refused
from qa_api.reads.caller import caller_context, let_in, shown_behind, subject_or_none
from qa_api.reads.shapes import Expression, Predicate, Shape, text_of
from qa_api.reads.statements import Statements
from qa_api.rules.unchanging import Unchanging


class Document(Unchanging, eq=False):
    """One resource as a statement. `visible` is the first lock: what the caller may see at all."""

    shape: Shape
    visible: Predicate
    at_once: Predicate | None = None
    """The part of `visible` that needs no search; asked first where it is given (`tries`)."""
    key: tuple[str, ...] = ("id",)
    """The attributes that find it; each is a parameter of the same name."""
    version: str | None = "version"
    subject: str | None = None
    """The attribute that holds the subject's id, where reading it goes into the access log."""
    subjects: Expression | None = None
    """Where it names several subjects: their ids, as an array."""

    @property
    def logged(self) -> bool:
        """Whether reading it leaves a line in the access log."""
        return self.subject is not None or self.subjects is not None

    @property
    def tries(self) -> tuple[Predicate, ...]:
        """What says which rows the caller sees, to be asked in turn until one finds the row.

        The last is `visible`. What is found earlier is found by it too, with the same body.
        """
        return (self.visible,) if self.at_once is None else (self.at_once, self.visible)

    def prepared(self) -> Prepared:
        """Compiled once: `version` and `body` of the one row, or no row."""
        return _DOCUMENTS.now(self, self.visible)

    async def ready(
        self, visible: Predicate | None = None, *, why: bool = False, apart: bool = False
    ) -> Prepared:
        """The same; others are answered while it is compiled.

        `visible`: one of `tries`, else the last. `why`: outside the caller's own work it takes a
        purpose. Without one `refused` is true of the row, which then has no body, and leaves no
        line. `apart`: it writes no line, and its row says `about` whom it is and who its `reader`.
        """
        asked = visible or self.visible
        if why:
            return await _DOCUMENTS.beside(self, asked, why=True)
        if apart and self.logged:
            return await _DOCUMENTS.beside(self, asked, apart=True)
        return await _DOCUMENTS.beside(self, asked)


def _prepared_document(
    document: "Document", visible: Predicate, why: bool = False, apart: bool = False
) -> Prepared:
    me_context = caller_context()
    me = Me.in_context(me_context)
    row = aliased(document.shape.entity)
    version = getattr(row, document.version) if document.version else literal(1)
    found = (
        select(
            version.label("version"),
            subject_or_none(row, document.subject).label("subject_id"),
            text_of(document.shape, row, me).label("body"),
        )
        .where(let_in(me_context), visible(row, me))
        .where(
            *(
                getattr(row, name) == parameter(name, getattr(row, name).type)
                for name in document.key
            )
        )
    )
    several = None if document.subjects is None else document.subjects(row, me)
    if apart:
        found = found.add_columns(*told(me, subject_or_none(row, document.subject), several))
    elif several is not None:
        found = found.add_columns(several.label("subject_ids"))
    shown = shown_behind(me_context, row, found)
    statement = select(shown.c.version, shown.c.body)
    if apart:
        statement = statement.add_columns(shown.c.about, shown.c.reader)
    elif why:
        verdict = asked_why(me, shown, None)
        statement = select(shown.c.version, *unless_refused(shown.c.body, verdict))
        statement = statement.add_cte(access_line_of_one(me, shown, verdict))
    elif document.logged:
        statement = statement.add_cte(access_line_of_one(me, shown))
    return Prepared.of(statement)


_DOCUMENTS: Final = Statements(_prepared_document, most=1024)
