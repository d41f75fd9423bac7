"""Names that lead into this machine or an office's own network are not asked, whenever they begin to lead there."""

from __future__ import annotations

import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.collect import gate as gate_module
from spmc_tools.collect.collection import collect, target_of
from spmc_tools.collect.gate import Gate, requests_session
from spmc_tools.collect.public_addresses import FOR_TESTS, require_public
from spmc_tools.collect.target import Limits
from spmc_tools.errors import SpmcError
from tests.collect.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

BASIS = "order 12/2025 of the district magistrate (exercise)"
PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::5", "::ffff:10.0.0.1", "2002:0a00:0001::1", "ff02::1",
    "::",
]  # fmt: skip


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names and where they lead, one answer after the other, the last one for good."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def answer(host: str, port: int, *given: Any, **more: Any) -> list[Any]:
        if host not in answers:
            return real(host, port, *given, **more)
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        kinds = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in found]
        return [
            (kind, socket.SOCK_STREAM, 6, "", (address, port, 0, 0) if ":" in address else (address, port))
            for kind, address in kinds
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv(FOR_TESTS)
    return answers


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_that_is_not_public(led: dict, address: str) -> None:
    led["social.example.org"] = [["93.184.216.34", address]]
    with pytest.raises(SpmcError, match="is no address of the public network"):
        require_public("https://social.example.org/api")
    led["social.example.org"] = [["93.184.216.34", "2606:2800:220:1::1"]]
    require_public("https://social.example.org/api")


@pytest.mark.parametrize(
    ("source", "name"), [("mastodon", "@exercise"), ("bluesky", "@a.example.org"), ("telegram", "@exercise")]
)
def test_no_platform_is_asked_there(case, led: dict, platform: Any, source: str, name: str) -> None:
    port = platform.url.rsplit(":", 1)[1]
    led["social.example.org"] = [["127.0.0.1"]]
    for server in (platform.url, f"https://social.example.org:{port}"):
        with pytest.raises(SpmcError, match=r"leads to 127\.0\.0\.1, which is no address of the public network"):
            collect(case, target_of(source, name, server), legal_basis=BASIS)
    assert platform.asked == [] and case.batches() == []


class Silent(BaseHTTPRequestHandler):
    said: list[bytes] = []  # noqa: RUF012

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_a_name_that_leads_elsewhere_a_moment_later(led: dict, platform: Any, library: str) -> None:
    """The first look sees a public address, the connection goes to this machine: not a byte is sent."""
    port = platform.url.rsplit(":", 1)[1]
    url = f"http://rebound.example.org:{port}/api/v1/x"
    led["rebound.example.org"] = [["93.184.216.34"], ["127.0.0.1"]]
    log: list[tuple[str, dict]] = []
    gate = Gate(lambda *entry: log.append(entry), Limits(), {f"rebound.example.org:{port}"}, sleep=lambda _: None)
    with pytest.raises(SpmcError, match=r"leads to 127\.0\.0\.1"):
        if library == "requests":
            requests_session(gate).get(url)
        else:
            import httpx

            httpx.Client(**gate_module.httpx_client_options(gate)).get(url)
    assert platform.asked == []
    assert [kind for kind, _ in log] == ["collect_request", "collect_answer"] and "error" in log[1][1]


def test_a_redirect_leads_nowhere_else(case, platform: Any, led: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOR_TESTS, "1")
    port = platform.url.rsplit(":", 1)[1]
    for place in ("http://10.0.0.1/", f"http://localhost:{port}/", "http://[::1]/", "file:///etc/passwd"):
        platform.trouble = [(302, {"Location": place}, b"")]
        with pytest.raises(SpmcError):
            collect(case, target_of("mastodon", "@exercise", platform.url), legal_basis=BASIS, sleep=lambda _: None)
    assert len(platform.asked) == 4


@pytest.fixture
def hostile() -> Iterator[Any]:
    """A server that answers as it was told: a function from the connection's file to nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        answer: Any = None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self.wfile)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    with served(server) as server.url:  # type: ignore[attr-defined]
        yield server


def endless(out: Any) -> None:
    out.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    try:
        while True:
            out.write(b" " * 65536)
    except OSError:
        pass


def slow(out: Any) -> None:
    out.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(100):
        try:
            out.write(b" ")
            out.flush()
            time.sleep(0.1)
        except OSError:
            return


def bomb(out: Any) -> None:
    import gzip

    body = gzip.compress(b" " * (64 << 20))
    out.write(b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def wrong(out: Any) -> None:
    out.write(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\n\x89PNG\r\n\x1a\n\x00")


def nonsense(out: Any) -> None:
    out.write(b"\x00\xff\x00 no HTTP\r\n\r\n")


def loop(out: Any) -> None:
    out.write(b"HTTP/1.0 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("answer", [endless, slow, bomb, wrong, nonsense, loop])
@pytest.mark.parametrize(("source", "name"), [("mastodon", "@exercise"), ("bluesky", "@a.example.org")])
def test_a_hostile_server(
    case, hostile: Any, answer: Any, source: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, within a bounded time, whatever it answers; nothing of it is a batch of the case."""
    monkeypatch.setattr(gate_module, "ANSWER_S", 2.0)
    hostile.answer = answer
    begun = time.monotonic()
    with pytest.raises(SpmcError) as caught:
        collect(
            case, target_of(source, name, hostile.url), legal_basis=BASIS, sleep=lambda _: None,
            limits=Limits(requests=50, per_minute=60),
        )  # fmt: skip
    assert "\n" not in str(caught.value) and str(caught.value)
    assert time.monotonic() - begun < 60
    assert case.batches() == [] and case.chain_problem is None
