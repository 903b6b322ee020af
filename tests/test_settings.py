"""Settings and `.env.example` say the same, and production cannot be set up by half."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from qa_api.settings import Settings
from qa_api.token_issuers import TokenIssuer

EXAMPLE = Path(__file__).parent.parent / ".env.example"
ISSUER = TokenIssuer(issuer="https://login.example.org/", audience="qa-api", jwks_file=Path("k"))


def example() -> dict[str, str]:
    lines = EXAMPLE.read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    values = {name: value for name, _, value in pairs}
    assert len(values) == len(pairs)
    return values


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"QA_{name.upper()}", raising=False)
        monkeypatch.delenv(f"QA_{name.upper()}_FILE", raising=False)


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert set(example()) == {f"QA_{name.upper()}" for name in Settings.model_fields}


def test_the_example_holds_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings()
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert Settings() == defaults


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_ALLOWED_HOSTS", "qa.example.org, localhost")
    monkeypatch.setenv("QA_WEBHOOK_TARGETS", "https://cases.example.org,http://127.0.0.1:9000")
    settings = Settings()
    assert settings.allowed_hosts == ["qa.example.org", "localhost"]
    assert settings.webhook_targets == ["https://cases.example.org", "http://127.0.0.1:9000"]


def test_an_empty_variable_takes_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PORT", "")
    assert Settings().port == 8000


def test_production_names_what_it_lacks_to_serve() -> None:
    lacking = ["QA_CURSOR_SECRET", "QA_PSEUDONYM_SECRET", "QA_TOKEN_ISSUERS"]
    assert Settings().missing_to_serve() == lacking
    complete = Settings(
        cursor_secret=SecretStr("s" * 32),
        pseudonym_secret=SecretStr("p" * 32),
        token_issuers=(ISSUER,),
    )
    assert complete.missing_to_serve() == []
    assert Settings(environment="development").missing_to_serve() == []


@pytest.mark.parametrize(
    ("name", "value"), [("clock", "2026-12-24T09:00:00Z"), ("clock_file", "clock")]
)
def test_nobody_sets_the_clock_of_production(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"QA_{name.upper()}", value)
    with pytest.raises(ValidationError, match=f"QA_{name.upper()} is for development only"):
        Settings()
    assert getattr(Settings(environment="development"), name) is not None


def test_a_clock_needs_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_CLOCK", "2026-12-24T09:00:00")
    with pytest.raises(ValidationError):
        Settings(environment="development")


def test_a_refused_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_CURSOR_SECRET", "short-and-secret")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "short-and-secret" not in str(refused.value)


def test_secrets_and_addresses_print_as_stars() -> None:
    settings = Settings(
        cursor_secret=SecretStr("c" * 32), database_url=SecretStr("postgresql://a:sesame@b/c")
    )
    assert "sesame" not in repr(settings)
    assert "cccc" not in repr(settings)


@pytest.mark.parametrize(
    "keys", [{}, {"jwks_url": "https://login.example.org/keys", "jwks_file": "keys.json"}]
)
def test_an_issuer_has_exactly_one_key_set(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TokenIssuer.model_validate({"issuer": "i", "audience": "a", **keys})


def test_only_asymmetric_signatures_are_accepted() -> None:
    with pytest.raises(ValidationError):
        TokenIssuer.model_validate(
            {"issuer": "i", "audience": "a", "jwks_file": "k", "algorithms": ["HS256"]}
        )


SECRETS = [
    "database_url",
    "read_url",
    "migrate_url",
    "report_url",
    "cursor_secret",
    "pseudonym_secret",
    "checkpoint_key",
    "checkpoint_secret",
]


def test_every_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = [name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field)]
    assert held == SECRETS
    for name in SECRETS:
        file = tmp_path / name
        file.write_text(f"{name}-" + "s" * 32 + "\r\n")
        monkeypatch.setenv(f"QA_{name.upper()}_FILE", str(file))
        assert f"QA_{name.upper()}_FILE" in EXAMPLE.read_text()
    settings = Settings()
    for name in SECRETS:
        assert getattr(settings, name).get_secret_value() == f"{name}-" + "s" * 32
    assert "ssss" not in repr(settings)
    monkeypatch.setenv("QA_PORT_FILE", str(tmp_path / "nothing"))
    assert Settings().port == 8000, "what is no secret comes from no file"


@pytest.mark.parametrize(
    ("content", "beside", "told"),
    [
        (b"sesame" * 6, "sesame" * 6, "give one of them"),
        (b"\n", None, "is empty"),
        (b"\xffsesame" * 6, None, "cannot be read: UnicodeDecodeError"),
        (None, None, "cannot be read: FileNotFoundError"),
    ],
)
def test_a_secret_file_that_is_not_right_is_told_without_what_it_holds(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes | None,
    beside: str | None,
    told: str,
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("QA_CURSOR_SECRET_FILE", str(file))
    if beside is not None:
        monkeypatch.setenv("QA_CURSOR_SECRET", beside)
    with pytest.raises(SettingsError, match=told) as refused:
        Settings()
    assert "QA_CURSOR_SECRET_FILE" in str(refused.value)
    assert "sesame" not in str(refused.value)


def test_a_secret_from_a_file_is_held_to_the_same_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("short-and-secret\n")
    monkeypatch.setenv("QA_CURSOR_SECRET_FILE", str(file))
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "short-and-secret" not in str(refused.value)
