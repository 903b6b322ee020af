"""An exception from the linters or the type checker says why, where it is made."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIRECTORIES = ("bench", "docs", "migrations", "openapi", "requirements", "src", "tests")
EXCEPTION = re.compile(r"# (?:noqa|type: ignore)\b(?P<rest>.*)")
WITH_REASON = re.compile(r"(?:: [A-Z]+\d+(?:, [A-Z]+\d+)*|\[[a-z, -]+\])\s+[-#] \w.*")


def test_every_exception_names_what_it_is_of_and_its_reason() -> None:
    files = (path for name in DIRECTORIES for path in (ROOT / name).rglob("*.py"))
    found = {
        f"{path.relative_to(ROOT)}:{number}": exception["rest"]
        for path in (ROOT / "dev", *files)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (exception := EXCEPTION.search(line))
    }

    assert len(found) > 50
    assert not {place: rest for place, rest in found.items() if not WITH_REASON.fullmatch(rest)}
