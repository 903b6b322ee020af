"""The bill of materials of what runs: every package of a lock, with its hashes, as CycloneDX.

Read from the lock alone, so that it says the same on every machine and needs no network. The
interpreter, the base image and PostgreSQL are none of its packages: whoever builds the image adds
them from what their image scanner says.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements" / "runtime.txt"

_ENTRY = re.compile(
    r"^(?P<name>[a-z0-9.-]+)(?:\[[a-z,-]+\])?==(?P<version>[^\s;\\]+)"
    r"(?: ; (?P<marker>[^\\\n]+?))? \\\n"
    r"(?P<rest>(?:[ ].*\n?)*)",
    re.MULTILINE,
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED_BY = re.compile(r"^ +#(?: via|  ) +([a-z0-9.-]+)(?:\[[^\]]*\])?(?: \(.*\))?$", re.MULTILINE)

Json = dict[str, Any]


def bill_of_materials(lock: Path = RUNTIME) -> Json:
    """The CycloneDX document of a lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = f"pkg:pypi/{project['name']}@{project['version']}"
    text = lock.read_text()
    found = list(_packages(text))
    places = {one["name"]: one["bom-ref"] for one, _ in found} | {project["name"]: ours}
    needs: dict[str, list[str]] = {place: [] for place in places.values()}
    for one, needed_by in found:
        for name in needed_by:
            needs[places[name]].append(one["bom-ref"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid5(NAMESPACE_URL, f"{ours}\n{text}").urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "purl": ours,
            }
        },
        "components": [one for one, _ in found],
        "dependencies": [
            {"ref": place, "dependsOn": sorted(needed)} for place, needed in sorted(needs.items())
        ],
    }


def _packages(text: str) -> Iterator[tuple[Json, list[str]]]:
    """Each package as a component, and the packages that need it."""
    for entry in _ENTRY.finditer(text):
        name, version, marker = entry["name"], entry["version"], entry["marker"]
        place = f"pkg:pypi/{name}@{version}"
        one: Json = {
            "type": "library",
            "bom-ref": place,
            "name": name,
            "version": version,
            "purl": place,
            # One of these is the file that is installed: each is a build of this version.
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": place,
                    "hashes": [{"alg": "SHA-256", "content": each}],
                }
                for each in _HASH.findall(entry["rest"])
            ],
        }
        if marker:
            one["properties"] = [{"name": "qa-api:installed-where", "value": marker.strip()}]
        yield one, _NEEDED_BY.findall(entry["rest"])


if __name__ == "__main__":
    json.dump(bill_of_materials(), sys.stdout, indent=2)
    print()
