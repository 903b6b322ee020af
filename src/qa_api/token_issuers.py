"""Who signs the tokens that are accepted, as the settings name them."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic import model_validator as validates

Algorithm = Literal["RS256", "ES256"]


class TokenIssuer(BaseModel):
    """One issuer whose tokens are accepted, with the keys it signs with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="The `iss` claim, exactly.")
    audience: str = Field(description="The `aud` value that a token must name.")
    jwks_url: str | None = Field(default=None, description="Where its key set is served.")
    jwks_file: Path | None = Field(default=None, description="Or the file that holds it.")
    algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256", "ES256"), min_length=1, description="Signatures accepted from it."
    )
    subject_claim: Literal["sub", "oid"] = Field(
        default="sub",
        description="The claim that names the caller; `oid` of Entra ID, whose `sub` is another in "
        "each application.",
    )

    @validates(mode="after")
    def has_one_key_set(self) -> Self:
        """A key set comes from a URL or from a file, never from both."""
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("give either jwks_url or jwks_file")
        return self
