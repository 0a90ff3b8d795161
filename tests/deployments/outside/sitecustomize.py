"""Notes every attempt of this Python, and of all it starts, to reach beyond this machine.

Python imports a module of this name at start when its folder is on ``PYTHONPATH``;
``tests.deployments.loopback`` puts it there. Nothing is prevented, only written down.
"""

import ipaddress
import os
import sys
from typing import Any

_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


def _host(target: Any) -> str | None:
    """The host in what an event tells; None when it names none (a local socket, any address)."""
    if isinstance(target, tuple):
        target = target[0]
    if isinstance(target, bytes):
        target = target.decode(errors="replace")
    return target if isinstance(target, str) and target and not target.startswith(("/", "\0")) else None


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    host = _host(args[_EVENTS[event]])
    if host is None or _is_local(host):
        return
    line = f"{event} {host} {' '.join(sys.orig_argv)[:200]!r}\n"
    log = os.open(os.environ["CONNECTION_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(log, line.encode())
    finally:
        os.close(log)


if "CONNECTION_LOG" in os.environ:
    sys.addaudithook(_note)
