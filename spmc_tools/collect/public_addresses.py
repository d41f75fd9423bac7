"""Whether what is asked lies in the public network: a name of a server can lead into this office's own.

A name is looked up before each request, redirects included, and each of its addresses must be public; the address that
was in fact connected to is looked at again before a byte is sent, since a name can lead elsewhere a moment later. Where
a proxy of the machine is used it looks names up, and decides.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spmc_tools.errors import SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FOR_TESTS", "check_connections", "checked_backend", "is_by_proxy", "require_public"]

FOR_TESTS = "SPMC_TEST_LOOPBACK"
"""Set to 1 by the tests of this program alone: their servers answer on 127.0.0.1."""


def is_by_proxy(url: str) -> bool:
    """Whether a proxy of the machine is asked in place of the server."""
    parts = urlsplit(url)
    return parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.hostname or "")


def require_public(url: str) -> None:
    """Raise :class:`~spmc_tools.errors.SpmcError` where the server of an address does not lie in the public network.

    A name that cannot be looked up is left to the request, which says so.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_by_proxy(url):
        return
    try:
        found = socket.getaddrinfo(
            host, parts.port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except OSError:
        return
    _require(host, [str(address[4][0]) for address in found])


def _require(host: str, addresses: Iterable[str]) -> None:
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
        public = inner.is_global and address.is_global and not (inner.is_multicast or inner.is_reserved)
        if not public and not (inner.is_loopback and os.environ.get(FOR_TESTS) == "1"):
            raise SpmcError(
                f"{quote(host)} leads to {text}, which is no address of the public network (this machine, an office's "
                "own network, a link); it was not asked. Public posts are collected from public servers alone."
            )


def _require_peer(host: str, connection: socket.socket) -> None:
    try:
        _require(host, [str(connection.getpeername()[0])])
    except BaseException:
        connection.close()
        raise


def check_connections(adapter: Any) -> None:
    """Have an adapter of requests look at the address of each connection it makes without a proxy."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            _require_peer(self.host, made)
            return made

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            _require_peer(self.host, made)
            return made

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}


def checked_backend() -> Any:
    """Return what makes the connections of httpx, which looks at the address of each."""
    from httpcore import SyncBackend

    class Checked(SyncBackend):
        def connect_tcp(self, host: str, *given: Any, **more: Any) -> Any:
            made = super().connect_tcp(host, *given, **more)
            _require_peer(host, made.get_extra_info("socket"))
            return made

    return Checked()
