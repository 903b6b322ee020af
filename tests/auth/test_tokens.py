"""Only a token that its issuer signed, for us, for now, names a caller."""

import asyncio
import base64
import hashlib
import hmac
import json
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jose import jwk, jws

from qa_api import clock
from qa_api.auth import keys as key_sets
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.keys import KeySource, key_set
from qa_api.auth.tokens import Caller, TokenVerifier
from qa_api.problems import Problem
from qa_api.token_issuers import TokenIssuer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AMPLE = 30.0
"""Seconds for what reads keys and is not to be cut off, on a busy machine too."""
ISSUER, AUDIENCE = "https://login.example", "qa-api"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    clock.freeze(NOW)
    yield
    clock.reset()


def pem(key: Any) -> str:
    private: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode("ascii")


def public(private: str, algorithm: str, kid: str, **more: str) -> dict[str, Any]:
    members = jwk.construct(private, algorithm).public_key().to_dict()
    text = {name: v.decode() if isinstance(v, bytes) else v for name, v in members.items()}
    return {**text, "kid": kid, "use": "sig", **more}


RSA = rsa.generate_private_key(65537, 2048)
RSA_PEM, EC_PEM = pem(RSA), pem(ec.generate_private_key(ec.SECP256R1()))
OTHER_EC_PEM = pem(ec.generate_private_key(ec.SECP256R1()))
SMALL_RSA_PEM = pem(rsa.generate_private_key(65537, 1024))  # noqa: S505 - it must be refused
KEY_SET = {
    "keys": [
        public(RSA_PEM, "RS256", "rsa"),
        public(EC_PEM, "ES256", "ec"),
        public(SMALL_RSA_PEM, "RS256", "small"),
        public(EC_PEM, "ES256", "twice"),
        public(OTHER_EC_PEM, "ES256", "twice"),
        public(EC_PEM, "ES256", "for-encryption", use="enc"),
        {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode()},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "!", "y": "!"},
    ]
}


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with changes; a change to None leaves the claim out."""
    now = int(NOW.timestamp())
    good = {"iss": ISSUER, "sub": "auditor-1", "aud": AUDIENCE, "exp": now + 600, "iat": now}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    content: dict[str, Any],
    *,
    key: str = EC_PEM,
    algorithm: str = "ES256",
    kid: str | None = "ec",
    **header: Any,
) -> str:
    named = {"kid": kid, **header} if kid else header
    return str(jws.sign(content, key, headers=named, algorithm=algorithm))


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def raw(header: bytes | dict[str, Any], content: bytes | dict[str, Any]) -> str:
    """A token around arbitrary bytes, correctly signed with the EC key."""
    parts = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in (header, content)]
    text = ".".join(b64(part) for part in parts)
    return text + "." + b64(jwk.construct(EC_PEM, "ES256").sign(text.encode()))


def hmac_signed(secret: bytes, kid: str) -> str:
    """The classic forgery: the public key, which everyone knows, taken as an HMAC secret."""
    text = (
        b64(json.dumps({"alg": "HS256", "kid": kid}).encode())
        + "."
        + b64(json.dumps(claims()).encode())
    )
    return text + "." + b64(hmac.digest(secret, text.encode(), hashlib.sha256))


@pytest.fixture
def jwks_file(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(KEY_SET))
    return path


def verifier_for(jwks_file: Path, *, leeway: float = 30, **more: Any) -> TokenVerifier:
    issuer = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, jwks_file=jwks_file, **more)
    return TokenVerifier([issuer], leeway_seconds=leeway, timeout_seconds=AMPLE)


@pytest.fixture
def verifier(jwks_file: Path) -> TokenVerifier:
    return verifier_for(jwks_file)


GOOD = {
    "ES256": signed(claims()),
    "RS256": signed(claims(), key=RSA_PEM, algorithm="RS256", kid="rsa"),
    "audience in a list": signed(claims(aud=["other", AUDIENCE])),
    "fractional expiry": signed(claims(exp=NOW.timestamp() + 600.5)),
    "access token type": signed(claims(), typ="at+jwt"),
    "expired within the leeway": signed(claims(exp=int(NOW.timestamp()) - 29)),
    "begins within the leeway": signed(claims(nbf=int(NOW.timestamp()) + 29)),
    "claims we do not know": signed(claims(roles=["administrator"], nested={"a": [1]})),
}


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD.keys())
async def test_a_good_token_names_its_caller(verifier: TokenVerifier, token: str) -> None:
    caller = await verifier.verify(token)
    assert (caller.issuer, caller.subject) == (ISSUER, "auditor-1")
    assert verifier.verify_cached(token) == caller


_DEEP = b'{"alg":"ES256","kid":"ec","x":' + b"[" * 2500 + b"]" * 2500 + b"}"
_HUGE = b'{"iss":"%s","sub":"a","aud":"qa-api","exp":%s}' % (ISSUER.encode(), b"9" * 4000)
_NAN = b'{"iss":"%s","sub":"a","aud":"qa-api","exp":NaN}' % ISSUER.encode()
_DER = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
_ES = {"alg": "ES256", "kid": "ec"}
_good_parts = GOOD["ES256"].split(".")

BAD = {
    "empty": "",
    "not a token": "hello",
    "two parts": "a.b",
    "five parts": "a.b.c.d.e",
    "no signature": ".".join([*_good_parts[:2], ""]),
    "alg none": b64(b'{"alg":"none","kid":"ec"}') + "." + _good_parts[1] + ".",
    "alg none with a signature": raw({"alg": "none", "kid": "ec"}, claims()),
    "alg None": raw({"alg": "None", "kid": "ec"}, claims()),
    "HS256 with the public key as DER": hmac_signed(_DER, "rsa"),
    "HS256 with the public key as PEM": hmac_signed(_PEM, "rsa"),
    "HS256 with a symmetric key of the set": hmac_signed(b"k" * 32, "oct"),
    "alg in another case": raw({"alg": "es256", "kid": "ec"}, claims()),
    "alg not a string": raw({"alg": ["ES256"], "kid": "ec"}, claims()),
    "RS512": signed(claims(), key=RSA_PEM, algorithm="RS512", kid="rsa"),
    "no alg": raw({"kid": "ec"}, claims()),
    "no kid": signed(claims(), kid=None),
    "unknown kid": signed(claims(), kid="nobody"),
    "kid of a key of another type": signed(claims(), kid="rsa"),
    "kid of another key": signed(claims(), key=OTHER_EC_PEM, kid="ec"),
    "kid that two keys have": signed(claims(), kid="twice"),
    "kid that is a path": signed(claims(), kid="../../dev/null"),
    "kid not a string": raw({"alg": "ES256", "kid": 1}, claims()),
    "key not for signatures": signed(claims(), kid="for-encryption"),
    "RSA key too small": signed(claims(), key=SMALL_RSA_PEM, algorithm="RS256", kid="small"),
    "broken key": signed(claims(), kid="broken"),
    "own key in the header": signed(
        claims(), key=OTHER_EC_PEM, kid="ec", jwk=public(OTHER_EC_PEM, "ES256", "ec")
    ),
    "jku": signed(claims(), jku="https://evil.example/jwks"),
    "x5u": signed(claims(), x5u="https://evil.example/cert"),
    "x5c": signed(claims(), x5c=["MII"]),
    "crit": signed(claims(), crit=["exp"], exp=1),
    "crit null": raw({**_ES, "crit": None}, claims()),
    "unencoded payload": raw({**_ES, "b64": False}, claims()),
    "another kind of token": raw({**_ES, "typ": "dpop+jwt"}, claims()),
    "kid twice": raw(b'{"alg":"ES256","kid":"x","kid":"ec"}', claims()),
    "subject twice": raw(_ES, b'{"sub":"x",' + json.dumps(claims()).encode().removeprefix(b"{")),
    "issuer twice": raw(
        _ES, b'{"iss":"https://evil.example",' + json.dumps(claims()).encode().removeprefix(b"{")
    ),
    "header not an object": raw(b'["ES256"]', claims()),
    "header not JSON": raw(b"\xff\xfe", claims()),
    "header nested deep": raw(_DEEP, claims()),
    "claims nested deep": raw(_ES, b"[" * 3000),
    "claims not an object": raw(_ES, b"1"),
    "claims not UTF-8": raw(_ES, b'{"iss":"\xff"}'),
    "expiry beyond all numbers": raw(_ES, _HUGE),
    "expiry NaN": raw(_ES, _NAN),
    "expiry infinite": raw(_ES, _NAN.replace(b"NaN", b"1e999")),
    "expiry negative": signed(claims(exp=-1)),
    "expiry text": signed(claims(exp="2099-01-01")),
    "expiry true": raw(_ES, json.dumps(claims(exp=True)).encode()),
    "expiry past all dates": raw(_ES, json.dumps(claims(exp=10**18)).encode()),
    "no expiry": signed(claims(exp=None)),
    "expired": signed(claims(exp=int(NOW.timestamp()) - 31)),
    "not valid yet": signed(claims(nbf=int(NOW.timestamp()) + 31)),
    "issued in the future": signed(claims(iat=int(NOW.timestamp()) + 31)),
    "no audience": signed(claims(aud=None)),
    "another audience": signed(claims(aud="other")),
    "audience a part of ours": signed(claims(aud="qa")),
    "audience that ours is a part of": signed(claims(aud="not-qa-api")),
    "audience list without us": signed(claims(aud=["other"])),
    "audience an object": signed(claims(aud={"qa-api": True})),
    "no issuer": signed(claims(iss=None)),
    "another issuer": signed(claims(iss="https://evil.example")),
    "no subject": signed(claims(sub=None)),
    "empty subject": signed(claims(sub="")),
    "subject a number": signed(claims(sub=1)),
    "subject with a line break": signed(claims(sub="a\nb")),
    "claims changed": ".".join(
        [_good_parts[0], b64(json.dumps(claims(sub="x")).encode()), _good_parts[2]]
    ),
    "signature changed": ".".join([*_good_parts[:2], b64(b"\x01" * 64)]),
    "signature zero": ".".join([*_good_parts[:2], b64(b"\x00" * 64)]),
    "signature short": ".".join([*_good_parts[:2], b64(b"\x01")]),
    "base64 of an impossible length": ".".join([*_good_parts[:2], "abcde"]),
    "characters outside base64": GOOD["ES256"] + "=",
    "white space": GOOD["ES256"] + " ",
    "line break": GOOD["ES256"] + "\n",
    "lone surrogate": GOOD["ES256"] + "\ud800",
    "enormous": "a" * 1_000_000,
    "longer than allowed": signed(claims(padding="x" * 9000)),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
async def test_a_bad_token_is_refused_with_a_challenge(verifier: TokenVerifier, token: str) -> None:
    assert verifier.verify_cached(token) is None
    with pytest.raises(Problem) as refused:
        await verifier.verify(token)
    assert refused.value.status == 401
    assert 'error="invalid_token"' in refused.value.headers["WWW-Authenticate"]
    assert verifier.verify_cached(token) is None


@pytest.mark.long
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=200),
        st.tuples(st.binary(max_size=80), st.binary(max_size=80)).map(lambda p: raw(*p)),
        st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit"]), st.none() | st.text()).map(
            lambda header: raw(header, claims(sub="forged", aud=None))
        ),
    )
)
async def test_no_garbage_raises_anything_but_the_refusal(
    verifier: TokenVerifier, token: str
) -> None:
    with pytest.raises(Problem):
        await verifier.verify(token)


async def test_an_issuer_accepts_only_the_algorithms_it_is_configured_with(jwks_file: Path) -> None:
    only_rsa = verifier_for(jwks_file, algorithms=("RS256",))
    await only_rsa.verify(GOOD["RS256"])
    with pytest.raises(Problem):
        await only_rsa.verify(GOOD["ES256"])


async def test_the_key_of_one_issuer_does_not_sign_for_another(tmp_path: Path) -> None:
    files = {}
    for name, key in (("one", EC_PEM), ("two", OTHER_EC_PEM)):
        files[name] = tmp_path / f"{name}.json"
        files[name].write_text(json.dumps({"keys": [public(key, "ES256", "ec")]}))
    both = TokenVerifier(
        [
            TokenIssuer(issuer=f"https://{name}.example", audience=AUDIENCE, jwks_file=path)
            for name, path in files.items()
        ],
        leeway_seconds=0,
        timeout_seconds=AMPLE,
    )
    await both.verify(signed(claims(iss="https://one.example"), key=EC_PEM))
    await both.verify(signed(claims(iss="https://two.example"), key=OTHER_EC_PEM))
    with pytest.raises(Problem):
        await both.verify(signed(claims(iss="https://two.example"), key=EC_PEM))


async def test_a_remembered_token_is_refused_once_it_expires(verifier: TokenVerifier) -> None:
    token = signed(claims())
    await verifier.verify(token)
    clock.freeze(NOW + timedelta(seconds=629))
    assert verifier.verify_cached(token) is not None
    clock.freeze(NOW + timedelta(seconds=630))
    assert verifier.verify_cached(token) is None
    with pytest.raises(Problem):
        await verifier.verify(token)


async def test_no_more_than_so_many_tokens_are_remembered(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_api.auth.tokens.MOST_CACHED", 2)
    tokens = [signed(claims(sub=f"worker-{number}")) for number in range(3)]
    for token in tokens:
        await verifier.verify(token)
    assert [verifier.verify_cached(token) is not None for token in tokens] == [False, True, True]


async def test_without_any_key_set_the_service_is_unavailable_not_unauthenticated(
    tmp_path: Path,
) -> None:
    verifier = verifier_for(tmp_path / "nothing-here.json")
    with pytest.raises(Problem) as refused:
        await verifier.verify(GOOD["ES256"])
    assert refused.value.status == 503


# --- how key sets are kept --------------------------------------------------------------------


@dataclass
class Publisher:
    """An issuer's published key set, a clock of seconds, and how often it was asked."""

    document: bytes | None
    asked: int = 0
    seconds: float = 0.0
    changes: int = 0

    hangs: asyncio.Event | None = None
    """Set when it answers again, where it does not."""

    async def read(self) -> bytes:
        self.asked += 1
        if self.hangs is not None:
            await self.hangs.wait()
        await anyio.lowlevel.checkpoint()
        if self.document is None:
            raise OSError
        return self.document

    def changed(self) -> None:
        self.changes += 1

    def source(self) -> KeySource:
        return KeySource(
            self.read, ("ES256",), on_change=self.changed, seconds=lambda: self.seconds
        )


