"""An entry of the table of what never changes, and the trigger that it becomes.

Each entry says since when which columns of a table stand, and the one lawful way to change them
all the same, by what it leaves behind. A trigger calls its function only where a row is frozen and
one of its columns would change. It binds whoever does not own the tables: the service's roles,
whatever context they set. The owner is the migrations, and the one function that removes content
whose time has come.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from qa_api.rules.unchanging import Unchanging

FUNCTIONS: Final = """
-- Not in SQL: each trigger that asks would have such a function read anew, at each statement.
CREATE FUNCTION qa_is_bound(relation oid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_user <> (SELECT pg_catalog.pg_get_userbyid(c.relowner)
                            FROM pg_catalog.pg_class c WHERE c.oid = relation);
END $$;

-- Of a witness's stamp: whether this very transaction added it.
CREATE FUNCTION qa_written_now(added xid8) RETURNS boolean LANGUAGE sql VOLATILE
    RETURN added = stamp();

CREATE FUNCTION refuse_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME,
        CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_frozen() FROM PUBLIC, qa_app, qa_read, qa_backup;
"""
"""What every entry rests on; the migrations that first froze something made it."""


class Frozen(Unchanging):
    """Columns that stand: `since` a state of the row, `unless` the row or a `witness` says why.

    `since` and `unless` are SQL over OLD and NEW alone; no `since` is from the first. `witness`
    asks other rows, is evaluated with its owner's sight, and calls the row before `OLD`.
    """

    table: str
    what: str
    columns: str
    because: str
    since: str = ""
    unless: str = ""
    witness: str = ""
    shared: bool = False
    """Whether other tables have the same entry: one function looks for all of them."""
    at_commit: bool = False
    """Whether the witness is looked for at the commit: it may be written after the row."""

    @property
    def trigger(self) -> str:
        """Its trigger's name, which a refusal names as the constraint."""
        return f"frozen_{self.what}"

    @property
    def function(self) -> str:
        """The function that looks for the witness; without one, what refuses everything."""
        if not self.witness:
            return "refuse_frozen"
        return f"frozen_{self.what}" if self.shared else f"frozen_{self.what}_of_{self.table}"

    def statements(self) -> Iterator[str]:
        """Its function and its trigger."""
        if self.witness:
            yield from _looking(self.function, self.witness, "NEW", self.because)
        columns = self.columns.split()
        before, after = (", ".join(f"{row}.{each}" for each in columns) for row in ("OLD", "NEW"))
        if len(columns) > 1:
            before, after = f"({before})", f"({after})"
        said = [self.since, f"{before} IS DISTINCT FROM {after}"]
        said += [f"({self.unless}) IS NOT TRUE"] if self.unless else []
        said += [f"qa_is_bound('{self.table}'::regclass)"]
        when = "\n          AND ".join(each for each in said if each)
        argument = "" if self.witness else f"'{self.because}'"
        # Of these columns: to read the condition of each trigger costs more than to write the row,
        # so PostgreSQL reads only those of what a statement names. No trigger changes another's.
        naming = f"UPDATE OF {', '.join(columns)}"
        fires = _fires(self.trigger, naming, self.table, at_commit=self.at_commit)
        yield (
            f"CREATE {fires} FOR EACH ROW\n"
            f"    WHEN ({when})\n"
            f"    EXECUTE FUNCTION {self.function}({argument});"
        )


class Begun(Unchanging):
    """What a new row does not have yet: `columns` that something later fills.

    Or instead what it must not be, as SQL over NEW (`not_as`), unless the row itself or a `witness`
    says why.
    """

    table: str
    what: str
    because: str
    columns: str = ""
    not_as: str = ""
    witness: str = ""
    at_commit: bool = False
    """Whether the witness is looked for at the commit: it may be written after the row."""

    @property
    def trigger(self) -> str:
        """Its trigger's name."""
        return f"begun_{self.what}"

    @property
    def function(self) -> str:
        """The function that looks for the witness; without one, what refuses everything."""
        return f"begun_{self.what}_of_{self.table}" if self.witness else "refuse_frozen"

    def statements(self) -> Iterator[str]:
        """Its function and its trigger."""
        if self.witness:
            yield from _looking(self.function, self.witness, "NEW", self.because)
        filled = ", ".join(f"NEW.{each}" for each in self.columns.split())
        said = self.not_as or f"num_nonnulls({filled}) > 0"
        argument = "" if self.witness else f"'{self.because}'"
        fires = _fires(self.trigger, "INSERT", self.table, at_commit=self.at_commit)
        yield (
            f"CREATE {fires} FOR EACH ROW\n"
            f"    WHEN (({said}) AND qa_is_bound('{self.table}'::regclass))\n"
            f"    EXECUTE FUNCTION {self.function}({argument});"
        )


class Closed(Unchanging):
    """Rows that are added, or with `removed` taken away, only while the `witness` is there.

    The witness is SQL about one row, called `OLD` as in `Frozen`; it is asked once for all the
    rows that a statement adds.
    """

    table: str
    what: str
    because: str
    witness: str
    removed: bool = False
    at_commit: bool = False
    """Whether the witness of a removal is looked for at the commit: it may be written after it."""

    @property
    def trigger(self) -> str:
        """Its trigger's name."""
        return f"closed_{self.what}"

    @property
    def function(self) -> str:
        """The function that looks for the witness."""
        return f"closed_{self.what}_of_{self.table}"

    def statements(self) -> Iterator[str]:
        """Its function and its trigger."""
        if self.removed:
            yield from _looking(self.function, self.witness, "OLD", self.because)
            fires = _fires(self.trigger, "DELETE", self.table, at_commit=self.at_commit)
            fires = f"{fires} FOR EACH ROW"
        else:
            witness = self.witness.replace("OLD.", "one.")
            of_all = f"NOT EXISTS (SELECT FROM added one WHERE NOT coalesce({witness}, false))"
            yield from _looking(self.function, of_all, "NULL", self.because)
            fires = (
                f"TRIGGER {self.trigger} AFTER INSERT ON {self.table}"
                " REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
            )
        yield (
            f"CREATE {fires}\n"
            f"    WHEN (qa_is_bound('{self.table}'::regclass))\n"
            f"    EXECUTE FUNCTION {self.function}();"
        )


def _fires(trigger: str, change: str, table: str, *, at_commit: bool) -> str:
    """What fires a trigger: the change itself, or the commit after it."""
    if at_commit:
        return (
            f"CONSTRAINT TRIGGER {trigger} AFTER {change} ON {table} DEFERRABLE INITIALLY DEFERRED"
        )
    return f"TRIGGER {trigger} BEFORE {change} ON {table}"


def _looking(name: str, witness: str, returned: str, because: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql\n"
        "SECURITY DEFINER SET search_path = public, pg_temp AS $$\n"
        "BEGIN\n"
        f"    IF {witness} THEN\n"
        f"        RETURN {returned};\n"
        "    END IF;\n"
        f"    RAISE EXCEPTION '{because}' USING ERRCODE = 'restrict_violation',\n"
        "        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;\n"
        "END $$;"
    )
    yield f"REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC, qa_app, qa_read, qa_backup;"


def only_lengthened(due: str, calendar: str = "calendar_version") -> str:
    """SQL over OLD and NEW: a date moves on, under a newer calendar than it was counted by."""
    return f"NEW.{due} > OLD.{due} AND NEW.{calendar} > OLD.{calendar}"


def trigger_statements(entries: Iterable[Frozen | Begun | Closed]) -> str:
    """The statements that make the triggers of these entries, for a migration."""
    written: dict[str, None] = {}
    for entry in entries:
        written[f"DROP TRIGGER IF EXISTS {entry.trigger} ON {entry.table};"] = None
        written |= dict.fromkeys(entry.statements())
    return "\n".join(written)
