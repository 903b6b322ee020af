"""The counts of the Board's figures as families: which lie within which (§4.7, R4.7.3)."""

from collections.abc import Sequence
from typing import Final

from qa_api.rules.linked_counts import Family, Tree
from qa_api.rules.metrics import CATALOGUE, Counted, of_theme
from qa_api.rules.readers import Cell

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
_SUBMITTED: Final = _above("response_time")
_ACTIONS, _OPEN = _below("actions_open"), _above("actions_open")
ESCALATIONS: Final = _below("urgent_findings")
_URGENT: Final = _above("urgent_findings")
_ACKNOWLEDGED: Final = _above("urgent_to_team_manager")
_CLOSURES: Final = _below("closures_with_audit")


def _family(*trees: Tree) -> Family:
    return Family(tuple(dict.fromkeys(cell for tree in trees for cell in tree)), trees)


def _each_within(whole: Counted, *keys: str) -> list[Tree]:
    """Numerators that may overlap: a tree each."""
    return [{whole: None, _above(key): whole} for key in keys]


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
        {_RESPONSES: None, _ADEQUATE: _RESPONSES, _LATE: _RESPONSES},
        {_RESPONSES: None, _FIRST: _SUBMITTED, _ADEQUATE: _FIRST, _SUBMITTED: _RESPONSES},
        {_RESPONSES: None, _LATE: _RESPONSES, _above("responses_overdue"): _LATE},
        {_RESPONSES: None, _SUBMITTED: _RESPONSES, _above("responses_returned"): _SUBMITTED},
    ),
    _family(
        {
            _ACTIONS: None,
            _OPEN: _ACTIONS,
            _above("actions_overdue"): _OPEN,
            _above("actions_verified"): _ACTIONS,
        },
        *_each_within(_ACTIONS, "actions_by_first_promise"),
    ),
    _family(
        {
            ESCALATIONS: None,
            _URGENT: ESCALATIONS,
            _ACKNOWLEDGED: _URGENT,
            _above("urgent_to_quality_standards"): _ACKNOWLEDGED,
        },
    ),
    _family(
        {
            _CLOSURES: None,
            _above("closures_with_audit"): _CLOSURES,
            _above("closures_without_audit"): _CLOSURES,
        },
        *_each_within(_CLOSURES, "closures_exempt"),
    ),
)
"""Those of the catalogue, but for completed audits, whose judgements lie within them too."""


def completed_family(judged: Sequence[Counted]) -> Family:
    """Completed audits, those judged on each scale, and those in which the family was heard.

    An audit is judged as a whole on one scale; in domains it may be judged in several.
    """
    wholes = [one for one in judged if "domain" not in one.filters]
    domains = [one for one in judged if "domain" in one.filters]
    by_scale: dict[Cell, Cell | None] = {COMPLETED: None}
    by_scale |= dict.fromkeys(wholes, COMPLETED)
    by_domain: list[Tree] = [{COMPLETED: None, one: COMPLETED} for one in domains]
    return _family(by_scale, {COMPLETED: None, _CONTACTED: COMPLETED}, *by_domain)


def theme_counts(theme: str) -> Sequence[Counted]:
    """Planned, done and completed for a theme."""
    return [of_theme(_STANDING, theme), of_theme(_DONE, theme), of_theme(COMPLETED, theme)]


THEMED: Final = (_STANDING, _DONE, COMPLETED)
"""What the counts of themes are parts of, in the same order."""
