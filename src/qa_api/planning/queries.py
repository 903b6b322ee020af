"""Reading themes and plans, which hold codes. Lists of cases name children: only Q&S read them."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Text,
    Uuid,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, names_for, unrestricted, whole_authority
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.caseloads import Caseload
from qa_api.models.inner import there_is, value_of
from qa_api.models.planning import PlanCaseList, PlanExemption, QuarterPlan, Theme
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.planning.case_schemas import CaseListOut
from qa_api.planning.schemas import (
    CaseListRow,
    ExemptionOut,
    QuarterPlanOut,
    QuarterPlanRow,
    ThemeOut,
)
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, is_set
from qa_api.reads.kept import completed
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.allocation import CaseExclusion
from qa_api.rules.retention import NAME_PREFIX


def visible_to(_row: Any, _me: Me) -> ColumnElement[bool]:
    """Whoever holds the routes' permission sees all of it."""
    return true()


def cases_visible_to(_row: Any, me: Me) -> ColumnElement[bool]:
    """Lists of references name children: they are for Quality & Standards."""
    return whole_authority(me)


_THEME = Shape(ThemeOut, Theme)
THEME = Document(_THEME, visible_to, key=("code",))
THEMES = Listing(
    name="themes",
    shape=_THEME,
    visible=visible_to,
    filters={"retired": is_set("retired_at")},
    order=(lambda row, _: row.code,),
    descending=False,
)
"""By code."""

QUARTER_PLAN = Document(
    Shape(
        QuarterPlanOut,
        QuarterPlan,
        {
            "case_lists": Shape(CaseListRow, PlanCaseList, shown=cases_visible_to),
            "allowed_actions": lambda row, me: allowed_actions(row, me.roles),
        },
    ),
    visible_to,
)
QUARTER_PLANS = Listing(
    name="quarter-plans",
    shape=Shape(QuarterPlanRow, QuarterPlan),
    visible=visible_to,
    filters={
        "quarter": equals("quarter"),
        "state": equals("state"),
    },
    order=(
        lambda row, _: row.quarter,
        lambda row, _: row.number,
        lambda row, _: row.id,
    ),
)
"""The newest quarter first, in it the newest version."""

EXEMPTION = Document(
    Shape(ExemptionOut, PlanExemption), visible_to, key=("plan_id", "id"), version=None
)


# --- lists of cases ---


def _entries(kept: ColumnElement[Any], name: str) -> Any:
    """The entries of a kept list: `value`, and its `place`."""
    listed = func.jsonb_array_elements(kept, type_=JSONB)
    columns = listed.table_valued(
        column("value", JSONB), with_ordinality="place", name=name, joins_implicitly=True
    )
    return columns.render_derived()


def _ref_of(entry: Any) -> ColumnElement[str]:
    ref: ColumnElement[str] = entry.c.value["ref"].astext
    return ref


def _means(row: Any, ref: ColumnElement[str], alias: Any, subject: Any, me: Me) -> Iterator[Any]:
    """What must hold of whom a reference means for the caller, who may see them."""
    yield alias.system == row.system
    yield alias.ref == ref
    yield names_for(alias, me)
    yield subject.id == alias.subject_id
    yield unrestricted(subject, me, subject.id)


def _names_seen(row: Any, ref: ColumnElement[str], me: Me) -> ColumnElement[bool]:
    """Whether a reference names somebody whom the caller may see."""
    alias, subject, gone = aliased(SubjectAlias), aliased(Subject), aliased(Subject)
    without_content = there_is(
        gone,
        ref.startswith(NAME_PREFIX),
        gone.system == row.system,
        gone.ref == ref,
        unrestricted(gone, me, gone.id),
    )
    named = there_is((alias, subject), *_means(row, ref, alias, subject, me))
    return or_(named, without_content)


