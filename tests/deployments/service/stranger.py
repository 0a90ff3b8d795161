"""What another user of the machine may try; it knows the language alone and no library.

Given, on its input, ``{"files": [...], "requests": [[port, method, path, headers, body]],
"sockets": [[port, path, token, message]]}`` it prints what came of each, as JSON.
"""

import base64
import http.client
import json
import os
import socket
import struct
import sys

HOST = "127.0.0.1"
TEXT, CLOSED = 0x81, 0x88


def read(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as short as it can be
            return f"read {len(file.read())}"
    except OSError as error:
        return type(error).__name__


def request(port: int, method: str, path: str, headers: dict[str, str], body: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request(method, path, body=body or None, headers=headers)
    return connection.getresponse().status


def talk(port: int, path: str, token: str | None, message: str, origin: str | None = None) -> str:
    """Open a WebSocket, say who we are (with ``token``), send ``message``: how far that went."""
    with socket.create_connection((HOST, port), timeout=60) as connection:
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: prefect"]
        lines += [f"Origin: {origin}"] if origin else []
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = connection.makefile("rb")
        status = answer.readline().split()[1].decode()
        while answer.readline().strip():
            pass
        if status != "101":
            return status
        try:
            connection.sendall(frame(json.dumps({"type": "auth", "token": token})))
            connection.sendall(frame(message))
            kind, size = answer.read(2) or (CLOSED, 0)
            content = answer.read(size & 0x7F).decode(errors="replace")
            if kind == CLOSED:
                return "closed"
            connection.sendall(frame("", CLOSED))
            answer.read()  # to its end, so that the message was taken
        except ConnectionError:
            return "closed"
        return content


def frame(text: str, kind: int = TEXT) -> bytes:
    content = text.encode()
    mask = b"\0\0\0\0"
    size = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + struct.pack("!H", len(content))
    return bytes([kind]) + size + mask + content


def main() -> None:
    told = json.load(sys.stdin)
    results = {
        "user": os.geteuid(),
        "files": [read(path) for path in told["files"]],
        "requests": [request(*words) for words in told["requests"]],
        "sockets": [talk(*words) for words in told["sockets"]],
    }
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