def published(*kids: str) -> bytes:
    return json.dumps({"keys": [public(EC_PEM, "ES256", kid) for kid in kids]}).encode()


async def test_an_unknown_key_is_looked_for_once_and_then_not_for_a_while() -> None:
    publisher = Publisher(published("old"))
    source = publisher.source()
    assert await source.find("old", "ES256")
    assert publisher.asked == 1
    publisher.document = published("old", "new")
    publisher.seconds = 31
    assert await source.find("new", "ES256")
    assert publisher.asked == 2
    for attempt in range(100):
        assert await source.find(f"made-up-{attempt}", "ES256") is None
    assert publisher.asked == 2


async def test_many_callers_at_once_read_the_key_set_once() -> None:
    publisher = Publisher(published("key"))
    source = publisher.source()
    found = []

    async def look() -> None:
        found.append(await source.find("key", "ES256"))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(look)
    assert publisher.asked == 1
    assert all(found)


@pytest.mark.parametrize("broken", [None, b"", b"[]", b'{"keys": 1}', b"x" * 300_000])
async def test_the_last_good_key_set_stays_when_it_cannot_be_read(broken: bytes | None) -> None:
    publisher = Publisher(published("key"))
    source = publisher.source()
    assert await source.find("key", "ES256")
    publisher.document = broken
    publisher.seconds = 10_000
    assert source.is_due()
    assert await source.find("key", "ES256")
    assert publisher.asked == 2
    assert not source.is_due()


