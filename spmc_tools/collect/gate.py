"""The one door to the network: every request of a collection waits for its turn here, is counted and is logged.

The client libraries (requests, httpx) send through an adapter that asks this gate. A request stands in the custody log
before it leaves, and what came back (status, size, SHA-256, or the error) in an entry after it. Only the hosts of the
collection are asked, redirects included, and only where they lead to public addresses
(:mod:`~spmc_tools.collect.public_addresses`); an answer above 16 MB is given up; 429 and 5xx are asked again, as late
as the server wants, a few times.
"""

from __future__ import annotations

import hashlib
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.collect.public_addresses import check_connections, checked_backend, require_public
from spmc_tools.errors import SpmcError, quote
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from spmc_tools.collect.target import Limits

__all__ = [
    "ANSWER_LIMIT",
    "ANSWER_S",
    "BoundReachedError",
    "Gate",
    "bounded",
    "httpx_client_options",
    "requests_session",
]

ANSWER_LIMIT = 16 * 1024 * 1024
"""Most bytes of one answer."""

ANSWER_S = 300.0
"""Most seconds from the beginning of an answer to its end; a server can send a byte at a time for good."""

USER_AGENT = f"spmc-notebook/{__version__} (collection of public posts under a case's legal basis)"
"""What the program calls itself to a server."""

_TIMEOUT_S = 30.0
_TRIES = 4
_LONGEST_WAIT_S = 900.0
_AGAIN = {429, 500, 502, 503, 504}


class BoundReachedError(SpmcError):
    """The number of requests that were allowed is used up; what came before is kept."""


