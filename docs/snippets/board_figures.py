"""Five figures of the Board from rows, beside those that the service counts. Python alone.

    QA=http://localhost:8000 TOKEN=... python board_figures.py "2026-27 Q3"

For Quality & Standards: the role `reporting` reads figures with small cells withheld. A restricted
record that you were let in to counts in your figures, and is in no dataset: then they differ.
"""

import csv
import io
import json
import os
import sys
import urllib.parse
import urllib.request


def ask(path):
    request = urllib.request.Request(os.environ["QA"] + path)
    request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def rows(dataset):
    return list(csv.DictReader(io.StringIO(ask(f"/v1/reporting/{dataset}?format=csv"), newline="")))


quarter = sys.argv[1]
year, number = int(quarter[:4]), int(quarter[-1])
first = f"{year + (number == 4)}-{(number * 3) % 12 + 1:02}-01"
after = f"{year + (number >= 3)}-{(number * 3 + 3) % 12 + 1:02}-01"


def within(row, column):
    return first <= row[column] < after


audits = rows("audits")
due = [row for row in audits if within(row, "due_on")]
standing = [row for row in due if row["state"] != "cancelled"]
done = [row for row in standing if row["state"] in ("completed", "closed")]
completed = [row for row in audits if within(row, "completed_on")]
spoken = [row for row in completed if row["family_contacted"] == "true"]
responses = [row for row in rows("audit-responses") if within(row, "due_on")]
first_on_time = [row for row in responses if row["first_submitted_on_time"] == "true"]
adequate = [row for row in responses if row["adequate_on_time"] == "true"]
actions = [row for row in rows("restorative-actions") if within(row, "set_on")]
unsettled = [row for row in actions if row["state"] not in ("verified", "cancelled")]

counted = {
    "audits_done": (done, standing),
    "family_contact": (spoken, completed),
    "responses_first_on_time": (first_on_time, responses),
    "responses_adequate_on_time": (adequate, responses),
    "actions_open": (unsettled, actions),
}
figures = json.loads(ask(f"/v1/reporting/metrics/{urllib.parse.quote(quarter)}"))["figures"]
served = {figure["key"]: figure for figure in figures}
for key, (numerator, denominator) in counted.items():
    figure = served[key]
    ours = (len(numerator), len(denominator))
    theirs = (figure["numerator"]["count"], figure["denominator"]["count"])
    print(f"{figure['title']}: {ours[0]} of {ours[1]}, the service says {theirs[0]} of {theirs[1]}")
    if ours != theirs:
        sys.exit(f"{key} differs")