async def test_nobody_waits_for_a_key_set_that_could_not_be_read_before() -> None:
    publisher = Publisher(published("old"))
    source = publisher.source()
    assert await source.find("old", "ES256")
    publisher.document, publisher.seconds = None, 10_000
    assert await source.find("old", "ES256"), "it was waited for once"
    publisher.document, publisher.hangs = published("new"), asyncio.Event()
    publisher.seconds += key_sets.PAUSE_SECONDS + 1
    assert source.is_due()
    for _ in range(5):
        assert await source.find("old", "ES256")
        assert not source.is_due(), "what is remembered holds too"
    await anyio.wait_all_tasks_blocked()
    assert publisher.asked == 3
    publisher.hangs.set()
    await anyio.wait_all_tasks_blocked()
    assert await source.find("old", "ES256") is None
    assert await source.find("new", "ES256")


async def test_a_key_set_that_was_never_read_is_tried_again_soon() -> None:
    publisher = Publisher(None)
    source = publisher.source()
    with pytest.raises(Problem) as refused:
        await source.find("key", "ES256")
    assert refused.value.headers["Retry-After"] == "2"
    publisher.document = published("key")
    with pytest.raises(Problem):
        await source.find("key", "ES256")
    publisher.seconds = key_sets.FIRST_PAUSE_SECONDS + 0.1
    assert await source.find("key", "ES256")