class Gate:
    """Counts, paces and logs requests.

    Parameters
    ----------
    log : callable
        Writes an entry of the custody log: kind, facts.
    limits : Limits
        How many, how fast.
    hosts : collection of str
        The only hosts that are asked, with their port where it is named.
    clock, sleep : callable
        Monotonic seconds, and how to wait; replaced in tests.

    Attributes
    ----------
    requests : int
        How many were sent.
    body : bytes
        The latest whole answer, unpacked.
    problem : SpmcError or None
        Why the latest request failed; client libraries wrap errors of their transport.
    """

    def __init__(
        self,
        log: Callable[[str, dict[str, Any]], object],
        limits: Limits,
        hosts: Collection[str],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.log = log
        self._limits = limits
        self._hosts = frozenset(hosts)
        self._clock = clock
        self._sleep = sleep
        self._last: float | None = None
        self.requests = 0
        self.body = b""
        self.problem: SpmcError | None = None

    def send(self, method: str, url: str, send: Callable[[], tuple[int, Mapping[str, str], bytes]]) -> None:
        """Send one request, again where the server asks for patience; ``send`` keeps the answer for its caller.

        Raises
        ------
        BoundReachedError
            Where no more requests are allowed.
        SpmcError
            Where the host is not one of the collection, or the server does not answer.
        """
        try:
            self._require_known(url)
            for attempt in range(_TRIES):
                status, headers = self._once(method, url, send)
                if status is not None and status not in _AGAIN:
                    return
                last = attempt == _TRIES - 1
                if last and status is not None:
                    return  # the library says what the status means
                if last:
                    raise SpmcError(f"{_host(url)} does not answer; type the same command later, it goes on from here.")
                self._sleep(self._patience(headers, attempt, url))
        except SpmcError as error:
            self.problem = error
            raise

    def _once(
        self, method: str, url: str, send: Callable[[], tuple[int, Mapping[str, str], bytes]]
    ) -> tuple[int | None, Mapping[str, str]]:
        if self.requests >= self._limits.requests:
            raise BoundReachedError(f"{self.requests:,} requests were sent, as many as --requests allows.")
        self._wait()
        self.requests += 1
        self.log("collect_request", {"request": self.requests, "method": method, "url": url})
        try:
            status, headers, body = send()
        except SpmcError as error:
            self.log("collect_answer", {"request": self.requests, "error": str(error)})
            raise
        except Exception as error:  # of requests, httpx, TLS, the system: the network failed, whatever says so
            self.log("collect_answer", {"request": self.requests, "error": f"{type(error).__name__}: {error}"[:300]})
            return None, {}
        digest = hashlib.sha256(body).hexdigest()
        self.log("collect_answer", {"request": self.requests, "status": status, "bytes": len(body), "sha256": digest})
        self.body = body
        return status, headers

    def _require_known(self, url: str) -> None:
        if _host(url) not in self._hosts:
            raise SpmcError(
                f"The server leads to {quote(_host(url))}, which is not part of this collection; it was not asked."
            )
        require_public(url)

    def _wait(self) -> None:
        """Wait until the next request may leave."""
        if self._last is not None:
            left = self._last + 60.0 / self._limits.per_minute - self._clock()
            if left > 0:
                self._sleep(left)
        self._last = self._clock()

    def _patience(self, headers: Mapping[str, str], attempt: int, url: str) -> float:
        """Return how many seconds to wait before asking again: as the server says, else longer each time."""
        wanted = _retry_after(headers)
        if wanted is not None and wanted > _LONGEST_WAIT_S:
            raise SpmcError(
                f"{_host(url)} wants no request for {wanted / 60:,.0f} minutes; type the same command then, it goes on "
                "from here."
            )
        return 5.0 * 2**attempt if wanted is None else max(wanted, 1.0)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server wants to be left alone; None where it does not say."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if said.isdigit() and len(said) < 9:
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def bounded(pieces: Iterable[bytes], url: str) -> bytes:
    """Return an answer in one piece.

    Raises
    ------
    SpmcError
        Where it is longer than :data:`ANSWER_LIMIT`, or takes longer than :data:`ANSWER_S`.
    """
    body, begun = bytearray(), time.monotonic()
    for piece in pieces:
        body += piece
        if time.monotonic() - begun > ANSWER_S:
            raise SpmcError(f"The answer of {_host(url)} takes longer than {ANSWER_S:.0f} s; it was given up.")
        if len(body) > ANSWER_LIMIT:
            raise SpmcError(f"The answer of {_host(url)} is longer than {ANSWER_LIMIT >> 20} MB; it was given up.")
    return bytes(body)


def requests_session(gate: Gate, session: Any = None, reroute: Mapping[str, str] | None = None) -> Any:
    """Return a session of requests whose every request goes through a gate.

    Parameters
    ----------
    gate : Gate
        The door.
    session : requests.Session, optional
        One that a library made; None: a new one.
    reroute : mapping, optional
        Beginnings of addresses -> what stands in their place, for a library that knows only its own server.
    """
    import requests
    from requests.adapters import HTTPAdapter

    routes = dict(reroute or {})

    class Adapter(HTTPAdapter):
        """Sends through the gate."""

        def init_poolmanager(self, *given: Any, **options: Any) -> None:
            super().init_poolmanager(*given, **options)
            check_connections(self)

        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            asked = request.url
            for begin, instead in routes.items():
                if asked.startswith(f"{begin}/"):
                    request.url = instead + asked[len(begin) :]
            options |= {"stream": True, "timeout": _TIMEOUT_S}
            answers: list[Any] = []

            def send() -> tuple[int, Mapping[str, str], bytes]:
                answer = super(Adapter, self).send(request, **options)
                with answer:
                    answer._content = bounded(answer.iter_content(65536), request.url)
                answer._content_consumed = True
                answers.append(answer)
                return answer.status_code, answer.headers, answer._content

            gate.send(request.method, request.url, send)
            answers[-1].url = request.url = asked  # the library sees the address that it asked for
            return answers[-1]

    made = session if session is not None else requests.Session()
    made.adapters.clear()
    for scheme in ("https://", "http://"):
        made.mount(scheme, Adapter())
    made.headers["User-Agent"] = USER_AGENT
    return made


def httpx_client_options(gate: Gate) -> dict[str, Any]:
    """Return the options of an httpx client whose every request goes through a gate."""
    import urllib.request

    import httpx

    class Transport(httpx.BaseTransport):
        """Sends through the gate; a proxy of the machine is used as httpx itself would."""

        def __init__(self) -> None:
            self._inner: dict[str, httpx.HTTPTransport] = {}

        def _to(self, url: httpx.URL) -> httpx.HTTPTransport:
            proxy = None if urllib.request.proxy_bypass(url.host) else urllib.request.getproxies().get(url.scheme)
            if (proxy or "") not in self._inner:
                self._inner[proxy or ""] = made = httpx.HTTPTransport(proxy=proxy)
                if proxy is None:
                    made._pool._network_backend = checked_backend()
            return self._inner[proxy or ""]

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answers: list[httpx.Response] = []

            def send() -> tuple[int, Mapping[str, str], bytes]:
                answer = self._to(request.url).handle_request(request)
                try:
                    body = bounded(answer.iter_bytes(), str(request.url))
                finally:
                    answer.close()
                left = [(n, v) for n, v in answer.headers.items() if n not in {"content-encoding", "content-length"}]
                answers.append(httpx.Response(answer.status_code, headers=left, content=body, request=request))
                return answer.status_code, answer.headers, body

            gate.send(request.method, str(request.url), send)
            return answers[-1]

        def close(self) -> None:
            for transport in self._inner.values():
                transport.close()

    return {"transport": Transport(), "timeout": _TIMEOUT_S}
