"""Faults that no test can notice, since the function does the same with them: each with its why."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Final

_SHORT_CUT: Final = "a short cut that is taken less often: the long way finds the same"
_BASE64: Final = "more padding than it takes is passed over"
_CODEC: Final = "another name of the same codec, or the default, which reads ASCII alike"
_BEFORE_ANY: Final = "asked only once a key set was read, which sets it"

_OF_KEY: Final = (
    "public = {{name: value.decode({}) if isinstance(value, bytes){} else str(value)"
    " for name, value in members.items() if name in ('kty', 'crv', 'x', 'y')}}"
)
_NO_DAY: Final = "no day is it, so that the first read of any asks"
_BEFORE_ANY_DAY: Final = "read only on a day that was asked for, which sets it"
_NOT_ASKED: Final = "which version it is and since when is not asked of a policy here"
_SETTING: Final = "the database asks for a setting by its name in small letters or in capitals"
_TYPE: Final = "what it is read as, which is text or nothing either way; the statement is the same"
_SETTINGS: Final = (
    "return func.concat(setting('qa.reach', case((wide, 'authority'), else_='rows')),"
    " setting('qa.teams', func.array_to_string(teams, ',')), setting('qa.sealed', sealed),"
    " setting('qa.in_error', case((not_(wide), func.qa_in_error_told(type_=Text)))),"
    " setting('qa.worker', rights.c.worker), setting('qa.system', rights.c.system),"
    " setting('qa.principal', cast(rights.c.principal_id, Text)),"
    " setting('qa.now', cast(now, Text)))"
)
_READ_AS: Final = "in a condition it is read as true or false whatever it is said to be"
_HAS_CODE: Final = "whoever holds a role has a worker's code: `role_holders` has nobody else"
_NULL: Final = "a null among them makes it null instead of false, which `coalesce` makes false"
_NAMED: Final = "what a statement is called inside another is read by nobody"
_NOT_THERE: Final = "no statement goes through these and asks that inside, so none is taken for its"
_NOBODY_BARRED: Final = "where nobody is barred, nobody is one of them"
_TEXT: Final = "the library gives text; bytes are read as some releases of it gave them"

_OVER: Final = (
    "over = select(_holders.c.worker, _holders.c.team).where("
    "_holds(*(role for role in roles if role not in anywhere)), {}"
    "*([] if even_away else [~_holders.c.away]))"
)
_LEADS: Final = (
    "select(_leads.c.team, _leads.c.worker, (first == of_team).label('is_first'))"
    ".group_by(_leads.c.team, _leads.c.worker)"
)

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
    **{
        ("actor._settings", _SETTINGS.replace(f"'qa.{name}'", f"'QA.{name.upper()}'")): _SETTING
        for name in ("reach", "teams", "sealed", "in_error", "worker", "system", "principal", "now")
    },
    ("purposes.PurposesInForce.__init__", "self._of: date | None = ''"): _NO_DAY,
    ("purposes.PurposesInForce.__init__", "self._until = None"): _BEFORE_ANY_DAY,
    ("purposes.PurposesInForce.__init__", "self._until = 1.0"): _BEFORE_ANY_DAY,
    ("purposes.PurposesInForce.__init__", "self._found: Purposes | None = ''"): _BEFORE_ANY_DAY,
    ("purposes.PurposesInForce.on", "self._until = 1.0"): "a moment long past, as nought is",
    (
        "purposes.PurposesInForce._ask",
        "policy = policy_from_values(None, row['effective_from'], values)",
    ): _NOT_ASKED,
    (
        "purposes.PurposesInForce._ask",
        "policy = policy_from_values(row['version'], None, values)",
    ): _NOT_ASKED,
    (
        "duty.led_by_somebody",
        "return and_(anybody, or_(granted)) if hasattr(row, 'restricted') else anybody",
    ): _SHORT_CUT,
    **{
        (
            f"through_audits.{asks}",
            f"return and_(me.holds(Role.{role}), func.qa_{function}(audit_id{said}))",
        ): _READ_AS
        for asks, role, function in (
            ("is_auditor_of", "AUDITOR", "audits"),
            ("looks_back_at", "AUDITOR", "looks_back_at"),
            ("responds_to", "WORKER", "responds_to"),
        )
        for said in ("", ", type_=None")
    },
    (
        "through_audits.work_audited",
        "return and_(me.holds(*WRITE_OWN_VIEWS), was_audited(audit, me))",
    ): "`qa_was_audited` asks it again; here it is asked without looking for more",
    (
        "reach.subject_of_path",
        "return subject_named(parameter('system', Text()), parameter('ref', None), me)",
    ): "PostgreSQL reads it as the column that it is compared with",
    (
        "reach.subject_of_path",
        "return subject_named(parameter('system', None), parameter('ref', Text()), me)",
    ): "PostgreSQL reads it as the column that it is compared with",
    (
        "duty.able",
        "return select(_holders.c.worker).where(_holds(*roles), ~_holders.c.away)",
    ): _HAS_CODE,
    (
        "duty.holds",
        (
            "of_role = select(_holders.c.worker).where(_holds(*roles),"
            " *([] if even_away else [~_holders.c.away]))"
        ),
    ): _HAS_CODE,
    ("duty.holds_over", _OVER.format("_holders.c.team.is_not(None), ")): _HAS_CODE,
    ("duty.holds_over", _OVER.format("_holders.c.worker.is_not(None), ")): _NULL,
    (
        "duty.team_led_by_somebody",
        (
            "over = select(_holders.c.team).where(_holds(*roles), ~_holders.c.away,"
            " *([] if but is None else [_holders.c.worker != but]))"
        ),
    ): _NULL,
    (
        "duty.team_led_by_somebody",
        (
            "over = select(_holders.c.team).where(_holds(*roles), ~_holders.c.away,"
            " _holders.c.team.is_not(None),"
            " *([] if but is None and False else [_holders.c.worker != but]))"
        ),
    ): _HAS_CODE,
    ("duty.led_by_somebody", "over = and_(_holds(*roles), ~_holders.c.away)"): (
        "no row's team is equal to null"
    ),
    (
        "duty.led_by_somebody",
        (
            "allowed = [over] if barred is None and False"
            " else [over, ~is_one_of(_holders.c.worker, barred)]"
        ),
    ): _NOBODY_BARRED,
    (
        "duty.somebody_holds",
        "free = [] if barred is None and False else [~is_one_of(_holders.c.worker, barred)]",
    ): _NOBODY_BARRED,
    ("duty._one_heads", "return there_is(None, *_of_head(service), *conditions)"): _NOT_THERE,
    (
        "duty._one_of",
        "return there_is(None, _holders.c.team == row.team, *conditions)",
    ): _NOT_THERE,
    (
        "duty.leads_team",
        "return there_is(None, _leads.c.team == team, _leads.c.worker == worker)",
    ): _NOT_THERE,
    (
        "duty.somebody_holds",
        "return there_is(None, _holds(role), ~_holders.c.away, *free)",
    ): _NOT_THERE,
    ("duty.acts_for", "return value_of(None, found)"): _NOT_THERE,
    **{
        (f"duty.{function}", f"return {statement}.subquery({name})"): _NAMED
        for function, statement, called in (
            ("leads", _LEADS, "lead"),
            (
                "first_leads",
                "select(each.c.team, each.c.worker).where(each.c.is_first)",
                "first_lead",
            ),
        )
        for name in ("None", f"'XX{called}XX'", f"'{called.upper()}'")
    },
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

_INSIDE: Final = frozenset({"there_is", "there_is_for_each", "value_of", "values_of"})
"""What makes a statement inside another, and is told first which rows are its own."""


def whose_rows_need_no_saying(function: ast.Module) -> ast.Module:
    """The same function, where a statement inside is not told of rows that are its own anyway.

    A row that the function makes for that statement alone is in no statement around it: it is its
    own whether it is named or not. Rows that are there before (`HOLDERS`) are left as they are.
    """
    changed = deepcopy(function)
    made = {*_made_in(changed)}
    inside = [call for call in ast.walk(changed) if isinstance(call, ast.Call) if call.args]
    inside = [call for call in inside if getattr(call.func, "id", None) in _INSIDE]
    times = Counter(name for call in inside for name in _names_in(call.args[0]))
    for call in inside:
        names = [*_names_in(call.args[0])]
        if names and all(name in made and times[name] == 1 for name in names):
            call.args[0] = ast.Constant(None)
    return changed


def _made_in(function: ast.Module) -> Iterator[str]:
    """The names of the rows that it makes: `row = aliased(Entity)`, one or several at once."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in zip(_each(node.targets[0]), _each(node.value), strict=False):
                is_row = isinstance(value, ast.Call) and ast.unparse(value.func) == "aliased"
                if is_row and isinstance(target, ast.Name):
                    yield target.id


def _names_in(first: ast.expr) -> Iterator[str]:
    for each in _each(first):
        if isinstance(each, ast.Name):
            yield each.id


def _each(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
