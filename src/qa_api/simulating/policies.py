"""The authority's dated policies, as they are or with other values laid over each (§4.2)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values, policy_in_force
from qa_api.rules.unchanging import Unchanging

MONTHS: Final = 12
_AS_THEY_ARE: Final[Mapping[str, object]] = {}


class Year(Unchanging):
    """The twelve whole London months before the one that holds today."""

    today: date
    months: tuple[Month, ...]

    @classmethod
    def before(cls, today: date) -> "Year":
        """The year that a day looks back on."""
        months = [Month.of(today).previous]
        while len(months) < MONTHS:
            months.insert(0, months[0].previous)
        return cls(today, tuple(months))

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return self.months[0].starts_on

    @property
    def ends_on(self) -> date:
        """Its last day, itself inside."""
        return self.months[-1].ends_on

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it; none does not."""
        return day is not None and self.starts_on <= day <= self.ends_on


class Policies:
    """Every version of the policy, each with the same other values laid over it, if any are.

    A value that is not among them stays what it was in each version. Raises `RuleRefused` where a
    version, once it is asked for, does not go together with the other values.
    """

    def __init__(
        self, versions: Iterable[Policy], laid_over: Mapping[str, object] = _AS_THEY_ARE
    ) -> None:
        self._laid_over = dict(laid_over)
        self._kept = {policy.version: policy for policy in versions}
        self._made: dict[int, Policy] = {}
        self._first = min(
            self._kept.values(), key=lambda policy: (policy.effective_from, -policy.version)
        )

    def but(self, laid_over: Mapping[str, object]) -> "Policies":
        """The same versions with these values laid over each."""
        return Policies(self._kept.values(), laid_over)

    def change(self, key: str) -> bool:
        """Whether another value is laid over this one."""
        return key in self._laid_over

    def of(self, version: int) -> Policy:
        """The policy that a record was made under."""
        made = self._made.get(version)
        if made is None:
            kept = self._kept[version]
            values = {**kept.values(), **self._laid_over}
            made = policy_from_values(version, kept.effective_from, values)
            self._made[version] = made
        return made

    def on(self, day: date) -> Policy:
        """The policy in force on a London day; before the first there is, the first."""
        if day < self._first.effective_from:
            return self.of(self._first.version)
        return self.of(policy_in_force(self._kept.values(), day).version)

    def dated(self, until: date) -> tuple[Policy, ...]:
        """What is in force from each day on which a version takes effect, up to a day."""
        days = sorted({policy.effective_from for policy in self._kept.values()})
        return tuple(self.on(day) for day in days if day <= until or day == days[0])
