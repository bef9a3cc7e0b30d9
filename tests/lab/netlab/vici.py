# SPDX-License-Identifier: Apache-2.0
"""A small VICI client for tests: they must not believe the product's own client about charon.

Protocol: strongSwan, src/libcharon/plugins/vici/README.md. A packet is its length (4 bytes,
big-endian) and a body: type, for named types the name (1 byte length), then the message.
"""
import pathlib
import socket
import struct

(CMD_REQUEST, CMD_RESPONSE, CMD_UNKNOWN, EVENT_REGISTER, EVENT_UNREGISTER, EVENT_CONFIRM,
 EVENT_UNKNOWN, EVENT) = range(8)
SECTION_START, SECTION_END, KEY_VALUE, LIST_START, LIST_ITEM, LIST_END = range(1, 7)


class ViciError(Exception):
    pass


def _bytes(value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _name(name) -> bytes:
    raw = _bytes(name)
    return bytes([len(raw)]) + raw


def _value(value) -> bytes:
    raw = _bytes(value)
    return struct.pack("!H", len(raw)) + raw


def encode(message: dict) -> bytes:
    out = bytearray()
    for key, value in message.items():
        if isinstance(value, dict):
            out += bytes([SECTION_START]) + _name(key) + encode(value) + bytes([SECTION_END])
        elif isinstance(value, (list, tuple)):
            out += bytes([LIST_START]) + _name(key)
            for item in value:
                out += bytes([LIST_ITEM]) + _value(item)
            out.append(LIST_END)
        else:
            out += bytes([KEY_VALUE]) + _name(key) + _value(value)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ViciError("message ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def name(self) -> str:
        return self.take(self.take(1)[0]).decode()

    def value(self) -> str:
        return self.take(struct.unpack("!H", self.take(2))[0]).decode(errors="backslashreplace")


def decode(data: bytes) -> dict:
    reader = _Reader(data)
    root: dict = {}
    stack, here, items = [], root, []
    while reader.at < len(data):
        kind = reader.take(1)[0]
        if kind == SECTION_START:
            stack.append(here)
            here = here.setdefault(reader.name(), {})
        elif kind == SECTION_END:
            here = stack.pop()
        elif kind == KEY_VALUE:
            key = reader.name()
            here[key] = reader.value()
        elif kind == LIST_START:
            items = here.setdefault(reader.name(), [])
        elif kind == LIST_ITEM:
            items.append(reader.value())
        elif kind != LIST_END:
            raise ViciError(f"element of type {kind}")
    return root


class Vici:
    """One connection to a charon."""

    def __init__(self, path: pathlib.Path, timeout: float = 10.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def request(self, command: str, message: dict | None = None) -> dict:
        """ViciError when charon says no."""
        reply, _ = self._exchange(command, message or {})
        return reply

    def stream(self, command: str, event: str, message: dict | None = None) -> list[dict]:
        """The events that a command such as list-sas sends before it answers."""
        self._register(event, EVENT_REGISTER)
        _, events = self._exchange(command, message or {})
        self._register(event, EVENT_UNREGISTER)
        return events

    def sas(self) -> list[dict]:
        """All IKE_SAs, each with its connection's name as "name"."""
        return [dict(sa, name=name) for event in self.stream("list-sas", "list-sa")
                for name, sa in event.items()]

    def events(self, *names: str):
        """Yields (name, message) for ever; socket.timeout when none came for long."""
        for name in names:
            self._register(name, EVENT_REGISTER)
        while True:
            kind, name, body = self._receive()
            if kind == EVENT:
                yield name, decode(body)

    def _exchange(self, command: str, message: dict) -> tuple[dict, list[dict]]:
        self._send(CMD_REQUEST, command, encode(message))
        events = []
        while True:
            kind, _, body = self._receive()
            if kind == CMD_UNKNOWN:
                raise ViciError(f"charon does not know the command {command}")
            if kind == EVENT:
                events.append(decode(body))
            if kind == CMD_RESPONSE:
                reply = decode(body)
                if reply.get("success") == "no":
                    raise ViciError(f"{command}: {reply.get('errmsg')}")
                return reply, events

    def _register(self, event: str, kind: int) -> None:
        self._send(kind, event, b"")
        while True:
            answer, _, _ = self._receive()
            if answer == EVENT_CONFIRM:
                return
            if answer == EVENT_UNKNOWN:
                raise ViciError(f"charon does not know the event {event}")

    def _send(self, kind: int, name: str, body: bytes) -> None:
        packet = bytes([kind]) + _name(name) + body
        self._socket.sendall(struct.pack("!I", len(packet)) + packet)

    def _receive(self) -> tuple[int, str, bytes]:
        packet = _Reader(self._read(struct.unpack("!I", self._read(4))[0]))
        kind = packet.take(1)[0]
        name = packet.name() if kind == EVENT else ""
        return kind, name, packet.data[packet.at:]

    def _read(self, count: int) -> bytes:
        buffer = bytearray()
        while len(buffer) < count:
            chunk = self._socket.recv(count - len(buffer))
            if not chunk:
                raise ViciError("charon closed the connection")
            buffer += chunk
        return bytes(buffer)