def _withheld(row: Any, me: Me) -> CompoundSelect[Any]:
    """The references of the list that the caller is not shown: of whom they may not see (X3).

    Who was chosen is withheld also where their audit is. A reference that meant nobody to whoever
    posted it stays: withheld, it would tell a restricted record from none. Those of a caseload are
    shown as its rows are: to whoever sent it, and of restricted records with leave.
    """
    posted, taken = _entries(row.population, "posted"), _entries(row.chosen, "taken")
    audit, ref = aliased(Audit), _ref_of(posted)
    known = posted.c.value["excluded"].astext.is_distinct_from(CaseExclusion.UNKNOWN.value)
    audit_id = cast(taken.c.value["audit_id"].astext, Uuid)
    audited = there_is(audit, audit.id == audit_id, unrestricted(audit, me))
    kept_from: ColumnElement[bool] = func.qa_is_kept_from(row.system, ref, type_=Boolean)
    withheld = case(
        (known, not_(_names_seen(row, ref, me))),
        else_=and_(row.caseload_id.is_not(None), not_(_sent_by(row, me)), kept_from),
    )
    return union_all(
        select(ref).where(withheld).correlate_except(posted),
        select(_ref_of(taken)).where(not_(audited)).correlate_except(taken),
    )


def _sent_by(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether the caller sent the caseload that was drawn from."""
    sent = aliased(Caseload)
    return there_is(sent, sent.id == row.caseload_id, sent.taken_by == me.worker)


def _shown(name: str, *of_the_whole: str) -> Expression:
    """The entries of a kept list that the caller is shown, in their order.

    What an entry says `of_the_whole` list is null unless they are shown the whole list.
    """

    def entries(row: Any, me: Me) -> ColumnElement[Any]:
        each = _entries(getattr(row, name), name)
        value = each.c.value
        if of_the_whole:
            nothing = literal(json.dumps(dict.fromkeys(of_the_whole)), Text)
            without = value.concat(cast(nothing, JSONB))
            value = case((_withheld(row, me).exists(), without), else_=value)
        in_order = aggregate_order_by(value, each.c.place)
        listed = func.coalesce(
            func.jsonb_agg(in_order, type_=JSONB), func.jsonb_build_array(type_=JSONB)
        )
        found = select(listed).where(_ref_of(each).not_in(_withheld(row, me)))
        kept = value_of(each, found)
        return completed(kept, CaseListOut.model_fields[name].annotation)

    return entries


def _of_the_whole(name: str) -> Expression:
    """What is said of the whole list, to whoever is shown the whole list; else null."""

    def told(row: Any, me: Me) -> ColumnElement[Any]:
        kept = completed(getattr(row, name), CaseListOut.model_fields[name].annotation)
        return case((not_(_withheld(row, me).exists()), kept))

    return told


def _caseload_on(row: Any, _: Me) -> ColumnElement[Any]:
    """The day of the caseload that was drawn from, or null."""
    drawn_from = aliased(Caseload)
    found = select(drawn_from.taken_on).where(drawn_from.id == row.caseload_id)
    return value_of(drawn_from, found)


def _named_in(row: Any, me: Me) -> ColumnElement[Any]:
    """The subjects whom the caller is shown: among all that were posted, those left out too."""
    alias, subject, posted = aliased(SubjectAlias), aliased(Subject), _entries(row.population, "of")
    ref = _ref_of(posted)
    known = select(alias.subject_id.distinct()).where(
        ref.not_in(_withheld(row, me)), *_means(row, ref, alias, subject, me)
    )
    return func.array(value_of((alias, subject, posted), known))


CASE_LIST = Document(
    Shape(
        CaseListOut,
        PlanCaseList,
        {
            "population": _shown("population", "chance"),
            "chosen": _shown("chosen"),
            **{name: _of_the_whole(name) for name in ("seed", "population_hash", "explanation")},
            "caseload_on": _caseload_on,
        },
    ),
    cases_visible_to,
    key=("plan_id", "id"),
    version=None,
    subjects=_named_in,
)
"""It names children, and whoever reads it leaves a line for each of those whom it shows."""
