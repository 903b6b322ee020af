"""What was written to the rows of datasets, noted by the database in the writer's own transaction.

So what was given up is not noted. That is what the feeds are held against: each noted row was sent,
and no row was sent more often than transactions have written it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from qa_api.reporting.columns import Dataset
from qa_api.reporting.datasets import DATASETS
from tests.conftest import execute
from tests.kept import KEPT

Writes = dict[str, dict[str, int]]
"""By dataset and id of a row, how many transactions wrote it or what it names."""

NOTED: Final = """
CREATE TABLE feed_writes (place text, key text, stamp xid8 DEFAULT stamp());
CREATE FUNCTION note_feed_write() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    row jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
    -- The arguments: where, whether an id is made of the key, and the columns of the key.
    parts text[] := ARRAY(SELECT row ->> name FROM unnest(TG_ARGV[2:]) AS name);
BEGIN
    INSERT INTO feed_writes (place, key) VALUES (
        CASE TG_ARGV[0] WHEN '' THEN row ->> 'dataset' ELSE TG_ARGV[0] END,
        CASE WHEN TG_ARGV[1]::boolean THEN dataset_id(VARIADIC parts)::text ELSE parts[1] END);
    RETURN NULL;
END $$;
CREATE TRIGGER note_feed_write AFTER INSERT OR UPDATE ON dataset_departures FOR EACH ROW
    EXECUTE FUNCTION note_feed_write('', 'false', 'id')
"""


def note_writes(url: str) -> None:
    """From now on the database notes what is written to the rows of datasets and to their names."""
    named = {(each.entity.__tablename__, each.key) for d in DATASETS.values() for each in d.named}
    execute(url, NOTED, *map(_trigger, DATASETS.values()), *map(_trigger_of_name, sorted(named)))


def _trigger(dataset: Dataset) -> str:
    made = str(dataset.key != ("id",)).lower()
    arguments = ", ".join(f"'{word}'" for word in (dataset.name, made, *dataset.key))
    return (
        f"CREATE TRIGGER note_feed_write AFTER INSERT OR UPDATE OR DELETE"
        f" ON {dataset.entity.__tablename__} FOR EACH ROW"
        f" EXECUTE FUNCTION note_feed_write({arguments})"
    )


def _trigger_of_name(named: tuple[str, str]) -> str:
    table, key = named
    return (
        f"CREATE TRIGGER note_feed_name AFTER UPDATE ON {table} FOR EACH ROW"
        " WHEN (OLD.named_xid IS DISTINCT FROM NEW.named_xid)"
        f" EXECUTE FUNCTION note_feed_write('named {table}', 'false', '{key}')"
    )


def writes_of(url: str) -> Writes:
    """How many transactions wrote each row, or renamed what it names."""
    rows = KEPT.ask(url, lambda kept: kept.fetch(" UNION ALL ".join(_counted())))
    found: Writes = defaultdict(dict)
    for row in rows:
        of_dataset = found[row["dataset"]]
        of_dataset[row["id"]] = of_dataset.get(row["id"], 0) + row["writes"]
    return found


def _counted() -> Iterator[str]:
    """The rows themselves, and those that name something."""
    yield (
        "SELECT place AS dataset, key AS id, count(DISTINCT stamp) AS writes FROM feed_writes"
        " WHERE place NOT LIKE 'named %' GROUP BY place, key"
    )
    for dataset in DATASETS.values():
        for named in dataset.named:
            yield (
                f"SELECT '{dataset.name}', {id_of(dataset)}, count(DISTINCT stamp)"
                f" FROM {dataset.entity.__tablename__} row JOIN feed_writes written"
                f" ON written.place = 'named {named.entity.__tablename__}'"
                f' AND written.key = row."{named.attribute}"::text GROUP BY 2'
            )


def id_of(dataset: Dataset) -> str:
    """The id of one of its rows, as text, in SQL."""
    if dataset.key == ("id",):
        return "row.id::text"
    key = ", ".join(f'row."{name}"::text' for name in dataset.key)
    return f"dataset_id({key})::text"
