"""The guard at the socket: whatever the URL looks like and whatever names resolve to, nothing private is dialled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpcore2
import pytest

from songwright.egress import Allowed, Egress, EgressRefused, GuardedBackend, UnreachableError, parse_allowed

PUBLIC = "93.184.216.34"
NAMES: dict[str, list[list[str]]] = {  # name -> what each lookup in turn answers; the last one stays
    "public.example": [[PUBLIC]],
    "localhost": [["127.0.0.1", "::1"]],
    "localtest.me": [["127.0.0.1"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "mixed.example": [[PUBLIC, "10.0.0.1"]],
    "mapped.example": [["::ffff:127.0.0.1"]],
    "nat64.example": [["64:ff9b::7f00:1"]],
    "sixtofour.example": [["2002:7f00:1::"]],
    "empty.example": [[]],
    "rebinding.example": [[PUBLIC], ["127.0.0.1"]],
    "xn--bcher-kva.example": [["192.168.1.1"]],
}
HOSTILE_URLS = (
    # The loopback address in every spelling an HTTP client was ever seen to take.
    *("http://127.0.0.1/", "http://127.0.0.1:80/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0.0.0.0/"),
    *("http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/"),
    *("http://127.0.0.1./", "http://127.0.0.1.:80/", "http://0x7f.1/", "http://127.0.0.0x1/", "http://0X7F000001/"),
    *(
        "http://localhost/",
        "http://LOCALHOST/",
        "http://localhost./",
        "https://localhost:8443/",
        "http://localtest.me/",
    ),
    *("http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://ⓛocalhost/"),
    *("http://%31%32%37.0.0.1/", "http://127.0.0.1%00.example/", "http://127.0.0.1%2f@public.example/"),
    *("http://good@127.0.0.1/", "http://public.example@127.0.0.1/", "http://u:p@public.example/"),
    *("http://127.0.0.1#@public.example/", "http://127.0.0.1?@public.example/", "http://public.example\\@127.0.0.1/"),
    *("http:\\\\127.0.0.1\\", "http:127.0.0.1", "http:///127.0.0.1/", "//127.0.0.1/", "http://\t127.0.0.1/"),
    *(
        "http://127.0.0.1\r\nHost: x/",
        "http://public.example\r\n@127.0.0.1/",
        " http://127.0.0.1/",
        "http:// 127.0.0.1/",
    ),
    *("http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/"),
    *("http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b::7f00:1]/"),
    *("http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/", "http://[2001:0:0:0:0:0:80ff:fffe]/", "http://[fe80::1]/"),
    *("http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/"),
    *("http://[fec0::1]/", "http://[ff02::1]/", "http://[3fff::1]/", "http://[5f00::1]/", "http://[::1", "http://::1/"),
    *("http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://100.100.100.200/"),
    *("http://192.0.0.192/", "http://metadata.google.internal/", "http://2852039166/", "http://0xa9fea9fe/"),
    *("http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/", "http://198.18.0.1/"),
    *("http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://192.88.99.1/", "http://192.0.2.1/"),
    *("http://mixed.example/", "http://mapped.example/", "http://nat64.example/", "http://sixtofour.example/"),
    *("http://empty.example/", "http://unknown.example/", "http://bücher.example/"),
    *("file:///etc/passwd", "ftp://public.example/", "gopher://public.example/", "dict://127.0.0.1:11211/stat"),
    *("ldap://127.0.0.1/", "data:text/plain,x", "jar:http://127.0.0.1!/", "unix:///var/run/docker.sock"),
    *("http+unix://%2Fvar%2Frun%2Fdocker.sock/", "ws://public.example/", "javascript:alert(1)", "", "http://", "x"),
    *("http://public.example:22/", "http://public.example:25/", "http://public.example:6379/"),
    *("http://public.example:5432/", "http://public.example:11211/", "http://public.example:0/"),
    *("http://public.example:99999/", "http://public.example:-1/", "http://public.example/" + "a" * 2048),
)


class Recorder(httpcore2.AsyncNetworkBackend):
    """Dials nobody, and remembers who would have been dialled."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    async def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        self.dialled.append(host)
        raise httpcore2.ConnectError("nobody is there")


class Resolver:
    """Answers from the table, one entry a lookup."""

    def __init__(self) -> None:
        self.lookups: dict[str, int] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        answers = NAMES.get(host.rstrip("."))
        if answers is None:
            raise OSError(f"no such name: {host}")
        count = self.lookups.get(host, 0)
        self.lookups[host] = count + 1
        return answers[min(count, len(answers) - 1)]


def _post(url: str, allowed: Allowed, recorder: Recorder, resolver: Resolver | None = None) -> None:
    async def run() -> None:
        egress = Egress(allowed, resolver=resolver or Resolver(), dialler=recorder)
        try:
            await egress.post(url, b"{}", {}, timeout_s=2, max_reply_bytes=100)
        finally:
            await egress.aclose()

    asyncio.run(run())


def test_the_list_of_tricks_is_long_enough() -> None:
    assert len(set(HOSTILE_URLS)) >= 99


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_no_trick_opens_a_socket(url: str) -> None:
    recorder = Recorder()
    with pytest.raises((EgressRefused, UnreachableError)):
        _post(url, Allowed(), recorder)
    assert recorder.dialled == []


@pytest.mark.parametrize(
    "url",
    ["http://public.example/", "https://public.example/x?y=1", "http://93.184.216.34:8080/", "http://PUBLIC.example./"],
)
def test_public_addresses_are_dialled_as_numbers(url: str) -> None:
    recorder = Recorder()
    with pytest.raises(UnreachableError):
        _post(url, Allowed(), recorder)
    assert recorder.dialled == [PUBLIC]


def test_a_name_that_changes_its_mind_is_refused_the_second_time() -> None:
    recorder, resolver = Recorder(), Resolver()
    with pytest.raises(UnreachableError):
        _post("http://rebinding.example/", Allowed(), recorder, resolver)
    for _ in range(20):
        with pytest.raises(EgressRefused):
            _post("http://rebinding.example/", Allowed(), recorder, resolver)
    assert recorder.dialled == [PUBLIC]


@pytest.mark.parametrize(
    ("entry", "url", "dialled"),
    [
        ("127.0.0.0/8", "http://127.0.0.1:22/", "127.0.0.1"),
        ("localhost", "http://localhost:5432/", "127.0.0.1"),
        ("::1", "http://[::1]:9/", "::1"),
    ],
)
def test_what_the_operator_allows_is_dialled_at_any_port(entry: str, url: str, dialled: str) -> None:
    recorder = Recorder()
    with pytest.raises(UnreachableError):
        _post(url, parse_allowed([entry]), recorder)
    assert dialled in recorder.dialled


def test_an_allowed_host_opens_nothing_else() -> None:
    recorder = Recorder()
    for url in ("http://127.0.0.1/", "http://10.0.0.1/", "http://localtest.me/", "http://notlocalhost/"):
        with pytest.raises((EgressRefused, UnreachableError)):
            _post(url, parse_allowed(["localhost"]), recorder)
    assert recorder.dialled == []


def test_local_sockets_are_never_opened() -> None:
    with pytest.raises(EgressRefused):
        asyncio.run(GuardedBackend(Allowed()).connect_unix_socket("/var/run/docker.sock"))


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    recorder = Recorder()
    with pytest.raises(UnreachableError):
        _post("http://public.example/", Allowed(), recorder)
    assert recorder.dialled == [PUBLIC]
