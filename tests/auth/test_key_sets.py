"""Which published keys are used, how long they stand, and what the development issuer publishes."""

import json
import logging
import stat
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jws
from jose.backends.cryptography_backend import CryptographyECKey
from jose.exceptions import JOSEError

from qa_api import clock
from qa_api.auth import development, keys
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.keys import KeySource, key_set
from qa_api.auth.tokens import LONGEST
from qa_api.problems import Problem
from tests.auth.test_tokens import (
    EC_PEM,
    NOW,
    RSA_PEM,
    Publisher,
    b64,
    claims,
    pem,
    public,
    published,
    signed,
    verifier_for,
)

EC_KEY, RSA_KEY = public(EC_PEM, "ES256", "key"), public(RSA_PEM, "RS256", "key")
OF_OTHER_CURVE = pem(ec.generate_private_key(ec.SECP384R1()))


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    clock.freeze(NOW)
    yield
    clock.reset()


def without(member: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name not in names}


def private(key: str, algorithm: str) -> dict[str, Any]:
    """A whole private key, of which all that is asked of a public one holds."""
    members = jwk.construct(key, algorithm).to_dict()
    text = {name: v.decode() if isinstance(v, bytes) else v for name, v in members.items()}
    assert "d" in text
    return text | {"kid": "key", "use": "sig"}


def rsa_of(size: int) -> dict[str, Any]:
    """An RSA key whose number has so many bytes."""
    return RSA_KEY | {"n": b64(b"\x81" + b"\x01" * (size - 1))}


USED = {
    "as published": EC_KEY,
    "RSA": RSA_KEY,
    "that says no use": without(EC_KEY, "use", "alg"),
    "that says its algorithm": EC_KEY | {"alg": "ES256"},
    "that says it verifies": EC_KEY | {"key_ops": ["verify"]},
    **{f"RSA of {size} bytes": rsa_of(size) for size in range(256, 264)},
}
NOT_USED = {
    "without an id": without(EC_KEY, "kid"),
    "with an id that is no text": EC_KEY | {"kid": 7},
    "of no kind": without(EC_KEY, "kty"),
    "of another kind": EC_KEY | {"kty": "RSA"},
    "for another algorithm": EC_KEY | {"alg": "ES384"},
    "for encryption": EC_KEY | {"use": "enc"},
    "that only signs": EC_KEY | {"key_ops": ["sign"]},
    "that says no curve": without(EC_KEY, "crv"),
    "that says another curve": EC_KEY | {"crv": "P-384"},
    "of another curve": without(public(OF_OTHER_CURVE, "ES384", "key"), "alg"),
    "private": private(EC_PEM, "ES256"),
    "private RSA": private(RSA_PEM, "RS256"),
    "RSA a byte too short": rsa_of(255),
    "without its number": without(RSA_KEY, "n"),
    "without its exponent": without(RSA_KEY, "e"),
}


def used(member: dict[str, Any]) -> list[tuple[str, str]]:
    found = key_set(json.dumps({"keys": [member]}).encode(), ("RS256", "ES256"))
    return [(each.kid, each.algorithm) for each in found]


@pytest.mark.parametrize("member", USED.values(), ids=USED.keys())
def test_a_sound_key_is_used_for_its_one_algorithm(member: dict[str, Any]) -> None:
    assert used(member) == [("key", "RS256" if member["kty"] == "RSA" else "ES256")]


@pytest.mark.parametrize("member", NOT_USED.values(), ids=NOT_USED.keys())
def test_any_other_key_is_left_out(member: dict[str, Any]) -> None:
    assert used(member) == []


def test_a_key_set_may_be_as_large_as_is_said_and_no_larger() -> None:
    document = json.dumps({"keys": [EC_KEY]}).encode()
    largest = document + b" " * (keys.LARGEST - len(document))
    assert len(key_set(largest, ("ES256",))) == 1
    for broken in (largest + b" ", b"{}"):
        with pytest.raises(ValueError, match="key set"):
            key_set(broken, ("ES256",))


async def test_keys_stand_until_their_time_is_over_and_no_longer() -> None:
    publisher = Publisher(published("key"))
    source = publisher.source()
    assert source.is_due(), "none was ever read"
    await source.find("key", "ES256")
    publisher.seconds = keys.REFRESH_SECONDS
    assert not source.is_due()
    publisher.seconds += 0.5
    assert source.is_due()
    # The clock of a set that could not be read goes on from when that was tried.
    publisher.document = None
    await source.find("key", "ES256")
    publisher.seconds += keys.PAUSE_SECONDS
    assert not source.is_due()
    publisher.seconds += 0.5
    assert source.is_due()


async def test_a_key_that_nobody_published_is_looked_for_again_after_a_pause() -> None:
    publisher = Publisher(published("key"))
    source = publisher.source()
    for seconds, asked in ((0.0, 1), (keys.PAUSE_SECONDS, 1), (keys.PAUSE_SECONDS + 0.5, 2)):
        publisher.seconds = seconds
        assert await source.find("other", "ES256") is None
        assert publisher.asked == asked
    assert publisher.changes == 1, "the same set again is no change"