async def test_a_withdrawn_key_is_refused_after_the_refresh() -> None:
    publisher = Publisher(published("old"))
    source = publisher.source()
    assert await source.find("old", "ES256")
    publisher.document = published("new")
    publisher.seconds = key_sets.REFRESH_SECONDS + 1
    assert await source.find("old", "ES256") is None
    assert publisher.changes == 2


async def test_remembered_tokens_are_forgotten_when_the_keys_change(
    jwks_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_sets, "PAUSE_SECONDS", -1.0)
    verifier = verifier_for(jwks_file)
    await verifier.verify(GOOD["ES256"])
    await anyio.Path(jwks_file).write_bytes(published("another"))
    with pytest.raises(Problem):
        await verifier.verify(signed(claims(), kid="unknown"))
    assert verifier.verify_cached(GOOD["ES256"]) is None
    with pytest.raises(Problem):
        await verifier.verify(GOOD["ES256"])


async def test_remembered_tokens_do_not_outlive_the_freshness_of_the_keys(
    jwks_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = verifier_for(jwks_file)
    await verifier.verify(GOOD["ES256"])
    monkeypatch.setattr(key_sets, "REFRESH_SECONDS", -1.0)
    monkeypatch.setattr(key_sets, "PAUSE_SECONDS", -1.0)
    assert verifier.verify_cached(GOOD["ES256"]) is None


def test_a_published_private_key_is_not_used() -> None:
    member = {**public(EC_PEM, "ES256", "key"), "d": "secret"}
    assert key_set(json.dumps({"keys": [member]}).encode(), ("ES256",)) == ()


@asynccontextmanager
async def served(answer: bytes, hold: float = 0) -> AsyncIterator[str]:
    """A small HTTP server that gives one fixed answer, after a while."""

    over = asyncio.Event()
    answering: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        # Who is cut off may be gone before they have asked.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), hold)
            writer.write(answer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
        over.set()
        await asyncio.gather(*(task for task in answering if task))


def http(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_key_set_is_read_from_a_url() -> None:
    async with served(http("200 OK", json.dumps(KEY_SET).encode())) as url:
        issuer = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, jwks_url=url)
        verifier = TokenVerifier([issuer], leeway_seconds=0, timeout_seconds=AMPLE)
        assert isinstance(await verifier.verify(GOOD["RS256"]), Caller)


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "hold"),
    [
        (http("302 Found", b"", "Location: http://127.0.0.1:1/"), 0),
        (http("500 Internal Server Error", b""), 0),
        (http("200 OK", b" " * (key_sets.LARGEST + 1)), 0),
        (http("200 OK", b"<html>"), 0),
        (http("200 OK", json.dumps(KEY_SET).encode()), 30),
    ],
    ids=["redirect", "error", "too large", "not a key set", "too slow"],
)
async def test_a_key_server_that_misbehaves_is_unavailable(answer: bytes, hold: float) -> None:
    async with served(answer, hold) as url:
        issuer = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, jwks_url=url)
        verifier = TokenVerifier([issuer], leeway_seconds=0, timeout_seconds=2 if hold else AMPLE)
        with pytest.raises(Problem) as refused:
            await verifier.verify(GOOD["RS256"])
        assert refused.value.status == 503


# --- the development issuer -------------------------------------------------------------------


async def test_the_development_issuer_takes_the_same_path(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer.open(tmp_path / "keys")
    verifier = TokenVerifier([issuer.settings], leeway_seconds=0, timeout_seconds=AMPLE)
    token = issuer.issue("demo-auditor", ttl=timedelta(minutes=5))
    caller = await verifier.verify(token)
    assert caller == Caller(issuer.settings.issuer, "demo-auditor", NOW + timedelta(minutes=5))
    # A second process finds the same key.
    await verifier.verify(DevelopmentIssuer.open(tmp_path / "keys").issue("demo-worker"))


def test_only_the_owner_reads_the_development_key_and_it_is_never_shown(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer.open(tmp_path / "keys")
    private = tmp_path / "keys" / "signing-key.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(issuer)
    assert b'"d"' not in (tmp_path / "keys" / "jwks.json").read_bytes()
    assert {path.name for path in private.parent.iterdir()} == {"signing-key.pem", "jwks.json"}


async def test_an_issuer_may_name_its_callers_by_their_object_id(jwks_file: Path) -> None:
    """Entra ID: `sub` is another in each application, and `oid` is what SCIM tells of."""
    by_object_id = verifier_for(jwks_file, subject_claim="oid")
    token = signed(claims(sub="pairwise", oid="3f0c1a52"))
    assert (await by_object_id.verify(token)).subject == "3f0c1a52"
    assert (await verifier_for(jwks_file).verify(token)).subject == "pairwise"


@pytest.mark.parametrize("oid", [None, "", 7, ["3f0c1a52"], "\u00e9", "x" * 256])
async def test_a_token_without_a_good_object_id_names_nobody(jwks_file: Path, oid: Any) -> None:
    by_object_id = verifier_for(jwks_file, subject_claim="oid")
    with pytest.raises(Problem) as refused:
        await by_object_id.verify(signed(claims(oid=oid)))
    assert refused.value.status == 401
