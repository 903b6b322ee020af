"""`./dev`: what the README names is understood, and becomes the command that it stands for."""

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).resolve().parents[1] / "dev"


class Became(Exception):
    """The process would be another one now."""


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, up to where it would install something or be replaced by what it starts."""

    def become(_program: str, words: list[str]) -> None:
        raise Became(words[1:])

    module = ModuleType("dev")
    module.__file__ = str(DEV)
    exec(SourceFileLoader("dev", str(DEV)).get_code("dev") or "", module.__dict__)  # noqa: S102 # ours
    for name in (
        "FUZZ_SEED",
        "FUZZ_EXAMPLES",
        "DRILL_SEED",
        "DRILL_SHARE",
        "DRILL_SINCE",
        "DRILL_YEARS",
    ):
        monkeypatch.setenv(name, "")  # what the script sets is gone after the test
    monkeypatch.setattr(module, "install", lambda: None)
    monkeypatch.setattr(module.os, "execv", become)
    return module


@pytest.mark.parametrize(
    ("asked", "becomes"),
    [
        ("run", "-m qa_api dev-run --port 8000 --data .data"),
        (
            "run --port 1 --data d --authority borough",
            "-m qa_api dev-run --port 1 --data d --authority borough",
        ),
        ("demo", "-m qa_api demo --port 0 --data .data/demo"),
        ("demo board --data d", "-m qa_api demo board --port 0 --data d"),
        ("token auditor", "-m qa_api token auditor --data .data"),
        ("test --long -q", "-m pytest -n auto --dist worksteal --long -q"),
        ("test -k name", "-m pytest -n auto --dist worksteal -k name"),
        ("fuzz --seed 2", "-m pytest -q -s tests/contract/test_fuzz.py"),
        ("drill canaries", "-m pytest -q -p tests.drill --tb=short tests/canaries"),
        (
            "drill upgrade --since 0142",
            "-m pytest -q -p tests.drill --tb=short tests/upgrades tests/test_restoring.py",
        ),
        ("drill year --years 2", "-m pytest -q -p tests.drill --tb=short tests/year"),
        ("recipes", "openapi/recipes.py"),
        ("quickstarts reporting", "docs/quickstart/try.py reporting"),
        ("snippets -k R", "docs/snippets/run.py -k R"),
        ("sbom", "requirements/sbom.py"),
        ("vulnerabilities -s osv", "requirements/vulnerabilities.py -s osv"),
        ("bench --quick", "-m bench --quick"),
    ],
)
def test_a_command_becomes_what_it_stands_for(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, asked: str, becomes: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["dev", *asked.split()])
    with pytest.raises(Became) as became:
        dev.main()
    assert " ".join(became.value.args[0]) == becomes