async def test_without_any_keys_the_pause_is_short_and_ends() -> None:
    publisher = Publisher(None)
    source = publisher.source()
    for seconds, asked in (
        (0.0, 1),
        (keys.FIRST_PAUSE_SECONDS, 1),
        (keys.FIRST_PAUSE_SECONDS + 0.5, 2),
    ):
        publisher.seconds = seconds
        with pytest.raises(Problem) as refused:
            await source.find("key", "ES256")
        assert refused.value.status == 503
        assert publisher.asked == asked


async def test_a_key_is_of_one_algorithm() -> None:
    publisher = Publisher(json.dumps({"keys": [EC_KEY, RSA_KEY | {"kid": "rsa"}]}).encode())
    source = KeySource(publisher.read, ("RS256", "ES256"), on_change=publisher.changed)
    assert await source.find("rsa", "RS256")
    assert await source.find("rsa", "ES256") is None
    assert await source.find("key", "RS256") is None


async def test_what_went_wrong_with_a_key_set_is_logged_by_its_kind_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Publisher(None).source()
    with caplog.at_level(logging.WARNING), pytest.raises(Problem):
        await source.find("key", "ES256")
    assert [each.getMessage() for each in caplog.records] == ["key set not read: OSError"]


# --- the edges of a token ---------------------------------------------------------------------


def of_length(length: int) -> str:
    """A good token of so many characters; no number of bytes makes every length in Base64."""
    for more in range(4):
        short = len(signed(claims(padding=""), note="y" * more))
        for size in range((length - short) * 3 // 4 - 4, (length - short) * 3 // 4 + 4):
            token = signed(claims(padding="x" * size), note="y" * more)
            if len(token) == length:
                return token
    raise AssertionError("there is none")


async def test_the_times_of_a_token_may_be_off_by_the_leeway_and_no_more(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(published("ec"))
    verifier, now = verifier_for(file), int(NOW.timestamp())
    for good in ({"nbf": now + 30}, {"iat": now + 30}, {"exp": now - 29}):
        assert (await verifier.verify(signed(claims(**good)))).subject == "auditor-1"
    refusals: dict[str, tuple[dict[str, Any], ...]] = {
        "The access token is not valid yet.": ({"nbf": now + 31}, {"iat": now + 31}),
        "The access token has expired.": ({"exp": now - 30}, {"exp": now - 31}),
        "The access token is not accepted.": ({"aud": "other"}, {"iss": "https://other"}),
    }
    for said, refused in refusals.items():
        for changed in refused:
            with pytest.raises(Problem) as why:
                await verifier.verify(signed(claims(**changed)))
            assert why.value.detail == said, changed


async def test_a_key_that_cannot_verify_a_signature_has_not_signed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(published("ec"))
    for fault in (JOSEError, ValueError, TypeError):

        def verify(*_: object, fault: type[Exception] = fault) -> bool:
            raise fault

        monkeypatch.setattr(CryptographyECKey, "verify", verify)
        with pytest.raises(Problem) as refused:
            await verifier_for(file).verify(signed(claims()))
        assert refused.value.status == 401


async def test_a_token_may_be_as_long_as_is_said(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(published("ec"))
    caller = await verifier_for(file).verify(of_length(LONGEST))
    assert caller.subject == "auditor-1"
    with pytest.raises(Problem):
        await verifier_for(file).verify(of_length(LONGEST + 2))


# --- the development issuer -------------------------------------------------------------------


def test_the_development_issuer_publishes_one_plain_key_under_its_thumbprint(
    tmp_path: Path,
) -> None:
    issuer = DevelopmentIssuer.open(tmp_path / "a" / "b")
    file = issuer.settings.jwks_file
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (key,) = json.loads(file.read_bytes())["keys"]
    assert {name: key[name] for name in ("kty", "crv", "alg", "use")} == {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
    }
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    required = json.dumps(
        {name: key[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":")
    )
    assert key["kid"] == sha256(required.encode()).hexdigest()[:32], "as RFC 7638 has it"
    token = issuer.issue("demo-auditor")
    assert jws.get_unverified_headers(token) == {
        "alg": "ES256",
        "kid": key["kid"],
        "typ": "at+jwt",
    }
    said = json.loads(jws.get_unverified_claims(token))
    now = int(NOW.timestamp())
    id_ = said.pop("jti")
    assert len(id_) == 16
    assert id_ != json.loads(jws.get_unverified_claims(issuer.issue("x")))["jti"]
    assert said == {
        "iss": "urn:qa-api:development",
        "aud": "qa-api",
        "sub": "demo-auditor",
        "iat": now,
        "nbf": now,
        "exp": now + int(timedelta(hours=12).total_seconds()),
    }


def test_of_two_that_make_a_key_at_once_the_first_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = DevelopmentIssuer.open(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as it was when the other looked
    assert DevelopmentIssuer.open(tmp_path) == first
    assert {each.name for each in tmp_path.iterdir()} == {"signing-key.pem", "jwks.json"}
    assert first.settings.issuer == development.ISSUER
