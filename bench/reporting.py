"""`./dev bench reporting`: datasets beside `psql COPY ... TO STDOUT` of the same rows.

Both are read to their end by a program that throws the bytes away. psql is the tables' owner, whom
no policy holds; it writes no line of the access log and makes no pseudonym. For a table it copies
the columns, for NDJSON the row as JSON, from the same joins as ours; a London date names its zone.
By CPU: of all that take part, which are curl, the API and PostgreSQL, or psql and PostgreSQL.
"""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from sqlalchemy import outerjoin, select

from bench import options
from bench.database import Authority, authority
from bench.processes import Served, family_cpu_seconds, serving
from qa_api.db import Prepared
from qa_api.embedded.binaries import find_binaries
from qa_api.models.aliases import aliased
from qa_api.reporting.columns import Kind
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.queries import json_of, values_of

COPIED: Final = ("audits", "audit-answers", "restorative-actions")
FORMS: Final = ("ndjson", "csv")
FLOOR: Final = 0.80
SETTLED_AFTER: Final = 0.1
"""Seconds after the end until the server's process for psql has ended, and is counted."""


@dataclass(frozen=True)
class Copied:
    """How long a copy took, by the clock and of all CPU, and how long it was."""

    seconds: float
    cpu: float
    rows: int
    size: int


def main(words: list[str], environment: Callable[[Authority], dict[str, str]], machine: str) -> int:
    """Copy each dataset in turn both ways; print ratios."""
    asked = options.parser("reporting", __doc__, audits=50_000, rounds=7).parse_args(words)
    print(machine)
    with tempfile.TemporaryDirectory(prefix="qa-bench-") as name:
        place = asked.data or Path(name)
        place.mkdir(parents=True, exist_ok=True)
        with (
            authority(place, asked.audits) as filled,
            serving("qa_api", environment(filled)) as api,
        ):
            before = 0
            for dataset in COPIED:
                for form in FORMS:
                    print(_compared(api, filled, dataset, form, asked.rounds), flush=True)
                    before = before or api.memory()
            grown = (api.memory() - before) / 2**20
            print(
                f"memory: {before / 2**20:.0f} MiB after the first dataset, {grown:+.0f} at the end"
            )
    return 0


def _compared(api: Served, filled: Authority, dataset: str, form: str, rounds: int) -> str:
    """One line: rates, and the ratio of each pair of copies."""
    pairs = []
    for number in range(-1, rounds):
        ours, theirs = _downloaded(api, filled, dataset, form), _copied(filled, dataset, form)
        assert ours.rows == theirs.rows, f"{dataset}: {ours.rows} rows and {theirs.rows}"
        if number >= 0:
            pairs.append((ours, theirs))
    ratios = [theirs.seconds / ours.seconds for ours, theirs in pairs]
    by_cpu = [theirs.cpu / ours.cpu for ours, theirs in pairs]
    rates = [median(one.rows / one.seconds for one in side) for side in zip(*pairs, strict=True)]
    verdict = "met" if median(ratios) >= FLOOR else "missed"
    return (
        f"{dataset:<20} {form:<7} {pairs[0][0].rows:>9,} rows  {rates[0]:>9,.0f}/s  psql"
        f" {rates[1]:>9,.0f}/s  ratio {_spread(ratios)}  by CPU {_spread(by_cpu)}"
        f"  floor {FLOOR} {verdict}"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def _downloaded(api: Served, filled: Authority, dataset: str, form: str) -> Copied:
    token = filled.issuer.issue("reporting-1")
    address = f"{api.url}/v1/reporting/{dataset}?format={form}"
    words = ["curl", "--silent", "--fail", "-H", f"Authorization: Bearer {token}", address]
    return _timed(words, _postgres(filled), api.process.pid, header=form == "csv")


def _copied(filled: Authority, dataset: str, form: str) -> Copied:
    how = "(FORMAT csv, HEADER)" if form == "csv" else "(FORMAT text)"
    statement = f"COPY ({_statement(dataset, form)}) TO STDOUT {how}"
    psql = find_binaries() / "psql"
    words = [str(psql), filled.owner_url, "-qc", statement]
    return _timed(words, _postgres(filled), header=form == "csv")


def _postgres(filled: Authority) -> int:
    assert filled.server.pid is not None
    return filled.server.pid


def _timed(words: list[str], *servers: int, header: bool) -> Copied:
    started, cpu = time.perf_counter(), -_cpu_seconds(servers)
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = size = 0
        while part := os.read(process.stdout.fileno(), 1 << 20):
            size += len(part)
            lines += part.count(b"\n")
    seconds = time.perf_counter() - started
    assert process.returncode == 0, words[0]
    time.sleep(SETTLED_AFTER)
    return Copied(seconds, cpu + _cpu_seconds(servers), lines - header, size)


def _cpu_seconds(servers: Sequence[int]) -> float:
    """Of the servers with all of their processes, and of the programs that have read from them."""
    programs = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = programs.ru_utime + programs.ru_stime
    return own + sum(family_cpu_seconds(server) for server in servers)


def _statement(dataset: str, form: str) -> str:
    """The rows of a dataset as SQL without parameters; each name is joined."""
    found = DATASETS[dataset]
    row = aliased(found.entity)
    values, rows = values_of(found, row), row.__clause_element__()
    for place, column in enumerate(found.columns):
        if column.kind is Kind.LABEL and (named := column.named):
            beside = aliased(named.entity)
            is_named = getattr(beside, named.key) == getattr(row, named.attribute)
            values[place] = getattr(beside, named.name)
            rows = outerjoin(rows, beside, is_named)
    if form == "csv":
        named = zip(found.columns, values, strict=True)
        shown = [value.label(column.name) for column, value in named]
    else:
        shown = [json_of(found, values)]
    prepared = Prepared.of(select(*shown).select_from(rows).where(found.shown(row)))
    sql = prepared.sql
    for place in range(len(prepared.order), 0, -1):
        sql = sql.replace(f"${place}::BOOLEAN", "false").replace(f"${place}", "false")
    return sql
