"""A dataset as an extract for Tableau that follows its changes.

Not run here: it takes Tableau's own library.

    pip install tableauhyperapi
    QA=http://localhost:8000 TOKEN=... python tableau_hyper.py audits

Keeps `audits.hyper` and the token for the next run in the current directory. Publish the extract as
usual.
"""

import hashlib
import json
import os
import sys
import urllib.request
from pathlib import Path

from tableauhyperapi import Connection, CreateMode, HyperProcess, Telemetry, escape_string_literal

TYPES = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE PRECISION",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
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
token, pulled = Path(f"{name}.token"), Path("pulled.csv").resolve()
fields = json.loads(ask(f"/v1/reporting/datasets/{name}/schema")[0])["fields"]
columns = ", ".join(f'"{field["name"]}" {TYPES.get(field["type"], "TEXT")}' for field in fields)
since = f"&changed_since={token.read_text()}" if token.exists() else ""
body, following = whole(f"/v1/reporting/{name}?format=csv{since}")
pulled.write_bytes(body)
with (
    HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU) as hyper,
    Connection(hyper.endpoint, f"{name}.hyper", CreateMode.CREATE_IF_NOT_EXISTS) as extract,
):
    extract.execute_command(f'CREATE TABLE IF NOT EXISTS "{name}" ({columns})')
    extract.execute_command(f"CREATE TEMPORARY TABLE came ({columns})")
    source = escape_string_literal(str(pulled))
    extract.execute_command(f"COPY came FROM {source} WITH (FORMAT csv, DELIMITER ',', HEADER)")
    extract.execute_command(f'DELETE FROM "{name}" WHERE id IN (SELECT id FROM came)')
    extract.execute_command(f'INSERT INTO "{name}" SELECT * FROM came WHERE NOT is_deleted')
token.write_text(following)
