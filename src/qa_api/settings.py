"""What an operator sets, all of it through `QA_*` variables; `.env.example` lists every one.

Figures and names of an authority are data, not settings. Secrets and database addresses are
`SecretStr`: they print as stars wherever settings are shown, and each may come from a file that
`QA_..._FILE` names, so that it stands in no environment.
"""

import re
import secrets
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, SecretStr, field_validator
from pydantic import model_validator as validates
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from qa_api.secret_files import SecretFiles
from qa_api.token_issuers import TokenIssuer

CommaSeparated = Annotated[list[str], NoDecode]


ORIGIN: Final = re.compile(
    r"https://[a-z0-9.-]+(?!:443$)(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1)(?!:80$)(:[0-9]{1,5})?"
)
"""A web origin (RFC 6454) as `Origin` has it, of a page that was not sent in plain text."""


class Settings(BaseSettings):
    """The settings of one process, read once at its start."""

    model_config = SettingsConfigDict(
        env_prefix="QA_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # a refused value may be a secret
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What code gives, what the environment says, and the files that it names."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, SecretFiles(settings_cls)

    environment: Literal["development", "production"] = Field(
        default="production",
        description="`development` allows plain http and signs tokens for the demo principals.",
    )

    # The database
    database_url: SecretStr = Field(
        default=SecretStr("postgresql://qa_app@localhost/qa"),
        description="PostgreSQL 15 to 18 as role qa_app; servers of a cluster with commas.",
    )
    read_url: SecretStr = Field(
        default=SecretStr("postgresql://qa_read@localhost/qa"),
        description="The same database as role qa_read.",
    )
    migrate_url: SecretStr | None = Field(
        default=None,
        description="The same as its owner, connected directly; only for migration.",
    )
    report_url: SecretStr | None = Field(
        default=None,
        description="A server that follows it, as role qa_read: downloads and reporting tools'"
        " figures are read there.",
    )
    report_lag_seconds: float = Field(
        default=60, gt=0, description="How far behind an answer from there may be at most."
    )
    pool_size: int = Field(
        default=10, ge=1, le=200, description="Connections kept for changes, per process."
    )
    read_pool_size: int = Field(
        default=10, ge=1, le=200, description="Connections kept for reads, per process."
    )
    pool_wait_seconds: float = Field(
        default=2, gt=0, description="How long a request waits for a connection before 503."
    )
    connect_timeout_seconds: float = Field(
        default=3, gt=0, description="How long opening a connection may take."
    )
    command_timeout_seconds: float = Field(
        default=5, gt=0, description="How long the client waits for one statement."
    )
    statement_timeout_seconds: float = Field(
        default=5, gt=0, description="How long the server lets one statement run."
    )
    lock_timeout_seconds: float = Field(
        default=1, gt=0, description="How long a statement waits for a lock."
    )
    idle_in_transaction_seconds: float = Field(
        default=10, gt=0, description="When the server ends a transaction that does nothing."
    )

    # The server
    host: str = Field(default="127.0.0.1", description="The address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Its port; 0 takes a free one.")
    revision: str | None = Field(
        default=None, max_length=100, description="The revision that runs, for /version."
    )
    public_base_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^/?#]+(/[^?#]*[^/?#])?$",
        description="The address others reach the API by, without a slash at the end.",
    )
    allowed_hosts: CommaSeparated = Field(
        default=["localhost", "127.0.0.1", "[::1]"],
        min_length=1,
        description="Host names a request may name, with commas; * takes any.",
    )
    cors_origins: CommaSeparated = Field(
        default=[],
        description="Origins whose pages may call the API from a browser, with commas; none does.",
    )
    serve_contract: bool = Field(
        default=True, description="Whether /docs and /openapi.json are there, for anybody."
    )
    serve_metrics: bool = Field(
        default=True, description="Whether /metrics is there, for anybody who reaches the API."
    )
    max_head_bytes: int = Field(
        default=16_384,
        ge=4_096,
        description="The largest request line and headers together, in bytes.",
    )
    max_headers: int = Field(default=100, ge=20, description="The most headers of a request.")
    head_deadline_seconds: float = Field(
        default=10, gt=0, description="How long request line and headers may take to arrive."
    )
    keep_alive_seconds: float = Field(
        default=75, gt=0, description="When a connection that does nothing is closed."
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1024, description="The largest request body, in bytes."
    )
    body_deadline_seconds: float = Field(
        default=15, gt=0, description="How long a request body may take to arrive."
    )
    request_deadline_seconds: float = Field(
        default=20, gt=0, description="How long working on one request may take before 503."
    )
    message_wait_seconds: float = Field(
        default=10, gt=0, description="How long a case event waits for its turn before 503."
    )
    write_deadline_seconds: float = Field(
        default=10, gt=0, description="How long a client may take nothing of a download."
    )
    quota_people: int = Field(
        default=1_200,
        ge=1,
        description="Requests of one person in a minute, per process; in development none is set.",
    )
    quota_case_systems: int = Field(
        default=12_000, ge=1, description="The same for one case system; over it events get 503."
    )
    quota_reporting: int = Field(default=600, ge=1, description="The same for one reporting tool.")
    share_case_systems: float = Field(
        default=0.4, gt=0, le=0.5, description="The part of the connections they may use at most."
    )
    share_reporting: float = Field(
        default=0.4, gt=0, le=0.5, description="The part of the connections they may use at most."
    )
    live_listeners: int = Field(
        default=2_500, ge=1, description="How many may listen to changes, per process."
    )
    live_listeners_each: int = Field(
        default=10, ge=1, description="How often one caller may listen, per process."
    )
    live_heartbeat_seconds: float = Field(
        default=15, gt=0, description="How often a listener gets a sign of life."
    )
    live_look_again_seconds: float = Field(
        default=3_600,
        gt=0,
        description="How often listeners read their list again for what time alone made due.",
    )
    live_longest_seconds: float = Field(
        default=14_400, gt=0, description="After how long a listener is asked to come back."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is logged."
    )

    # Who may come in
    token_issuers: tuple[TokenIssuer, ...] = Field(
        default=(),
        description="JSON list of {issuer, audience, jwks_url or jwks_file, algorithms, "
        "subject_claim}.",
    )
    scim_issuer: str | None = Field(
        default=None,
        description="Whose tokens the people have whom SCIM tells of; the issuer of the identity "
        "provider's own token where it is not set.",
    )
    token_leeway_seconds: int = Field(
        default=30, ge=0, le=300, description="Clock difference forgiven in exp and nbf."
    )
    jwks_timeout_seconds: float = Field(
        default=3, gt=0, description="How long fetching a key set may take."
    )
    cursor_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs list cursors; the same in every process. Required in production.",
    )

    pseudonym_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Makes the pseudonyms of datasets; another one changes every pseudonym. "
        "Required in production.",
    )

    # Webhooks out
    webhook_targets: CommaSeparated = Field(
        default=[],
        description="Where webhooks may go, with commas: scheme://host-or-CIDR[:port].",
    )
    webhook_timeout_seconds: float = Field(
        default=15, gt=0, description="How long a webhook receiver may take to answer."
    )

    # The worker
    sweep_interval_seconds: float = Field(
        default=60, gt=0, description="How often the worker looks for what fell due."
    )
    lease_seconds: float = Field(
        default=60, gt=0, description="How long a delivery stays claimed by one worker."
    )
    checkpoint_file: Path | None = Field(
        default=None,
        description="Where the worker adds signed checkpoints of both logs' seals.",
    )
    checkpoint_key: SecretStr | None = Field(
        default=None,
        description="Signs the checkpoints; `qa-api checkpoint-key` makes one. For the worker.",
    )
    checkpoint_public_keys: CommaSeparated = Field(
        default=[],
        description="Verifier keys of checkpoints, with commas: former ones, and for who only"
        " checks.",
    )
    checkpoint_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signed the checkpoints of earlier releases; only to check those.",
    )

    # Development
    data_dir: Path = Field(
        default=Path(".data"),
        description="Where development keeps its database, key set and demo state.",
    )
    token_key_dir: Path | None = Field(
        default=None,
        description="Where the development issuer keeps its keys; `keys` in the data directory.",
    )
    clock: AwareDatetime | None = Field(
        default=None,
        description="An instant with offset that the process starts at. Development only.",
    )
    clock_file: Path | None = Field(
        default=None,
        description="A file that says by how many seconds to move the clock. Development only.",
    )

    @field_validator(
        "allowed_hosts", "cors_origins", "webhook_targets", "checkpoint_public_keys", mode="before"
    )
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        """Lists are written `a,b`; a list given in code is taken as it is."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("cors_origins")
    @classmethod
    def names_each_origin(cls, origins: list[str]) -> list[str]:
        """An origin as a browser sends it: these records are for no page that is not named."""
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    "QA_CORS_ORIGINS takes https://host[:port] in small letters, without a path and"
                    " without :443 or :80, which no browser sends; http:// for localhost alone"
                )
        return origins

    @validates(mode="after")
    def has_the_true_clock_in_production(self) -> Self:
        """Only a development process has another time than the machine's."""
        if self.environment == "production":
            for name, given in (("QA_CLOCK", self.clock), ("QA_CLOCK_FILE", self.clock_file)):
                if given is not None:
                    raise ValueError(f"{name} is for development only")
        return self

    @validates(mode="after")
    def has_one_clock(self) -> Self:
        """Neither of two clocks is passed over in silence."""
        if self.clock is not None and self.clock_file is not None:
            raise ValueError("QA_CLOCK and QA_CLOCK_FILE both set the clock: give one of them")
        return self

    @validates(mode="after")
    def can_tell_its_checkpoints(self) -> Self:
        """A checkpoint that nobody can check could be rewritten with the log."""
        keys = self.checkpoint_key or self.checkpoint_public_keys
        if self.checkpoint_file is not None and not keys:
            raise ValueError(
                "QA_CHECKPOINT_FILE needs QA_CHECKPOINT_KEY, which `qa-api checkpoint-key` makes,"
                " or QA_CHECKPOINT_PUBLIC_KEYS to check only"
            )
        return self

    def missing_to_serve(self) -> list[str]:
        """The variables without which a production API must not start; migration needs none."""
        if self.environment == "development":
            return []
        needed = {
            "QA_CURSOR_SECRET": self.cursor_secret,
            "QA_PSEUDONYM_SECRET": self.pseudonym_secret,
            "QA_TOKEN_ISSUERS": self.token_issuers,
        }
        return [name for name, value in needed.items() if not value]

    @property
    def statement_timeout_ms(self) -> int:
        """`statement_timeout` as PostgreSQL takes it."""
        return round(self.statement_timeout_seconds * 1000)

    @property
    def lock_timeout_ms(self) -> int:
        """`lock_timeout` as PostgreSQL takes it."""
        return round(self.lock_timeout_seconds * 1000)

    @property
    def idle_in_transaction_ms(self) -> int:
        """`idle_in_transaction_session_timeout` as PostgreSQL takes it."""
        return round(self.idle_in_transaction_seconds * 1000)

    def quota(self, name: str) -> int | None:
        """The quota of a class of callers; None in development, unless it is set."""
        setting = f"quota_{name}"
        if self.environment == "development" and setting not in self.model_fields_set:
            return None
        found: int = getattr(self, setting)
        return found

    def cursor_key(self) -> bytes:
        """What signs cursors; a development process without one makes up its own."""
        if self.cursor_secret is None:
            return secrets.token_bytes(32)
        return self.cursor_secret.get_secret_value().encode()

    def pseudonym_key(self) -> bytes:
        """What makes pseudonyms; in development they are nobody's, and always the same."""
        if self.pseudonym_secret is None:
            return b"pseudonyms of the demo authority"
        return self.pseudonym_secret.get_secret_value().encode()

    @property
    def development_key_dir(self) -> Path:
        """Where the development issuer keeps its key set."""
        return self.token_key_dir or self.data_dir / "keys"
