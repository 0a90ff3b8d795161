"""Prefect's server behind our door: ``python -m deployments.service.prefect_app --host ADDRESS --port PORT``.

In place of ``prefect server start``, which looks at no address. Started by ``serve`` as a child, and
by the container file.
"""

import argparse
import os
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from config.settings import Settings
from deployments.service.door import Door, origins
from deployments.service.login import checked
from reporting.errors import BadInput


def main() -> None:
    """Serve until ended. Prefect's login has to be in the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    login = SecretStr(os.environ.get("PREFECT_SERVER_API_AUTH_STRING", ""))
    if not login.get_secret_value():
        parser.error("PREFECT_SERVER_API_AUTH_STRING (name:password) is required")
    try:
        checked(login)
        addresses = origins(given.host, given.port, Settings().serve_addresses)
    except BadInput as error:
        parser.error(str(error))
    # The same list for both: whom the door lets in, and who may read the answers.
    os.environ["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] = ",".join(addresses)
    folder = os.environ.get("PREFECT_SERVER_UI_STATIC_DIRECTORY")
    if folder is not None:
        shut_out_newer_pages(Path(folder))
    _serve(given.host, given.port, addresses, login)


def _serve(host: str, port: int, addresses: tuple[str, ...], login: SecretStr) -> None:
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    api = get_current_settings().server.api
    uvicorn.run(
        Door(create_app(final=True), addresses, login, asks=False),
        host=host,
        port=port,
        timeout_keep_alive=api.keepalive_timeout,
        ws_ping_interval=api.websocket_ping_interval,
        ws_ping_timeout=api.websocket_ping_timeout,
        log_level=get_current_settings().server.logging_level.lower(),
    )


def shut_out_newer_pages(folder: Path) -> None:
    """Let the server find no place for its newer interface: then it neither serves nor links it.

    No setting does that. A link to nowhere can neither be read nor made into a folder, which the
    server notes in its log and goes on without.
    """
    folder.mkdir(parents=True, exist_ok=True)
    newer = folder / "v2"
    if not newer.is_symlink():
        newer.symlink_to("not-served")


if __name__ == "__main__":
    main()
