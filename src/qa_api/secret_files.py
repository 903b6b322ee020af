"""Secrets out of files, which a variable of the environment names."""

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource, SettingsError


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets out of files: `QA_CURSOR_SECRET_FILE` names the one that holds `QA_CURSOR_SECRET`.

    A line end after the secret is none of it. No message holds what a file says.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret of a setting, where a file of it is named."""
        if SecretStr not in (field.annotation, *getattr(field.annotation, "__args__", ())):
            return None, field_name, False
        name = f"QA_{field_name.upper()}"
        file = os.environ.get(f"{name}_FILE")
        if not file:
            return None, field_name, False
        if os.environ.get(name):
            raise SettingsError(f"{name} and {name}_FILE both set it: give one of them")
        try:
            secret = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            why = type(fault).__name__
            raise SettingsError(f"the file of {name}_FILE cannot be read: {why}") from None
        if not secret:
            raise SettingsError(f"the file of {name}_FILE is empty")
        return secret, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that comes from a file."""
        found = (
            self.get_field_value(field, name)
            for name, field in self.settings_cls.model_fields.items()
        )
        return {name: value for value, name, _ in found if value is not None}
