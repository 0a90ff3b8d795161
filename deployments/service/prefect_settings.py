"""What Prefect's server, workers and flows find in their environment."""

import os
from pathlib import Path

from deployments.service.listening import HOST, Listening

ALWAYS = {
    # A profile of the user must not lead elsewhere, nor to the ephemeral mode.
    "PREFECT_PROFILE": "local",
    # Nothing is told to anybody: the server needs the one, the client the other.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The newer of the two user interfaces asks an outside host from the reader's browser. This makes
    # the other one the first choice; ``prefect_app.shut_out_newer_pages`` takes it away.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Without it the pages call port 4200, whatever port they came from.
    "PREFECT_SERVER_UI_API_URL": "/api",
    # One by one, the recording of task runs costs more than the tasks.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    # A run whose process is gone is noticed by its silence.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # In memory they would be lost with the server, and with them the place of a run among others.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # A page of another site that is open in the same browser cannot act here.
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    # Its database would grow without end. What people decide and what was sent is in our own store; a run
    # is looked at while it is fresh. Prefect's own default deletes events alone.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(90 * 24 * 3600),
    # Both ends come from one installation.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    # The log of a run is read in the pages; the terminal shows what went wrong.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
}
# A rehearsal has no schedules, no workers and nothing paused: what looks after them rests. Nor are
# events kept beside flow runs, task runs and logs: their writing now and then locks the starting
# of a run out of the database, and each time that costs two seconds.
_REHEARSAL_OFF = (
    "EVENT_PERSISTER",
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "TRIGGERS",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
)
# For the server alone: some of its pages would fetch a catalogue from an outside host. It has a
# copy of its own and takes that when the way out is closed.
NO_WAY_OUT = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


def prefect_environment(
    home_path: Path, port: int, listening: Listening, *, rehearsal: bool = False
) -> dict[str, str]:
    """What server, workers and flows of that home need in their environment."""
    prefect_home = home_path.absolute() / "prefect"
    address = f"http://{listening.reached_at}:{port}"
    environment = {
        **ALWAYS,
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{prefect_home / 'prefect.db'}",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(prefect_home / "ui"),
        "PREFECT_API_URL": f"{address}/api",
        # An office's proxy cannot know our loopback.
        "no_proxy": _no_proxy(listening.reached_at),
        **listening.environment,
    }
    if rehearsal:
        environment |= {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _REHEARSAL_OFF}
        environment["PREFECT_SERVER_REGISTER_BLOCKS_ON_START"] = "false"
        # Its own lines say day by day where it stands; the runs' log is in the pages.
        environment["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    return environment


def _no_proxy(host: str) -> str:
    hosts = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, hosts.split(",")), host, HOST, "localhost"]))
