"""The first day: the index, the quickstarts, the collection of requests, the compose file."""

import re
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from qa_api.__main__ import main
from qa_api.http.collection import collection, write_collection
from qa_api.settings import Settings
from tests.api import contract
from tests.contract.document import METHODS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
QUICKSTARTS = [file for file in (DOCS / "quickstart").glob("*.md") if file.stem != "README"]
PAGES = [
    DOCS / "llms.txt",
    DOCS / "README.md",
    DOCS / "versions.md",
    *(DOCS / "quickstart").glob("*.md"),
]


def trying() -> ModuleType:
    """What `./dev quickstarts` runs."""
    file = str(DOCS / "quickstart" / "try.py")
    module = ModuleType("quickstarts")
    module.__file__ = file
    sys.modules["quickstarts"] = module
    exec(SourceFileLoader("quickstarts", file).get_code("quickstarts") or "", module.__dict__)  # noqa: S102 # ours
    return module


TRYING = trying()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert links
    assert not [link for link in links if not (page.parent / link).exists()]


def test_the_index_names_every_guide() -> None:
    index = (DOCS / "llms.txt").read_text("utf-8")
    for guide in [*DOCS.glob("*.md"), *QUICKSTARTS]:
        assert f"({guide.relative_to(DOCS).as_posix()})" in index


@pytest.mark.parametrize("page", QUICKSTARTS, ids=lambda page: page.stem)
def test_a_quickstart_starts_the_service_asks_it_and_stops_it(page: Path) -> None:
    printed = TRYING.commands(page.read_text("utf-8"))
    said = [one.text for one in printed]
    assert said[0] == "cd qa_api"
    assert any(one.startswith("./dev run") for one in said)
    assert re.fullmatch(r"kill %1( %2)? && wait", said[-1])
    assert sum(bool(one.prints) for one in printed) >= 3, "what stands below a command is compared"
    for one in said:
        for path in re.findall(r"localhost:8000(/v1/[^\s\"?]+)", one):
            assert declared(path), path


def declared(path: str) -> bool:
    """Whether the contract has an operation at this address."""
    return any(
        re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
        for template in contract()["paths"]
    )


def test_a_page_is_compared_with_what_its_commands_print() -> None:
    page = '```console\n$ cat <<\'END\'\n{\nEND\n$ curl one\n{..."state":"open"...}\nlast\n```\n'
    heredoc, curl = wanted = TRYING.commands(page)
    assert (heredoc.text, heredoc.prints) == ("cat <<'END'\n{\nEND", [])
    assert (curl.text, curl.prints) == ("curl one", ['{..."state":"open"...}', "last"])
    ended = "\n@@ ended with 0\n"
    right = f'{{{ended}{{"id":1,"state":"open","x":2}}\nlast{ended}'
    assert list(TRYING.compared(wanted, right)) == []
    (wrong,) = TRYING.compared(wanted, right.replace("open", "done"))
    assert wrong.startswith("printed something else: curl one")
    (failed,) = TRYING.compared(wanted, right.replace(f"last{ended}", "last\n@@ ended with 22\n"))
    assert failed.startswith("ended with 22: curl one")
    assert list(TRYING.compared(wanted, f"{{{ended}")) == ["never ended: curl one"]


def test_the_collection_has_every_operation_once() -> None:
    files = collection(contract())
    requests = {
        name: text for name, text in files.items() if re.search(r"^  seq:", text, re.MULTILINE)
    }
    operations = [
        (path, method, operation)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    assert len(requests) == len(operations)
    for path, method, operation in operations:
        text = requests[f"{operation['tags'][0]}/{operation['operationId']}.bru"]
        plain = path.replace("{", ":").replace("}", "")
        assert f"{method} {{\n  url: {{{{base}}}}{plain}\n" in text
        assert ("body:json {" in text) == ("requestBody" in operation)
        assert not re.search(r"^body:json \{\n  \{\}\n", text, re.MULTILINE), (
            "a body has an example"
        )


def test_the_collection_is_written_anew_whole(tmp_path: Path) -> None:
    assert write_collection(contract(), tmp_path, check=False) == ["collection"]
    assert write_collection(contract(), tmp_path, check=True) == []
    stray = tmp_path / "collection" / "audits" / "of_an_operation_that_is_gone.bru"
    stray.write_text("meta {}\n")
    assert write_collection(contract(), tmp_path, check=True) == ["collection"]
    write_collection(contract(), tmp_path, check=False)
    assert not stray.exists()


COMPOSE: Any = yaml.safe_load((DOCS / "compose" / "compose.yaml").read_text("utf-8"))
OWN = {"migrate", "api", "worker"}


def test_the_compose_file_runs_what_the_command_line_and_the_settings_have() -> None:
    services = COMPOSE["services"]
    assert set(services) == {*OWN, "database"}
    settings = {f"QA_{name.upper()}" for name in Settings.model_fields}
    for name in OWN:
        assert set(services[name]["environment"]) <= settings
        with pytest.raises(SystemExit) as helped:
            main([*services[name]["command"], "--help"])
        assert helped.value.code == 0


def test_the_compose_file_asks_for_what_its_example_has() -> None:
    text = (DOCS / "compose" / "compose.yaml").read_text("utf-8")
    asked = set(re.findall(r"(?<!\$)\$\{(\w+):[?-]", text)) - {"REVISION"}
    given = re.findall(
        r"^(\w+)=", (DOCS / "compose" / "example.env").read_text("utf-8"), re.MULTILINE
    )
    assert asked == set(given)


def test_everything_in_the_compose_file_has_as_little_power_as_it_can() -> None:
    for service in COMPOSE["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
    (published,) = COMPOSE["services"]["api"]["ports"]
    assert published.startswith("127.0.0.1:"), "a proxy in front does TLS"
    assert COMPOSE["networks"]["inside"]["internal"] is True
