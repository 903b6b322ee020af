"""Values behave as frozen data classes do, each held against its twin that is one."""

import copy
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

import pytest

from qa_api.rules.unchanging import Unchanging

T = TypeVar("T")


@dataclass(frozen=True)
class Twin:
    """What `Own` is to behave like."""

    day: int
    words: str = "none"
    facts: dict[str, int] = field(default_factory=dict, hash=False)
    said: str = field(default="", compare=False, repr=False)
    late: bool = field(default=False, kw_only=True)


class Own(Unchanging):
    """A value with all that a field can have."""

    day: int
    words: str = "none"
    facts: dict[str, int] = field(default_factory=dict, hash=False)
    said: str = field(default="", compare=False, repr=False)
    late: bool = field(default=False, kw_only=True)


class Longer(Own):
    """One that holds more."""

    hours: int = 0


class Held(Unchanging, Generic[T]):
    """One of any kind, of which something follows."""

    held: T
    twice: tuple[T, T] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", (self.held, self.held))


class Alone(Unchanging, eq=False):
    """One that is equal to itself alone."""

    held: list[int]


class Empty(Unchanging):
    """One that holds nothing."""


class Named(Unchanging, kw_only=True):
    """One whose values are given by their names."""

    first: int = 1
    second: int


WAYS: list[tuple[str, Callable[[Any], Any]]] = [
    ("in their places", lambda kind: kind(1, "some", {"a": 1}, "x", late=True)),
    ("by their names", lambda kind: kind(late=True, words="some", day=1)),
    ("both", lambda kind: kind(1, said="y")),
    ("defaults", lambda kind: kind(1)),
]
WRONG: list[tuple[str, Callable[[Any], Any]]] = [
    ("nothing", lambda kind: kind()),
    ("one twice", lambda kind: kind(1, day=1)),
    ("one that is not there", lambda kind: kind(1, other=1)),
    ("one instead of another", lambda kind: kind(other=1)),
    ("too many", lambda kind: kind(1, "some", {}, "x", True)),
]


@pytest.mark.parametrize("make", [make for _, make in WAYS], ids=[name for name, _ in WAYS])
def test_made_and_shown_as_a_data_class_is(make: Callable[[Any], Any]) -> None:
    own, twin = make(Own), make(Twin)
    assert asdict(own) == asdict(twin)
    assert repr(own) == repr(twin).replace("Twin", "Own")
    assert hash(own) == hash(twin)
    assert own == make(Own)
    assert [one.name for one in fields(Own)] == [one.name for one in fields(Twin)]
    assert Own.__match_args__ == Twin.__match_args__


@pytest.mark.parametrize("make", [make for _, make in WRONG], ids=[name for name, _ in WRONG])
def test_refused_as_a_data_class_refuses(make: Callable[[Any], Any]) -> None:
    for kind in (Own, Twin):
        with pytest.raises(TypeError):
            make(kind)


def test_equal_where_all_that_is_compared_is_equal_and_of_one_class() -> None:
    assert Own(1, said="x") == Own(1, said="y")
    assert Own(1) != Own(2)
    assert Own(1) != Longer(1)
    assert Own(1) != Twin(1)
    assert len({Own(1), Own(1), Own(2), Own(1, facts={"a": 1})}) == 3
    alone = Alone([1])
    assert alone != Alone([1])
    assert {alone: 1}[alone] == 1
    assert Empty() == Empty()
    assert hash(Empty()) == hash(())


def test_nothing_in_it_changes() -> None:
    own = Own(1)
    with pytest.raises(FrozenInstanceError):
        own.day = 2  # type: ignore[misc]  # as mypy says too
    with pytest.raises(FrozenInstanceError):
        own.other = 2  # type: ignore[attr-defined]  # as mypy says too
    with pytest.raises(FrozenInstanceError):
        del own.day
    assert own.facts is not Own(1).facts
    assert replace(own, day=2) == Own(2)
    assert own == Own(1)


def test_copied_and_kept_it_is_the_same() -> None:
    own = Own(1, facts={"a": 1})
    for again in (copy.copy(own), copy.deepcopy(own)):
        assert again == own
    assert copy.deepcopy(own).facts is not own.facts


def test_what_is_inherited_what_follows_and_what_goes_by_name() -> None:
    assert Longer(1, hours=3) == Longer(1, "none", {}, "", 3)
    assert Held[int](2).twice == (2, 2)
    assert (Named(second=2).first, Named(second=2).second) == (1, 2)
    with pytest.raises(TypeError, match="once"):
        Named(1, 2)  # type: ignore[call-arg]  # as mypy says too
