"""The runs that wait for a decision, told of one that was taken by command."""

import asyncio
import contextlib

from deployments.prefect_server import PrefectServer, prefect_environment
from reporting.desk import Desk


def tell_pages(desk: Desk) -> bool:
    """Let the pages ask for the next step, or end their wait; whether a server of this home was told.

    The decision stands already, so whatever goes wrong here is left to the next exchange of mail,
    which does the same.
    """
    port_file = desk.home.path / "run" / "prefect.port"
    with contextlib.suppress(Exception):
        environment = prefect_environment(desk.home.path, int(port_file.read_text()))
        log_file = desk.home.path / "prefect" / "server.log"
        server = PrefectServer(environment["PREFECT_API_URL"], environment, log_file, None)
        if server.is_ready:
            server.connect()
            from flows.approve_report import ask_for_decisions

            asyncio.run(ask_for_decisions(desk))
            return True
    return False
