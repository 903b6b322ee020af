"""Faults that no test can notice, since the function does the same with them: each with its why."""

from collections.abc import Mapping
from typing import Final

_SHORT_CUT: Final = "a short cut that is taken less often: the long way finds the same"
_BASE64: Final = "more padding than it takes is passed over"
_CODEC: Final = "another name of the same codec, or the default, which reads ASCII alike"
_BEFORE_ANY: Final = "asked only once a key set was read, which sets it"

_OF_KEY: Final = (
    "public = {{name: value.decode({}) if isinstance(value, bytes){} else str(value)"
    " for name, value in members.items() if name in ('kty', 'crv', 'x', 'y')}}"
)
_OWN: Final = "no statement around it has that row, so it is its own either way"
_TYPE: Final = "what it is read as, which is text or nothing either way; the statement is the same"
_TEXT: Final = "the library gives text; bytes are read as some releases of it gave them"

ALIKE: Final[Mapping[tuple[str, str], str]] = {
    ("telling.known_times", "version, before, so_far = (+1, None, None)"): (
        "whether the first number opens a version of its own, nothing is below it"
    ),
    ("telling.known_times", "version, before, so_far = (-2, None, None)"): (
        "no version is below nought, so the first number is always another"
    ),
    ("telling._plainly_last", "latest = None"): _SHORT_CUT,
    (
        "telling._plainly_last",
        "found = [each for at, each in times if at is not None or at == latest]",
    ): _SHORT_CUT,
    (
        "telling._plainly_last",
        "found = [each for at, each in times if at is None and at == latest]",
    ): _SHORT_CUT,
    (
        "telling._plainly_last",
        "if other is not None and other > version or each.told.stream == stream:",
    ): _SHORT_CUT,
    (
        "telling._plainly_last",
        "if other is not None and other >= version and (each.told.stream == stream):",
    ): _SHORT_CUT,
    ("telling.newest", "known = at.timestamp() if at is not None else 1.0"): (
        "what has no time is compared by it with its like alone"
    ),
    ("keys._bits", "raw = urlsafe_b64decode(number + '=' * (+len(number) % 4))"): _BASE64,
    ("keys._bits", "return int.from_bytes(raw).bit_length()"): "the order is the default",
    ("keys.KeySource.__init__", "self._read_at = float('-INF')"): "the same number",
    ("keys.KeySource.__init__", "self._tried_at = float('-INF')"): "the same number",
    ("keys.KeySource.__init__", "self._failed = None"): _BEFORE_ANY,
    ("keys.KeySource.__init__", "self._failed = True"): _BEFORE_ANY,
    ("tokens._decoded", "return urlsafe_b64decode(part + '=' * (+len(part) % 4))"): _BASE64,
    ("tokens._digest", "return sha256(token.encode('UTF-8', 'surrogatepass')).digest()"): _CODEC,
    (
        "tokens._taken_apart",
        "return (header, claims, f'{header_part}.{claims_part}'.encode('ASCII'), signature)",
    ): _CODEC,
    (
        "actor._settings",
        "sealed = case((judges, func.qa_sealed_from(rights.c.worker, teams, led)))",
    ): _TYPE,
    (
        "reach.own_work",
        (
            "to_answer = there_is(None, response.subject_id == subject_id,"
            " response.handed_to == me.worker)"
        ),
    ): _OWN,
    (
        "through_audits.of_audit_looked_back_at",
        "return there_is(None, audit.id == row.audit_id, looked_back_at(audit, me))",
    ): _OWN,
    ("printing._lines", "yield _WORDS.rstrip(None)"): "it ends in line breaks alone",
    ("development.DevelopmentIssuer.open", "key = private.read_text(None)"): _CODEC,
    ("development.DevelopmentIssuer.open", "key = private.read_text('ASCII')"): _CODEC,
    **{
        ("development._public_key", _OF_KEY.format(*changed)): _TEXT
        for changed in (
            ("'ascii'", " and False"),
            ("None", ""),
            ("'XXasciiXX'", ""),
            ("'ASCII'", ""),
        )
    },
}
"""By function and by the line that the fault makes of another, as `ast.unparse` writes it.

A line that changes in the source is no more on the list: its faults are looked at anew.
"""
