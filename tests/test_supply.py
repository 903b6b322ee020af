"""What the service is made of: the bill of materials, known vulnerabilities, the base image."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator, Registry

from requirements.sbom import bill_of_materials
from requirements.vulnerabilities import KNOWN, NONE_KNOWN, NOT_ASKED, verdict
from tests.test_locks import ROOT, pinned

RUNTIME = ROOT / "requirements" / "runtime.txt"


def test_the_bill_of_materials_is_valid_as_others_read_it() -> None:
    printed = subprocess.run(
        [sys.executable, "requirements/sbom.py"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    assert faults_in(json.loads(printed)) == []
    assert json.loads(printed) == bill_of_materials()


def test_a_bill_that_others_could_not_read_would_be_told_from_it() -> None:
    bill = bill_of_materials()
    bill["components"][0]["externalReferences"][0]["url"] = "http://a b\\<>^"
    assert faults_in(bill) != []
    assert faults_in(bill_of_materials() | {"colour": "blue"}) != []


def faults_in(bill: dict[str, Any]) -> list[str]:
    """What the schema of CycloneDX 1.6 finds wrong with a bill, forms of addresses included.

    The schema is the publisher's own; its library would take a quarter of a minute to read it.
    """
    names = [f"{name}.SNAPSHOT.schema.json" for name in ("bom-1.6", "spdx", "jsf-0.82")]
    schema, *others = (
        json.loads((files("cyclonedx.schema") / "_res" / name).read_text(encoding="utf-8"))
        for name in names
    )
    addresses = [f"http://cyclonedx.org/schema/{name}" for name in names[1:]]
    known = Registry(list(zip(addresses, others, strict=True)))
    reading = Draft7Validator(schema, registry=known, validate_formats=True)
    return [fault.message for fault in reading.iter_errors(bill)]


def test_it_names_every_package_that_runs_with_every_hash_that_is_locked() -> None:
    components = bill_of_materials()["components"]
    versions = {one["name"]: one["version"] for one in components}
    assert versions == {
        name: version.partition(" ;")[0].strip() for name, version in pinned("runtime.txt").items()
    }
    hashes = {
        each["content"]
        for one in components
        for reference in one["externalReferences"]
        for each in reference["hashes"]
    }
    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", RUNTIME.read_text()))


def test_it_says_what_needs_what() -> None:
    document = bill_of_materials()
    needs = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    ours = document["metadata"]["component"]["bom-ref"]

    def name(place: str) -> str:
        return place.removeprefix("pkg:pypi/").partition("@")[0]

    jose = next(place for place in needs if name(place) == "python-jose")
    assert jose in needs[ours]
    assert {name(place) for place in needs[jose]} == {"cryptography", "ecdsa", "pyasn1", "rsa"}
    reached, left = {ours}, [ours]
    while left:
        new = set(needs[left.pop()]) - reached
        reached, left = reached | new, [*left, *new]
    assert reached == set(needs), "a package that nothing needs"


def found(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages)})


CLEAN: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
FAULTY: dict[str, Any] = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": [], "description": "x"}],
}
UNKNOWN: dict[str, Any] = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("answer", "said", "status", "words"),
    [
        (found(CLEAN), "", NONE_KNOWN, "of 1 packages 0 vulnerabilities are known"),
        (found(CLEAN, FAULTY), "", KNOWN, "b 2: PYSEC-1, mended in 3"),
        (found(CLEAN, UNKNOWN), "No known vulnerabilities found", NOT_ASKED, "NOT ASKED about 1"),
        (found(FAULTY, UNKNOWN), "", KNOWN, "NOT ASKED about 1 of 2"),
        ("", "ERROR: Failed to connect", NOT_ASKED, "Is the network there? ERROR: Failed"),
        ("", "", NOT_ASKED, "nothing could be asked"),
    ],
)
def test_who_was_not_asked_about_never_passes_for_without_fault(
    answer: str, said: str, status: int, words: str
) -> None:
    ended, lines = verdict("runtime.txt", answer, said)
    assert ended == status
    assert any(words in line for line in lines)


def test_neither_checks_nor_tests_ask_the_network() -> None:
    for file in (".ci/run", "dev"):
        text = (ROOT / file).read_text()
        checks = text.partition("CHECKS = {")[2].partition("}")[0] if file == "dev" else text
        assert "vulnerabilities" not in checks


def test_the_base_image_can_be_named_by_its_digest() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^ARG BASE=", dockerfile, re.MULTILINE)
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert set(bases) == {"${BASE}"}, "an image that no digest reaches"
    guide = (ROOT / "docs" / "operators.md").read_text()
    assert "--build-arg BASE=" in guide
    assert "@sha256:" in guide
