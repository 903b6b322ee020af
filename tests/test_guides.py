"""Guides that repeat what the code knows are held against it."""

from pathlib import Path

from pydantic import SecretStr

from qa_api.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
OPERATORS = DOCS / "operators.md"


def settings_table() -> str:
    """The table of settings, as `docs/operators.md` must show it."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, list | tuple):
            default = ",".join(default)
        shown = "" if default in (None, "") else f"`{default}`"
        meaning = (field.description or "").replace("|", "or")
        rows.append(f"| `QA_{name.upper()}` | {shown} | {meaning} |")
    return "\n".join(rows) + "\n"


def test_the_operators_guide_lists_every_setting_as_it_is() -> None:
    assert settings_table() in OPERATORS.read_text()


def test_decisions_are_numbered_without_gap_or_double() -> None:
    written = sorted((DOCS / "decisions").glob("*.md"))
    for number, decision in enumerate(written, start=1):
        assert decision.name.startswith(f"{number:04d}-"), decision.name
        assert decision.read_text().startswith(f"# {number}. "), decision.name
