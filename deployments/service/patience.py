"""How long the pages wait for somebody who asks slowly, or not at all, and for how many at once.

The server itself waits for ever for the head of a first request. Each connection that waits holds a
file handle, and with the last one nobody is answered any more.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

ASKING = 10.0  # seconds from the beginning of a wait to the end of a request's head
ANSWERING = 300.0  # seconds until an answer is out: a report over a slow line
MOST = 200  # connections; far below the file handles that a process usually has (1024)


class Patient(H11Protocol):
    """One connection with a deadline; where there are too many, the one that has waited longest goes."""

    _deadline: asyncio.TimerHandle | None = None
    _is_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait(ASKING)
        if len(self.connections) > MOST:
            others = [each for each in self.connections if isinstance(each, Patient) and each is not self]
            min(others, key=Patient.worth).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """What has come is looked at here, and after an answer what came meanwhile."""
        super().handle_events()
        is_asked = self.cycle is not None and not self.cycle.response_complete
        if is_asked is not self._is_asked:  # bytes that come one by one win no time
            self._is_asked = is_asked
            self._wait(ANSWERING if is_asked else ASKING)

    def on_response_complete(self) -> None:
        self._is_asked = False
        self._wait(ASKING)
        super().on_response_complete()

    def worth(self) -> tuple[bool, float]:
        """Who is kept last: one that is being answered, and of two the one whose deadline is later."""
        return self._is_asked, self._deadline.when() if self._deadline else 0.0

    def give_up(self) -> None:
        """Close at once: a slow reader would not let what is written drain."""
        self._rest()
        self.connections.discard(cast("Any", self))
        self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._rest()
        self._deadline = self.loop.call_later(seconds, self.give_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
