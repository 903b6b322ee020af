"""Checking a document that a person wrote against its form, and finding as much as possible.

Each fault is reported, and everything else is still checked. `fit` leaves out a faulty entry, for
entries that are checked one by one. `fit_loosely` leaves out only faulty values, for checks in
memory; `Unread` stands for them, and nothing can be said of it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Final, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from qa_api.rules.unchanging import Unchanging
from qa_api.values.faults import in_our_words, place_of
from qa_api.values.json_file import Path

NOTHING: Final[Mapping[str, Any]] = {}

T = TypeVar("T")
Form = TypeVar("Form", bound=BaseModel)


class Unread:
    """Stands for a value that cannot be read: equal to nothing, and neither before nor after it."""

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __lt__(self, other: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__


def is_read(value: BaseModel) -> bool:
    """Whether all values of a part of a document could be read."""
    return not any(isinstance(part, Unread) for part in vars(value).values())


class Fitted(Unchanging, Generic[T]):
    """A document in its form, without the entries that are not of theirs."""

    value: T | None
    """None where it is not of its form apart from any entry."""
    faults: tuple[tuple[Path, str], ...]
    left_out: frozenset[Path] = frozenset()
    """The entries that the value does without."""
    unread: frozenset[Path] = frozenset()
    """The places of the values that it does without."""

    def knows(self, path: Sequence[str | int]) -> bool:
        """Whether anything can be said of a place: neither it nor what contains it is unread."""
        return not any(tuple(path[:end]) in self.unread for end in range(len(path) + 1))

    def original(self, path: Path) -> Path:
        """Where in the document something stands that stands at `path` of the value."""
        found: Path = ()
        for part in path:
            if isinstance(part, int):
                gone = sorted(
                    out[-1]
                    for out in self.left_out
                    if out[:-1] == found and isinstance(out[-1], int)
                )
                at = part
                for place in gone:
                    at += place <= at
                found = (*found, at)
            else:
                found = (*found, part)
        return found


def fit(
    form: Any,
    document: Any,
    entry: Callable[[Path], Path | None],
    stand_ins: Mapping[str, Any] = NOTHING,
) -> Fitted[Any]:
    """Read a document in a form, leaving out what has faults.

    So that the rest of an entry is checked too, a `stand_in` replaces a faulty value that is
    required, by the name of its field. Such a document is for checking only. If that is not enough
    the whole entry is left out; `entry` says to which entry a place belongs. For a place in no
    entry it gives None, and then nothing is left of the document.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(form)
    try:
        return Fitted(adapter.validate_python(document), ())
    except ValidationError as wrong:
        faults = _faults(wrong)
    unread = frozenset(path for path, _ in faults)
    stood_in = frozenset(path for path in unread if path and path[-1] in stand_ins)
    left_out = unread - stood_in
    for _ in range(2):
        if () in left_out:
            break
        mended = _without(_with(document, stood_in, stand_ins), left_out)
        try:
            return Fitted(adapter.validate_python(mended), faults, left_out, unread)
        except ValidationError as still:
            so_far: Fitted[Any] = Fitted(None, faults, left_out)
            entries = {entry(so_far.original(path)) for path, _ in _faults(still)}
            gone = frozenset(path for path in entries if path is not None)
            if None in entries:
                break
            left_out = gone | {
                path for path in left_out if not any(path[: len(one)] == one for one in gone)
            }
            stood_in = frozenset(
                path for path in stood_in if not any(path[: len(one)] == one for one in gone)
            )
    return Fitted(None, faults, left_out, unread)


def _with(
    value: Any, places: Collection[Path], stand_ins: Mapping[str, Any], path: Path = ()
) -> Any:
    """The document with a stand-in at each of these places."""
    if isinstance(value, dict):
        found = {
            name: _with(part, places, stand_ins, (*path, name)) for name, part in value.items()
        }
        here = (place[-1] for place in places if place[:-1] == path)
        return found | {str(name): stand_ins[str(name)] for name in here}
    if isinstance(value, list):
        return [_with(part, places, stand_ins, (*path, at)) for at, part in enumerate(value)]
    return value


