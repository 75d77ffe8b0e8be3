"""Credentials: Basic and Digest, and guessing slowed down."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from davproxy.access import REALM, Access
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


def test_without_credentials_everybody_comes_in() -> None:
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


@pytest.mark.parametrize("name", ["jo", "jö"])
def test_digest(name: str) -> None:
    access = Access(name, "secret")
    given = digest(access, name, "secret")
    assert access.authenticate(request(given, method="PUT", uri="/dav/a%20b"))
    assert not access.authenticate(request(given, method="DELETE", uri="/dav/a%20b"))
    assert not access.authenticate(request(given, method="PUT", uri="/dav/other"))
    assert not access.authenticate(request(digest(access, name, "wrong"), method="PUT", uri="/dav/a%20b"))
    assert not access.authenticate(request(given.replace("nonce=", "nonce=x"), method="PUT", uri="/dav/a%20b"))


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


def test_at_most_ten_wrong_passwords_a_minute_are_looked_at() -> None:
    clock = Clock()
    access = Access("jo", "secret", clock=clock)

    def attempt(number: int) -> str:
        try:
            return "right" if access.check("jo", f"guess{number}", "192.0.2.7") else "wrong"
        except TooManyAttempts:
            return "later"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(50)))
    assert answers.count("wrong") == 10
    assert answers.count("later") == 40
    with pytest.raises(TooManyAttempts):
        access.check("jo", "secret", "192.0.2.7")
    assert access.check("jo", "secret", "192.0.2.8"), "another address is not held back"
    clock.now += 61
    assert access.check("jo", "secret", "192.0.2.7")


def test_the_addresses_of_one_ipv6_network_count_together() -> None:
    access = Access("jo", "secret")
    for number in range(10):
        access.check("jo", "no", f"2001:db8::{number}")
    with pytest.raises(TooManyAttempts):
        access.check("jo", "no", "2001:db8::ffff")
