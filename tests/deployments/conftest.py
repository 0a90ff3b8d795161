"""Fixtures of the tests that need Prefect."""

from tests.prefect_fixture import connection_log, deployed, prefect_server

__all__ = ["connection_log", "deployed", "prefect_server"]
