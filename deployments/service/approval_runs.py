"""The runs that wait for a decision, told of one that was taken by command."""

import asyncio
import contextlib

from deployments.service.listening import Listening
from deployments.service.prefect_server import server_at
from reporting.home.context import Context


def tell_pages(context: Context) -> bool:
    """Let the pages ask for the next step, or end their wait; whether a server of this home was told.

    The decision stands already, so whatever goes wrong here is left to the next exchange of mail,
    which does the same.
    """
    port_file = context.home.path / "run" / "prefect.port"
    with contextlib.suppress(Exception):
        listening = Listening.of(context.shared, context.home.path)
        server = server_at(context.home.path, int(port_file.read_text()), listening)
        if server.is_ready:
            server.connect()
            from flows.approve_report import ask_for_decisions

            asyncio.run(ask_for_decisions(context))
            return True
    return False
