"""Credentials: Basic and Digest, and the limit on guesses."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.access import CREDENTIALS_LIMIT, REALM, WRONG_A_MINUTE, Access, is_loopback, local_host, plain_address
from davproxy.errors import TooManyAttempts


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def request(
    authorization: str = "", *, method: str = "GET", uri: str = "/dav/", scheme: str = "http"
) -> dict[str, Any]:
    environ = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "REMOTE_ADDR": "192.0.2.1", "wsgi.url_scheme": scheme}
    return environ | ({"HTTP_AUTHORIZATION": authorization} if authorization else {})


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def digest(access: Access, name: str, password: str, *, uri: str = "/dav/a%20b", method: str = "PUT") -> str:
    challenge = next(value for _, value in access.challenges(request()) if value.startswith("Digest"))
    found = re.search('nonce="([^"]+)"', challenge)
    assert found
    nonce = found[1]

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    answer = md5(f"{md5(f'{name}:{REALM}:{password}')}:{nonce}:00000001:abc:auth:{md5(f'{method}:{uri}')}")
    name = name.encode().decode("latin-1")
    return (
        f'Digest username="{name}", realm="{REALM}", nonce="{nonce}", uri="{uri}", qop=auth, nc=00000001, '
        f'cnonce="abc", response="{answer}", algorithm=MD5'
    )


def test_without_credentials_every_request_is_allowed() -> None:
    access = Access("", "")
    assert not access.required
    assert access.authenticate(request())


@pytest.mark.parametrize("password", ["secret", "pass:with:colons", "pässwörd"])
def test_basic(password: str) -> None:
    access = Access("jo", password)
    assert access.authenticate(request(basic("jo", password)))
    assert not access.authenticate(request(basic("jo", password + "x")))
    assert not access.authenticate(request(basic("joe", password)))
    assert not access.authenticate(request("Basic !!!"))
    assert not access.authenticate(request("Bearer abc"))
    assert not access.authenticate(request())


@pytest.mark.parametrize("name", ["jo", "jö", "j, o=x"])
def test_digest(name: str) -> None:
    access = Access(name, "secret")
    given = digest(access, name, "secret")
    assert access.authenticate(request(given.replace(", ", " ,  "), method="PUT", uri="/dav/a%20b")) == (
        ", " not in name
    )
    assert access.authenticate(request(given, method="PUT", uri="/dav/a%20b"))
    assert not access.authenticate(request(given, method="DELETE", uri="/dav/a%20b"))
    assert not access.authenticate(request(given, method="PUT", uri="/dav/other"))
    assert not access.authenticate(request(digest(access, name, "wrong"), method="PUT", uri="/dav/a%20b"))
    assert not access.authenticate(request(given.replace("nonce=", "nonce=x"), method="PUT", uri="/dav/a%20b"))


def test_a_quote_in_the_name_is_unescaped() -> None:
    access = Access('j"o', "secret")
    given = digest(access, 'j"o', "secret").replace('j"o', 'j\\"o')
    assert access.authenticate(request(given, method="PUT", uri="/dav/a%20b"))


@given(st.sampled_from(["Digest ", "Basic "]), st.text(st.characters(max_codepoint=255)))
def test_any_authorization_header_is_read_and_refused(scheme: str, sent: str) -> None:
    access = Access("jo", "secret")
    assert not access.authenticate(request(scheme + sent))


def test_credentials_that_are_too_long_are_wrong_unread() -> None:
    access = Access("jo", "secret")
    padded = digest(access, "jo", "secret") + ", x=" + "a" * CREDENTIALS_LIMIT
    assert not access.authenticate(request(padded, method="PUT", uri="/dav/a%20b"))
    assert not access.authenticate(request("Digest " + "a" * 60_000))
    assert not access.authenticate(request(basic("jo", "s" * CREDENTIALS_LIMIT)))
    assert not Access("jo", "s" * 3000).authenticate(request(basic("jo", "s" * 3001)))


def test_an_old_nonce_is_refused_as_stale() -> None:
    clock = Clock()
    access = Access("jo", "secret", clock=clock)
    environ = request(digest(access, "jo", "secret"), method="PUT", uri="/dav/a%20b")
    clock.now += 301
    assert not access.authenticate(environ)
    assert any("stale=true" in value for _, value in access.challenges(environ))


def test_digest_is_offered_on_plain_http_only() -> None:
    access = Access("jo", "secret")
    assert [value.split()[0] for _, value in access.challenges(request())] == ["Digest", "Basic"]
    assert [value.split()[0] for _, value in access.challenges(request(scheme="https"))] == ["Basic"]


def guess(access: Access, password: str, address: str = "192.0.2.7") -> str:
    try:
        return "right" if access.check("jo", password, address) else "wrong"
    except TooManyAttempts:
        return "later"


def test_at_most_ten_wrong_passwords_a_minute_are_checked() -> None:
    clock = Clock()
    access = Access("jo", "secret", clock=clock)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: guess(access, f"guess{number}"), range(50)))
    assert answers.count("wrong") == WRONG_A_MINUTE
    assert answers.count("later") == 50 - WRONG_A_MINUTE
    assert access.is_locked_out("192.0.2.7")
    assert guess(access, "secret") == "later"
    assert guess(access, "secret", "192.0.2.8") == "right", "another address is not held back"
    clock.now += 61
    assert not access.is_locked_out("192.0.2.7")
    assert guess(access, "secret") == "right"


def test_an_old_password_sent_again_and_again_does_not_lock_out_the_right_one() -> None:
    clock = Clock()
    access = Access("jo", "secret", clock=clock)
    for _ in range(100):
        clock.now += 1
        assert guess(access, "old") == "wrong"
        assert guess(access, "secret") == "right"
    assert not access.is_locked_out("192.0.2.7")


def test_guesses_count_though_an_old_password_comes_between_them() -> None:
    access = Access("jo", "secret", clock=Clock())
    answers = [guess(access, password) for number in range(20) for password in ("old", f"guess{number}")]
    assert answers[: 2 * (WRONG_A_MINUTE - 1)] == ["wrong"] * 2 * (WRONG_A_MINUTE - 1)
    assert set(answers[2 * (WRONG_A_MINUTE - 1) :]) == {"later"}
    assert guess(access, "secret") == "later"


def test_the_addresses_of_one_ipv6_network_count_together() -> None:
    access = Access("jo", "secret")
    for number in range(WRONG_A_MINUTE):
        access.check("jo", f"no{number}", f"2001:db8::{number}")
    with pytest.raises(TooManyAttempts):
        access.check("jo", "another", "2001:db8::ffff")


def test_ipv4_addresses_mapped_into_ipv6_count_each_by_itself() -> None:
    access = Access("jo", "secret")
    for number in range(WRONG_A_MINUTE):
        access.check("jo", f"no{number}", "::ffff:192.0.2.1" if number % 2 else "192.0.2.1")
    assert guess(access, "secret", "192.0.2.1") == "later"
    assert guess(access, "secret", "::ffff:192.0.2.2") == "right"


def test_the_plain_form_of_an_address() -> None:
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert [plain_address(same) for same in ("192.0.2.1", "2001:db8::1", "x")] == ["192.0.2.1", "2001:db8::1", "x"]
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("::ffff:192.0.2.1")


@pytest.mark.parametrize(("secret", "taken"), [("shared", True), ("another", False), ("", False)])
def test_a_nonce_is_good_at_each_instance_with_the_same_secret(secret: str, taken: bool) -> None:
    clock = Clock()
    one, other = (Access("jo", "secret", secret=each, clock=clock) for each in ("shared", secret))
    answer = request(digest(one, "jo", "secret"), method="PUT", uri="/dav/a%20b")
    assert other.authenticate(answer) == taken


def test_wrong_passwords_at_another_instance_count() -> None:
    one, other = (Access("jo", "secret", secret="shared", clock=Clock()) for _ in range(2))
    one.subscribe(other.note_wrong)
    for _ in range(2):
        for number in range(WRONG_A_MINUTE - 1):
            assert guess(one, f"guess{number}") == "wrong"
    assert guess(other, "guess0") == "wrong", "it was counted already"
    assert guess(other, "one more") == "wrong"
    assert guess(other, "secret") == "later"


@pytest.mark.parametrize(
    ("listened", "host"),
    [("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"), ("::", "[::1]"), ("fe80::1", "[fe80::1]"), ("nas.lan", "nas.lan")],
)
def test_the_host_of_a_server_on_this_computer(listened: str, host: str) -> None:
    assert local_host(listened) == host
