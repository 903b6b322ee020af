"""Whom an auditor's judgements are held against: overall judgements, domains, domains together.

Where an audit has no overall judgement its domains stand for it (R4.1.3, R4.5.4). Together they are
compared in those domains alone in which enough others were judged, too: so nobody is held against
others who judged something else, and nobody is told of a colleague who alone judged a domain.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.steadiness import Changed, SteadinessOf

NOBODY: Final = Changed(0, 0, 0)


class ComparedPair(NamedTuple):
    """A judgement beside a second one: `apart` is how many ranks worse the second is."""

    audit: Hashable
    apart: int


ByAuditor: TypeAlias = Mapping[str, Sequence[ComparedPair]]
"""The compared judgements of each auditor, by worker code."""
Judged: TypeAlias = Mapping[JudgedOn, ByAuditor]
"""The same, by what was judged."""
_ByDomain: TypeAlias = Mapping[str, Sequence[ComparedPair]]


class Against(NamedTuple):
    """An auditor's judgements of one thing, and what the others have of the same."""

    auditor: str
    of: SteadinessOf
    on: JudgedOn
    judged: Sequence[ComparedPair]
    others: Changed

    @property
    def own(self) -> Changed:
        """How many of theirs were changed."""
        return changed(self.judged)


def against_others(own: Judged, everybody: Judged, fewest: int) -> Iterator[Against]:
    """Each auditor of `own` beside the others of `everybody`: by thing, then domains together.

    The others are nobody where fewer than `fewest` were judged on the same.
    """
    for on, by_auditor in own.items():
        of = SteadinessOf.OVERALL if on.domain is None else SteadinessOf.DOMAIN
        all_of_them = {code: changed(found) for code, found in everybody.get(on, {}).items()}
        for auditor, judged in by_auditor.items():
            yield Against(auditor, of, on, judged, _of_others(auditor, all_of_them, fewest))
    for on, of_auditors in _by_scale(own).items():
        domains = _Domains(everybody, on, fewest)
        for auditor, by_domain in of_auditors.items():
            if len(by_domain) > 1:
                judged, others = domains.of(auditor, by_domain)
                yield Against(auditor, SteadinessOf.DOMAINS_TOGETHER, on, judged, others)


def changed(pairs: Iterable[ComparedPair]) -> Changed:
    """How many of these the second judgement raised and lowered, and how they lie in audits."""
    found = [*pairs]
    sizes = Counter(pair.audit for pair in found)
    return Changed(
        raised=sum(pair.apart < 0 for pair in found),
        lowered=sum(pair.apart > 0 for pair in found),
        pairs=len(found),
        further=len(found) - len(sizes),
        beside=sum(size * (size - 1) for size in sizes.values()),
    )


def _of_others(auditor: str, everybody: Mapping[str, Changed], fewest: int) -> Changed:
    """Those of all others; none where so few others have any that they would be recognised."""
    others = [each for code, each in everybody.items() if code != auditor]
    return sum(others, NOBODY) if len(others) >= fewest else NOBODY


def _by_scale(judged: Judged) -> Mapping[JudgedOn, Mapping[str, _ByDomain]]:
    """What each auditor judged of domains, by scale, auditor and domain."""
    found: dict[JudgedOn, dict[str, dict[str, Sequence[ComparedPair]]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for on, by_auditor in judged.items():
        if on.domain is not None:
            for auditor, pairs in by_auditor.items():
                found[JudgedOn(on.scale, on.number)][auditor][on.domain] = pairs
    return found


class _Domains:
    """The domains of one scale, judged by many: what each auditor is compared with."""

    def __init__(self, everybody: Judged, on: JudgedOn, fewest: int) -> None:
        self._by_domain: Mapping[str, ByAuditor] = {
            each.domain: by_auditor
            for each, by_auditor in everybody.items()
            if (each.scale, each.number) == (on.scale, on.number) and each.domain is not None
        }
        self._fewest = fewest
        self._everybody: dict[frozenset[str], Mapping[str, Changed]] = {}

    def of(self, auditor: str, own: _ByDomain) -> tuple[Sequence[ComparedPair], Changed]:
        """Their own judgements and what the others have, of the domains that can be compared.

        Where no domain can be, theirs of all domains, and nobody's.
        """
        domains = frozenset(domain for domain in own if self._has_enough_others(auditor, domain))
        if not domains:
            return [*chain.from_iterable(own.values())], NOBODY
        theirs = [*chain.from_iterable(own[domain] for domain in sorted(domains))]
        return theirs, _of_others(auditor, self._of_everybody(domains), self._fewest)

    def _has_enough_others(self, auditor: str, domain: str) -> bool:
        others = self._by_domain.get(domain, {}).keys() - {auditor}
        return len(others) >= max(self._fewest, 1)

    def _of_everybody(self, domains: frozenset[str]) -> Mapping[str, Changed]:
        """What everybody has in these domains; worked out once for those who share them."""
        if domains not in self._everybody:
            pairs: dict[str, list[ComparedPair]] = defaultdict(list)
            for domain in domains:
                for auditor, found in self._by_domain[domain].items():
                    pairs[auditor].extend(found)
            self._everybody[domains] = {code: changed(found) for code, found in pairs.items()}
        return self._everybody[domains]
