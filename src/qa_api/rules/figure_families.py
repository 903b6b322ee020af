"""The counts of the Board's figures as families: which lie within which (§4.7, R4.7.3)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from qa_api.rules.escalation import EscalationTrigger
from qa_api.rules.grouped import Parts
from qa_api.rules.linked_counts import Crossing, Family, Tree, atoms
from qa_api.rules.metrics import CATALOGUE, Counted, of_theme
from qa_api.rules.readers import Atom, Cell, withstands

_FIGURES: Final = {figure.key: figure for figure in CATALOGUE}


def _above(key: str) -> Counted:
    return _FIGURES[key].numerator


def _below(key: str) -> Counted:
    return _FIGURES[key].denominator


_DUE, _STANDING, _DONE = _below("audits_due"), _above("audits_due"), _above("audits_done")
COMPLETED: Final = _below("family_contact")
_CONTACTED: Final = _above("family_contact")
_RESPONSES, _FIRST = _below("responses_late"), _above("responses_first_on_time")
_ADEQUATE, _LATE = _above("responses_adequate_on_time"), _above("responses_late")
_SUBMITTED, _OVERDUE = _above("response_time"), _above("responses_overdue")
_RETURNED: Final = _above("responses_returned")
_LATE_AGAIN: Final = _LATE.narrowed(
    "those of them that were on time and came back", first_submitted_on_time=True
)
_LATE_SUBMITTED: Final = _LATE.narrowed("those of them that were submitted", submitted=True)
_AWAITED_AGAIN: Final = _OVERDUE.narrowed("those of them that came back", submitted=True)
_ACTIONS, _OPEN = _below("actions_open"), _above("actions_open")
_BEHIND: Final = _above("actions_overdue")
_VERIFIED, _AS_PROMISED = _above("actions_verified"), _above("actions_by_first_promise")
_VERIFIED_AS_PROMISED: Final = _VERIFIED.narrowed("those done as promised", by_first_promise=True)
_DONE_AS_PROMISED: Final = _OPEN.narrowed("those done as promised", by_first_promise=True)
ESCALATIONS: Final = _below("urgent_findings")
URGENT: Final = _above("urgent_findings")
RAISED_OTHERWISE: Final = (
    ESCALATIONS.narrowed(
        "those of judgements", trigger=EscalationTrigger.INADEQUATE_JUDGEMENT.value
    ),
    ESCALATIONS.narrowed("those of closures", trigger=EscalationTrigger.CLOSED_WITHOUT_AUDIT.value),
)
"""What escalations count beside urgent findings, by what raised them."""
OF_CLOSURES: Final = RAISED_OTHERWISE[1]
_ACKNOWLEDGED: Final = _above("urgent_to_team_manager")
_CLOSURES, _EXEMPT = _below("closures_with_audit"), _above("closures_exempt")
_AUDITED, _NOT_AUDITED = _above("closures_with_audit"), _above("closures_without_audit")
_EXEMPT_AUDITED: Final = _AUDITED.narrowed("those that needed none", exempt=True)
_NEEDED: Final = _NOT_AUDITED.narrowed("those that needed one", exempt=False)
_EXEMPT_NOT_AUDITED: Final = _NOT_AUDITED.narrowed("those that needed none", exempt=True)


def _family(*trees: Tree, crossings: Sequence[Crossing] = ()) -> Family:
    follow = {cell for one in crossings for cell in one.tell}
    cells = dict.fromkeys(cell for tree in trees for cell in tree if cell not in follow)
    return Family(tuple(cells), trees, tuple(crossings))


def _returned(again: Counted) -> Tree:
    """Only what was returned comes back."""
    return {_RESPONSES: None, _SUBMITTED: _RESPONSES, _RETURNED: _SUBMITTED, again: _RETURNED}


FAMILIES: Final[tuple[Family, ...]] = (
    _family(
        {
            _STANDING: _DUE,
            _DONE: _STANDING,
            _DUE: None,
            _above("audits_cancelled"): _DUE,
            _above("audits_exempt"): _DUE,
        }
    ),
    _family(
        {
            _RESPONSES: None,
            _ADEQUATE: _RESPONSES,
            _LATE: _RESPONSES,
            _OVERDUE: _LATE,
            _AWAITED_AGAIN: _OVERDUE,
        },
        {
            _RESPONSES: None,
            _FIRST: _SUBMITTED,
            _ADEQUATE: _FIRST,
            _SUBMITTED: _RESPONSES,
            _LATE_AGAIN: _FIRST,
        },
        {_RESPONSES: None, _LATE: _RESPONSES, _LATE_SUBMITTED: _LATE, _LATE_AGAIN: _LATE_SUBMITTED},
        {_RESPONSES: None, _SUBMITTED: _RESPONSES, _LATE_SUBMITTED: _SUBMITTED},
        _returned(_LATE_AGAIN),
        _returned(_AWAITED_AGAIN),
        # Whatever was not submitted by its date is late; whatever was not submitted, overdue.
        crossings=(
            Crossing((_LATE, _FIRST), (_LATE_AGAIN,)),
            Crossing((_LATE, _SUBMITTED), (_LATE_SUBMITTED,)),
            Crossing((_OVERDUE, _SUBMITTED), (_AWAITED_AGAIN,)),
        ),
    ),
    _family(
        {
            _ACTIONS: None,
            _OPEN: _ACTIONS,
            _BEHIND: _OPEN,
            _VERIFIED: _ACTIONS,
            _DONE_AS_PROMISED: _OPEN,
            _VERIFIED_AS_PROMISED: _VERIFIED,
        },
        {
            _ACTIONS: None,
            _BEHIND: _ACTIONS,
            _AS_PROMISED: _ACTIONS,
            _DONE_AS_PROMISED: _AS_PROMISED,
            _VERIFIED_AS_PROMISED: _AS_PROMISED,
        },
        # Where all that is open is overdue, whatever was done as promised is verified.
        crossings=tuple(
            Crossing((_AS_PROMISED, other), (_DONE_AS_PROMISED, _VERIFIED_AS_PROMISED))
            for other in (_VERIFIED, _OPEN)
        ),
    ),
    _family(
        {
            ESCALATIONS: None,
            URGENT: ESCALATIONS,
            _ACKNOWLEDGED: URGENT,
            _above("urgent_to_quality_standards"): _ACKNOWLEDGED,
        },
    ),
    _family(
        {
            _CLOSURES: None,
            _AUDITED: _CLOSURES,
            _NOT_AUDITED: _CLOSURES,
            _EXEMPT_AUDITED: _AUDITED,
            _EXEMPT_NOT_AUDITED: _NOT_AUDITED,
        },
        {
            _CLOSURES: None,
            _EXEMPT: _CLOSURES,
            _EXEMPT_AUDITED: _EXEMPT,
            _EXEMPT_NOT_AUDITED: _EXEMPT,
        },
        # Hardly one that needed no audit had one.
        crossings=tuple(
            Crossing((_EXEMPT, other), (_EXEMPT_AUDITED, _EXEMPT_NOT_AUDITED))
            for other in (_AUDITED, _NOT_AUDITED)
        ),
    ),
)
"""Those of the catalogue, but for completed audits, whose judgements lie within them too."""

_BESIDE_ESCALATIONS: Final = _family(
    {
        _CLOSURES: None,
        _AUDITED: _CLOSURES,
        _NOT_AUDITED: _CLOSURES,
        _EXEMPT_NOT_AUDITED: _NOT_AUDITED,
        _NEEDED: _NOT_AUDITED,
    },
    {_CLOSURES: None, _EXEMPT: _CLOSURES, _NEEDED: _CLOSURES},
)
CLOSINGS: Final = (_CLOSURES, _AUDITED, _NOT_AUDITED, _EXEMPT)
"""What is told of cases that closed."""
CLOSINGS_ESCALATED: Final = (*CLOSINGS, _EXEMPT_NOT_AUDITED, _NEEDED, OF_CLOSURES)
"""The same with those that raised an escalation, since they needed an audit and had none (C4)."""


def closings_withstand(parts: Parts, told: Collection[Counted], fewest: int) -> bool:
    """Whether escalations of closings can be told, by themselves and beside these of `CLOSINGS`.

    Less the escalations they are those that needed no audit. Where those that needed one are not
    as many, the difference would be known.
    """
    known = [team for teams in parts.values() for team in teams]
    beside = atoms(_BESIDE_ESCALATIONS, [*told, _NEEDED]) if told else []
    as_many = sum(team.amount(Atom((_NEEDED,), (OF_CLOSURES,))) for team in known) == 0
    return (as_many or not told) and withstands(known, [Atom((OF_CLOSURES,)), *beside], fewest)


def completed_family(judged: Sequence[Counted]) -> Family:
    """Completed audits, those judged on each scale, and those in which the family was heard.

    An audit is judged as a whole on one scale; in domains it may be judged in several. Which of
    them a tool has everybody can read: audits judged in one domain less those judged in another may
    be the audits of one tool, and so may those of which neither domains nor a whole were judged.
    """
    wholes = [one for one in judged if "domain" not in one.filters]
    domains = [one for one in judged if "domain" in one.filters]
    by_scale: dict[Cell, Cell | None] = {COMPLETED: None}
    by_scale |= dict.fromkeys(wholes, COMPLETED)
    by_domain: list[Tree] = [{COMPLETED: None, one: COMPLETED} for one in domains]
    if wholes:
        by_domain += [{**by_scale, one: COMPLETED} for one in domains]
    family = _family(by_scale, {COMPLETED: None, _CONTACTED: COMPLETED}, *by_domain)
    return replace(family, differing=tuple(domains))


def theme_counts(theme: str) -> Sequence[Counted]:
    """Planned, done and completed for a theme."""
    return [of_theme(_STANDING, theme), of_theme(_DONE, theme), of_theme(COMPLETED, theme)]


THEMED: Final = (_STANDING, _DONE, COMPLETED)
"""What the counts of themes are parts of, in the same order."""