def _without(value: Any, left_out: frozenset[Path], path: Path = ()) -> Any:
    if isinstance(value, dict):
        return {
            name: _without(part, left_out, (*path, name))
            for name, part in value.items()
            if (*path, name) not in left_out
        }
    if isinstance(value, list):
        return [
            _without(part, left_out, (*path, at))
            for at, part in enumerate(value)
            if (*path, at) not in left_out
        ]
    return value


def fit_loosely(form: type[Form], document: object) -> Fitted[Form]:
    """Read a document in a form, with `Unread` where a value is not of its own.

    Such a document is for checking alone: it must not be kept.
    """
    try:
        return Fitted(form.model_validate(document), ())
    except ValidationError as wrong:
        reading = _Loose(set())
        value = reading.model(form, document, ())
        return Fitted(value, _faults(wrong), unread=frozenset(reading.unread))


def _faults(wrong: ValidationError) -> tuple[tuple[Path, str], ...]:
    found = wrong.errors(include_input=False, include_url=False)
    return tuple((place_of(error), in_our_words(error)[1]) for error in found)


class _Loose(Unchanging):
    unread: set[Path]

    def model(self, form: type[Form], value: object, path: Path) -> Form:
        """A part of the document with its fields as far as each can be read."""
        try:
            return form.model_validate(value)
        except ValidationError:
            pass
        if not isinstance(value, Mapping):
            self.unread.add(path)
        given = value if isinstance(value, Mapping) else {}
        found: dict[str, Any] = {}
        for name, described in form.model_fields.items():
            written = described.alias or name
            if written in given:
                adapter = _adapter(form, name)
                inside = (*path, written)
                found[name] = self._value(adapter, described.annotation, given[written], inside)
            elif described.is_required():
                self.unread.add((*path, written))
                found[name] = Unread()
            else:
                found[name] = described.get_default(call_default_factory=True)
        return form.model_construct(**found)

    def _value(
        self, adapter: TypeAdapter[Any] | None, annotation: Any, value: Any, path: Path
    ) -> Any:
        if adapter is not None:
            try:
                return adapter.validate_python(value)
            except ValidationError:
                pass
        form = _bare_type(annotation)
        if get_origin(form) is list:
            (of,) = get_args(form)
            parts = value if isinstance(value, list) else self._nothing(path, [])
            return [self._part(of, part, (*path, at)) for at, part in enumerate(parts)]
        if get_origin(form) is dict:
            _, of = get_args(form)
            named = value if isinstance(value, dict) else self._nothing(path, {})
            return {name: self._part(of, part, (*path, name)) for name, part in named.items()}
        if isinstance(form, type) and issubclass(form, BaseModel):
            return self.model(form, value, path)
        return self._nothing(path, Unread())

    def _part(self, annotation: Any, value: Any, path: Path) -> Any:
        form = _bare_type(annotation)
        if isinstance(form, type) and issubclass(form, BaseModel):
            return self.model(form, value, path)
        return self._value(TypeAdapter(annotation, config=_STRICT), annotation, value, path)

    def _nothing(self, path: Path, instead: T) -> T:
        self.unread.add(path)
        return instead


_STRICT = ConfigDict(strict=True)


@cache
def _adapter(form: type[BaseModel], name: str) -> TypeAdapter[Any] | None:
    """What reads one field of a form by itself; None for a form of its own."""
    field = form.model_fields[name]
    plain = _bare_type(field.annotation)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return None
    whole: Any = field.annotation
    if field.metadata:
        whole = Annotated[(whole, *field.metadata)]
    return TypeAdapter(whole, config=_STRICT)


def _bare_type(annotation: Any) -> Any:
    """The type in an annotation: without what qualifies it, and of a choice what is not None."""
    while get_origin(annotation) is not None and get_origin(annotation) not in (list, dict):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation
