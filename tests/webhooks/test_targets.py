"""Where webhooks may go, and where never."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.webhooks.targets import MalformedTarget, Place, Targets

PUBLIC = "93.184.216.34"


def may_reach(listed: list[str], url: str, *addresses: str) -> bool:
    """Whether a URL may be reached at these addresses."""
    place = Place.of(url)
    assert place is not None
    return Targets.read(listed).may_reach(place, [ip_address(address) for address in addresses])


@pytest.mark.parametrize(
    ("listed", "url", "addresses", "allowed"),
    [
        (["https://cases.example.org"], "https://cases.example.org/hook", [PUBLIC], True),
        (["https://cases.example.org"], "https://CASES.example.org./hook", [PUBLIC], True),
        (["https://cases.example.org"], "https://other.example.org/hook", [PUBLIC], False),
        (["https://cases.example.org"], "https://x.cases.example.org/", [PUBLIC], False),
        (["https://cases.example.org"], "http://cases.example.org/hook", [PUBLIC], False),
        (["https://cases.example.org:8443"], "https://cases.example.org/hook", [PUBLIC], False),
        (["https://cases.example.org:8443"], "https://cases.example.org:8443/", [PUBLIC], True),
        (["https://cases.example.org"], "https://cases.example.org:8443/", [PUBLIC], True),
        # A listed name is no leave for a private address; a listed network is.
        (["https://cases.example.org"], "https://cases.example.org/", ["10.1.2.3"], False),
        (["https://cases.example.org"], "https://cases.example.org/", [PUBLIC, "10.1.2.3"], False),
        (["https://10.0.0.0/8"], "https://cases.example.org/", ["10.1.2.3"], True),
        (["https://10.0.0.0/8"], "https://cases.example.org/", [PUBLIC], False),
        (["https://10.0.0.0/8:443"], "https://10.1.2.3/", ["10.1.2.3"], True),
        (["http://127.0.0.1"], "http://127.0.0.1:9000/hook", ["127.0.0.1"], True),
        (["https://[fd12::]/16"], "https://cases.example.org/", ["fd12::1"], True),
        (["https://127.0.0.0/8"], "https://cases.example.org/", ["::ffff:127.0.0.1"], True),
        (["https://cases.example.org"], "https://cases.example.org/", ["::1"], False),
        ([], "https://cases.example.org/", [PUBLIC], False),
        (["https://cases.example.org"], "https://cases.example.org/", [], False),
    ],
)
def test_only_what_is_listed_is_reached(
    listed: list[str], url: str, addresses: list[str], allowed: bool
) -> None:
    assert may_reach(listed, url, *addresses) is allowed


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "ff02::1",
    ],
)
def test_link_local_and_metadata_are_never_reached_even_when_listed(address: str) -> None:
    everything = ["https://0.0.0.0/0", "https://[::]/0", "https://cases.example.org"]
    assert not may_reach(everything, "https://cases.example.org/", address)
    assert not may_reach(everything, "https://cases.example.org/", PUBLIC, address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://cases.example.org/",
        "https://",
        "https:///hook",
        "https://user:secret@cases.example.org/",
        "https://cases.example.org/#part",
        "https://cases.example.org\\@evil.example/",
        "https://cases.example.org:99999/",
        "https://cases example.org/",
        "https://cases.example.org/\n",
        "https://kase.exämple.org/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://-cases.example.org/",
        "https://" + "a" * 300 + ".org/",
        "https://cases.example.org/" + "a" * 1_000,
        "cases.example.org",
        "",
    ],
)
def test_what_is_no_plain_url_is_no_place(url: str) -> None:
    assert Place.of(url) is None
    assert not Targets.read(["https://0.0.0.0/0", "https://cases.example.org"]).may_register(url)


@given(st.text(max_size=60))
def test_any_text_is_answered_calmly(url: str) -> None:
    assert not Targets.read(["https://cases.example.org"]).may_register("http://" + url)


@pytest.mark.parametrize(
    "written",
    [
        "cases.example.org",
        "ftp://x.org",
        "https://",
        "https://10.0.0.1/8",
        "https://x.org:0",
        "https://x.org:70000",
        "https://10.0.0.0/99",
        "https://x.org/path",
        "*",
    ],
)
def test_a_list_that_cannot_be_read_stops_the_start(written: str) -> None:
    with pytest.raises(MalformedTarget, match="a webhook target"):
        Targets.read([written])
