"""The desk as a process: ``python -m deployments.web.server --host ADDRESS --port PORT``.

``serve`` starts it as a child; which home, says the environment (``KYBAOCAO_HOME``).
"""

import argparse

import uvicorn

from config.settings import Settings
from deployments.service.door import LOOPBACK, origins
from deployments.service.patience import Patient
from deployments.web.app import desk_app
from reporting.errors import BadInput
from reporting.home.private import start_private


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=LOOPBACK[0])
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    start_private()
    settings = Settings()
    try:
        app = desk_app(settings, origins(given.host, given.port, settings.serve_addresses))
    except BadInput as error:
        parser.error(str(error))
    uvicorn.run(
        app,
        host=given.host,
        port=given.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Who asks is taken for who is connected: a header could be written by anybody on this machine.
        proxy_headers=False,
        http=Patient,
        ws="none",
    )


if __name__ == "__main__":
    main()
