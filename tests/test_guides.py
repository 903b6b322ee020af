"""Guides that repeat what the code knows are held against it."""

from pathlib import Path

from pydantic import SecretStr

from qa_api.settings import Settings

OPERATORS = Path(__file__).parent.parent / "docs" / "operators.md"


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
