"""A proposed policy as a file: the form in which it would be decided, and every fault of it.

{"response_working_days": 10}                     values by key, as `qa-api init --policy`
{"effective_from": ..., "changes": [...]}         what is sent to POST /v1/policies
{"name": ..., "policy": {"values": {...}}}        an authority's authority.json
"""

from collections.abc import Iterator, Mapping

from qa_api.adoption.folder import AuthorityIn, FileFault, pointer_of
from qa_api.calendars.policy_schemas import NewPolicy
from qa_api.directory.importing import faults_of_form
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy_keys import read_value
from qa_api.rules.unchanging import Unchanging
from qa_api.values.form_checks import fit
from qa_api.values.json_file import Path, Written, read

_NOT_AN_OBJECT = "A policy is a JSON object."


class FileRefused(Exception):
    """The file is no policy that could be decided on; each fault names its place."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class Proposed(Unchanging):
    """The values that a file proposes by key, and where each stands in it."""

    file: str
    written: Written
    values: Mapping[str, object]
    places: Mapping[str, Path]

    def refused(self, why: RuleRefused) -> FileRefused:
        """Values that do not stand together with the rest of the policy."""
        path = self.places.get(why.field or "", ())
        at = self.written.place(path)
        return FileRefused(FileFault(self.file, pointer_of(path), why.message, at))


def read_proposed(file: str, content: bytes) -> Proposed:
    """What the file proposes. Raises `FileRefused` with every fault of its form and its values."""
    written = read(content)
    if not written.is_whole or written.faults:
        raise FileRefused(
            *(FileFault(file, "", each.detail, (each.line, each.column)) for each in written.faults)
        )
    document = written.value
    if not isinstance(document, dict):
        raise FileRefused(FileFault(file, "", _NOT_AN_OBJECT, written.place(())))
    faults = tuple(_faults_of_form(file, written))
    if faults:
        raise FileRefused(*faults)
    entries = list(_entries(document))
    places = {key: path for key, _, path in entries}
    found = Proposed(file, written, {key: value for key, value, _ in entries}, places)
    faults = tuple(_faults_of_values(found, [key for key, _, _ in entries]))
    if faults:
        raise FileRefused(*faults)
    return found


def _faults_of_form(file: str, written: Written) -> Iterator[FileFault]:
    """Of the two forms that hold more than values."""
    form = next((form for name, form in _FORMS.items() if name in written.value), None)
    if form is not None:
        fitted = fit(form, written.value, lambda _: None, {})
        for fault in faults_of_form(written, fitted):
            yield FileFault(file, fault.place, fault.detail, fault.at)


_FORMS = {"changes": NewPolicy, "policy": AuthorityIn}


def _entries(document: Mapping[str, object]) -> Iterator[tuple[str, object, Path]]:
    """Each key, its value, and where it stands."""
    match document:
        case {"changes": list(changes)}:
            for at, change in enumerate(changes):
                yield change["key"], change["value"], ("changes", at)
        case {"policy": dict(policy)}:
            for key, value in policy.get("values", {}).items():
                yield key, value, ("policy", "values", key)
        case _:
            for key, value in document.items():
                yield key, value, (key,)


def _faults_of_values(found: Proposed, keys: list[str]) -> Iterator[FileFault]:
    """Each value by itself, by what a change of the policy is refused by."""
    for key in dict.fromkeys(keys):
        path = found.places[key]
        at = found.written.place(path)
        if keys.count(key) > 1:
            yield FileFault(found.file, pointer_of(path), "This key is given twice.", at)
        else:
            try:
                read_value(key, found.values[key])
            except RuleRefused as refused:
                yield FileFault(found.file, pointer_of(path), refused.message, at)
