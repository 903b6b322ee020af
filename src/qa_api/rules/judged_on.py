"""What judgements are of: figures of different ones are never mixed (§4.1, R4.1.3)."""

from collections.abc import Mapping
from typing import NamedTuple


class JudgedOn(NamedTuple):
    """One number of one scale, and the domain that was judged; None is the audit as a whole."""

    scale: str
    number: int
    domain: str | None = None

    def place(self, domains: Mapping[str, str]) -> tuple[str, int, int, str]:
        """Where it stands among others: the whole first, then the domains in their own order."""
        at = -1 if self.domain is None else [*domains, self.domain].index(self.domain)
        return self.scale, self.number, at, self.domain or ""
