"""On which version of a resource a change is based (RFC 9110, conditional requests)."""

from qa_api.problems import precondition_failed
from qa_api.rules.unchanging import Unchanging


class Precondition(Unchanging):
    """What a request that changes something says about the version it is based on."""

    versions: frozenset[int] = frozenset()
    any_version: bool = False
    must_not_exist: bool = False

    def check(self, version: int | None) -> None:
        """Refuse (412) a change that is based on another version than the one stored now.

        The version is None where the resource does not exist. The refusal names a tag that holds
        as a condition of the next attempt.
        """
        if self.must_not_exist:
            holds = version is None
        elif version is None:
            holds = False
        else:
            holds = self.any_version or version in self.versions
        if not holds:
            raise precondition_failed(None if version is None else f'"{version}.{"0" * 16}"')
