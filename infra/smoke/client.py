"""Requests as callers send them, byte for byte: over HTTP/1.1, and over HTTP/2 where the server has it."""

import http.client
import json
import select
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events

TIMEOUT_SECONDS = 30
CONTINUE_SECONDS = 1.0
"""How long a caller waits for `100 Continue` before it sends the body all the same, as curl does."""


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def send(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, expect: bool = False
) -> Answer:
    """One request on a connection of its own; with `expect`, its body waits for `100 Continue`."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest(method, _target(url), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        if expect:
            connection.putheader("Expect", "100-continue")
        connection.endheaders()
        if expect:
            select.select([connection.sock], [], [], CONTINUE_SECONDS)
        if body:
            connection.send(body)
        response = connection.getresponse()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
    finally:
        connection.close()


def get_over_http2(url: str, headers: Mapping[str, str]) -> Answer:
    """A GET over HTTP/2, where header names are lower case on the wire (RFC 9113, 8.2).

    Raises OSError where the server speaks HTTP/1.1 alone.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection((host, parts.port or 443), TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as wire,
    ):
        if wire.selected_alpn_protocol() != "h2":
            raise OSError("the server does not speak HTTP/2")
        connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        connection.initiate_connection()
        pseudo = {":method": "GET", ":authority": parts.netloc, ":scheme": "https", ":path": _target(url)}
        sent = [*pseudo.items(), *((name.lower(), value) for name, value in headers.items())]
        connection.send_headers(1, sent, end_stream=True)
        return _received(wire, connection)


def _received(wire: ssl.SSLSocket, connection: h2.connection.H2Connection) -> Answer:
    headers: dict[str, str] = {}
    body = b""
    while True:
        wire.sendall(connection.data_to_send())
        data = wire.recv(65_536)
        if not data:
            raise OSError("the server hung up")
        for event in connection.receive_data(data):
            match event:
                case h2.events.ResponseReceived():
                    headers = {str(name): str(value) for name, value in event.headers or ()}
                case h2.events.DataReceived():
                    body += event.data or b""
                    connection.acknowledge_received_data(event.flow_controlled_length or 0, 1)
                case h2.events.StreamEnded():
                    return Answer(int(headers.pop(":status")), headers, body)
                case h2.events.StreamReset():
                    raise OSError("the server reset the request")


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
