"""A copy of a dataset in DuckDB: in full at first, from then on by what has changed.

    QA=http://localhost:8000 TOKEN=... python with_duckdb.py audits

Keeps `copy.duckdb` with a table `audits`, the token for the next run in a table `tokens`, and
writes `audits.csv` from it, all in the current directory.
"""

import hashlib
import json
import os
import sys
import urllib.request
from pathlib import Path

import duckdb

TYPES = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
}


def ask(path):
    request = urllib.request.Request(os.environ["QA"] + path)
    request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers


def whole(path):
    """A download, and the token of the next; an error where it was cut."""
    body, headers = ask(path)
    kept = json.loads(ask(headers["Download-Location"])[0])
    if kept["sha256"] != hashlib.sha256(body).hexdigest():
        raise RuntimeError("the file was cut: ask again")
    return body, headers["Changes-Token"]


name = sys.argv[1]
fields = json.loads(ask(f"/v1/reporting/datasets/{name}/schema")[0])["fields"]
types = {field["name"]: TYPES.get(field["type"], "VARCHAR") for field in fields}
columns = ", ".join(f'"{column}" {type_}' for column, type_ in types.items())
with duckdb.connect("copy.duckdb") as copy:
    copy.execute("CREATE TABLE IF NOT EXISTS tokens (dataset VARCHAR PRIMARY KEY, token VARCHAR)")
    copy.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({columns}, PRIMARY KEY (id))')
    found = copy.execute("SELECT token FROM tokens WHERE dataset = ?", [name]).fetchone()
    since = f"&changed_since={found[0]}" if found else ""
    body, following = whole(f"/v1/reporting/{name}?format=csv{since}")
    Path("pulled.csv").write_bytes(body)
    copy.execute("BEGIN")
    copy.execute(
        f'INSERT OR REPLACE INTO "{name}" SELECT * FROM read_csv($file, header = true,'
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = $types)",
        {"file": "pulled.csv", "types": types},
    )
    copy.execute(f'DELETE FROM "{name}" WHERE is_deleted')
    copy.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", [name, following])
    copy.execute("COMMIT")
    copy.execute(f"COPY \"{name}\" TO '{name}.csv' (HEADER)")
    (count,) = copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()
print(f"{name}: {count} rows")
