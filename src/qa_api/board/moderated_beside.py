"""Moderated pairs beside the audits that they are of: nobody is left over (§4.5, §4.7, R4.7.3).

A pair is an audit that was judged twice. So audits completed, less those that were moderated, are
those that were not; and if all were moderated, what was judged before moderation is known. Both
sections tell of the same audits, each with versions of its own. So they are held against each other
as versions of one table are (`rules/versions.py`).
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import select

from qa_api.board.earlier import Version
from qa_api.board.figure_schemas import judged_on
from qa_api.board.quarter_rows import QuarterRows, digest_of
from qa_api.models.moderation import ModerationOutcome
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Value
from qa_api.rules.policy_values import SecondGrade
from qa_api.rules.readers import Atom, Holder, Readers, know_all_but_not, posts
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Held, Shown, may_be_told_anew
from qa_api.work import Work

Kind: TypeAlias = tuple[JudgedOn, SecondGrade]
"""Pairs of one thing, sealed or not: each kind is told by itself."""
_AUDITS: Final = "audits/completed"


class ToldPairs(Unchanging):
    """What was told of moderated pairs."""

    kinds: frozenset[Kind]
    before_and_after: frozenset[JudgedOn]
    """Of what it was told, too, how often each judgement was given before moderation."""


def pairs_told(versions: Collection[Version]) -> ToldPairs:
    """What all of these versions, and later trends among them, told of pairs."""
    scales = [scale for version in versions for scale in version.judgements]
    kinds = {
        (judged_on(scale), scale.moderated_second_grade)
        for scale in scales
        if scale.moderated_pairs is not None and scale.moderated_second_grade is not None
    }
    agreed = (one for v in versions if v.figures for one in v.figures.agreement or ())
    kinds |= {(judged_on(one), one.second_grade) for one in agreed if one.second_grade}
    return ToldPairs(frozenset(kinds), frozenset(judged_on(one) for one in scales if one.moderated))


class Beside(Unchanging):
    """The audits of each version of their section, and of each version of pairs those audits."""

    audits: Sequence[QuarterRows]
    """None where it was not kept which those were: then nothing can be compared."""
    pairs: Sequence[QuarterRows]

    def withstands(
        self, on: JudgedOn, kinds: Collection[Kind], fewest: int, *, by_judgement: bool
    ) -> bool:
        """Whether what these kinds of pairs leave of the audits, and all versions of each other, is
        of nobody or of enough: in all, or judgement by judgement."""
        versions = [_audits(each, on, by_judgement=by_judgement) for each in self.audits]
        versions += [
            _pairs(each, kind, by_judgement=by_judgement)
            for each in self.pairs
            for kind in kinds
            if kind[0] == on
        ]
        told = [each for each in versions if each]
        atoms = {count for version in told for counts in version.values() for count in counts}
        shown = Shown(tuple(Atom((count,)) for count in atoms))
        return may_be_told_anew(told, [shown], fewest, self._known_by())

    def tell_before(self, on: JudgedOn, kinds: Collection[Kind]) -> bool:
        """Whether somebody, or two together, know how the latest pairs were judged before
        moderation, since they know all that was not moderated, and not the pairs themselves."""
        pairs = [
            row
            for kind in kinds
            for row in self._rows(_pairs(self.pairs[-1], kind, by_judgement=False))
        ]
        moderated = {row for row, _ in pairs}
        of_pairs = {readers for _, readers in pairs}
        return any(
            know_all_but_not({readers for row, readers in rows if row not in moderated}, of_pairs)
            for each in self.audits
            for rows in [[*self._rows(_audits(each, on, by_judgement=False))]]
        )

    def _rows(self, held: Held) -> Iterator[tuple[str, Readers]]:
        """Each row and who knows it."""
        known_by = self._known_by()
        for holder, counts in held.items():
            for row in (row for rows in counts.values() for row in rows):
                yield row, posts(holder) | known_by.get(row, Readers())

    def _known_by(self) -> Mapping[str, Readers]:
        found: dict[str, Readers] = {}
        for each in (*self.audits, *self.pairs):
            for row, people in each.known_by.items():
                found[row] = found.get(row, Readers()) | people
        return found


def _audits(rows: QuarterRows, on: JudgedOn, *, by_judgement: bool) -> Held:
    wanted: dict[str, Value] = {"scale": on.scale, "scale_number": on.number}
    series = _AUDITS
    if on.domain is not None:
        wanted["domain"], series = on.domain, f"{_AUDITS}/by_domain"
    return _held(rows, series, wanted, "judgement" if by_judgement else None)


def _pairs(rows: QuarterRows, kind: Kind, *, by_judgement: bool) -> Held:
    on, grade = kind
    wanted: dict[str, Value] = {
        "scale": on.scale,
        "scale_number": on.number,
        "domain": on.domain or "",
        "second_grade": grade.value,
    }
    return _held(rows, "agreement/pairs", wanted, "before" if by_judgement else None)


def _held(rows: QuarterRows, series: str, wanted: Mapping[str, Value], by: str | None) -> Held:
    found: dict[Holder, dict[Hashable, list[str]]] = {}
    for holder, cells in rows.found.items():
        for one in cells:
            facts = one.cell.facts
            if one.cell.series == series and wanted.items() <= facts.items():
                count = None if by is None else facts.get(by)
                found.setdefault(holder, {}).setdefault(count, []).extend(one.rows)
    return found


async def as_audits(
    work: Work, quarter: FinancialQuarter, pairs: Sequence[QuarterRows]
) -> Sequence[QuarterRows]:
    """Versions of moderated pairs as the audits that they are of."""
    if not any(each.found for each in pairs):
        return pairs
    outcome = ModerationOutcome
    of_quarter = select(outcome.id, outcome.audit_id).where(
        outcome.completed_on >= quarter.starts_on, outcome.completed_on < quarter.next.starts_on
    )
    async with work.reaching_everybody():  # nothing leaves but what can be told
        found: Sequence[Any] = (await work.session.execute(of_quarter)).all()
    audits = {digest_of(quarter, row.id): digest_of(quarter, row.audit_id) for row in found}
    return [each.renamed(audits) for each in pairs]


def each_kind(kinds: Collection[Kind]) -> Iterator[tuple[JudgedOn, Sequence[Kind]]]:
    """What was judged, with the kinds of its pairs."""
    for on in dict.fromkeys(on for on, _ in kinds):
        yield on, [kind for kind in kinds if kind[0] == on]
