"""Values: equal where all they hold is equal, and never changed once they are made."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self, dataclass_transform


class Form:
    """What the values of a class hold."""

    __slots__ = (
        "alone",
        "compared",
        "every",
        "hashed",
        "is_checked",
        "made",
        "plain",
        "positional",
        "shown",
    )

    def __init__(self, held: Iterable[Field[Any]], *, is_checked: bool) -> None:
        self.is_checked = is_checked
        asked = [one for one in held if one.init]
        self.every = frozenset(one.name for one in asked)
        self.positional = tuple(one.name for one in asked if not one.kw_only)
        self.alone = len(self.positional) if len(self.positional) == len(self.every) else -1
        self.plain: Mapping[str, Any] = {
            one.name: one.default for one in asked if one.default is not MISSING
        }
        self.made: Mapping[str, Callable[[], Any]] = {
            one.name: one.default_factory for one in asked if one.default_factory is not MISSING
        }
        self.shown = [one.name for one in held if one.repr]
        self.compared = _reader(one for one in held if one.compare)
        self.hashed = _reader(one for one in held if (one.hash, one.compare) in _HASHED)


_HASHED: Final = {(None, True), (True, True), (True, False)}


def _reader(chosen: Iterable[Field[Any]]) -> Callable[[Any], Any]:
    names = [one.name for one in chosen]
    return attrgetter(*names) if names else lambda _: ()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Unchanging:
    """The base of classes of values, each named by an annotation.

    As `dataclass(frozen=True)` has it, with `eq=False` for what is equal to itself alone; and what
    reads data classes (`fields`, `replace`, `asdict`) reads these. But a data class writes the
    source of its methods and has it compiled whenever its module is loaded, which for a hundred and
    fifty of them was a twelfth of a start. Here all have these.
    """

    _form: ClassVar[Form]

    def __init_subclass__(cls, *, kw_only: bool = False, eq: bool = True) -> None:
        super().__init_subclass__()
        kept: Any = dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        is_checked = cls.__post_init__ is not Unchanging.__post_init__
        cls._form = Form(fields(kept), is_checked=is_checked)
        if not eq:
            for name in ("__eq__", "__hash__"):
                setattr(cls, name, getattr(object, name))

    def __init__(self, /, *placed: Any, **named: Any) -> None:
        form = self._form
        if len(placed) == form.alone:  # the common case, in which nothing is left to look at
            self.__dict__.update(zip(form.positional, placed))  # noqa: B905 - they are as many
            if form.is_checked:
                self.__post_init__()
            return
        held = dict(zip(form.positional, placed, strict=False), **named)
        if len(held) != len(placed) + len(named):
            raise TypeError(f"{type(self).__name__} takes each value once: {form.positional}")
        if len(held) < len(form.every):
            held = {**form.plain, **{name: make() for name, make in form.made.items()}, **held}
        if held.keys() != form.every:
            wrong = sorted(held.keys() ^ form.every)
            raise TypeError(f"{type(self).__name__} has other values: {wrong}")
        self.__dict__.update(held)
        self.__post_init__()

    def but(self, **changes: Any) -> Self:
        """The same with other values, none of which is checked: for what is made very often."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **changes)
        return other

    def __post_init__(self) -> None:
        """Check what is held, or work out what follows from it."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        compared = self._form.compared
        return bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        return hash(self._form.hashed(self))

    def __repr__(self) -> str:
        held = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._form.shown)
        return f"{type(self).__qualname__}({held})"

    if not TYPE_CHECKING:  # declared, they would let a type checker take any name

        def __setattr__(self, name: str, _: Any) -> NoReturn:
            raise FrozenInstanceError(f"{type(self).__name__}.{name} is not changed")

        def __delattr__(self, name: str) -> NoReturn:
            raise FrozenInstanceError(f"{type(self).__name__}.{name} stays")
