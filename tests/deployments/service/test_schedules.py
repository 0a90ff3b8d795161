"""What the calendar of Prefect holds once our file is deployed, on a real server."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import yaml

from deployments.service.children import wait_until
from deployments.service.prefect_server import PrefectServer
from deployments.service.schedules import for_programmes
from deployments.service.starting import DEPLOYMENTS
from reporting.clock import VIETNAM


def scheduled(server: PrefectServer, deployment: str) -> list[datetime]:
    """When it is to run next, in Vietnam's time; waits until Prefect has planned some."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterName,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    with get_client(sync_client=True) as client:

        def runs() -> list[datetime]:
            found = client.read_flow_runs(
                deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
                flow_run_filter=FlowRunFilter(
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
                ),
            )
            return sorted(
                run.expected_start_time.astimezone(VIETNAM) for run in found if run.expected_start_time
            )

        assert server.child is not None
        wait_until(lambda: len(runs()) > 0, server.child, 90, server.log_file)
        return runs()


def test_scheduled_runs_appear_for_each_schedule(deployed: PrefectServer) -> None:
    """With a newer SQLAlchemy this Prefect starts, deploys, and never plans a run, in silence."""
    for deployment in yaml.safe_load(DEPLOYMENTS.read_text())["deployments"]:
        if "schedules" in deployment:
            assert scheduled(deployed, deployment["name"])


def test_the_day_runs_at_eight_in_hanoi_on_weekdays(deployed: PrefectServer) -> None:
    for moment in scheduled(deployed, "run-day"):
        assert (moment.hour, moment.minute) == (8, 0)
        assert moment.isoweekday() <= 5


def test_mail_is_exchanged_every_ten_minutes(deployed: PrefectServer) -> None:
    moments = scheduled(deployed, "exchange-mail")
    assert {(later - earlier).total_seconds() for earlier, later in pairwise(moments)} == {600}
    assert all(moment.astimezone(UTC).minute % 10 == 0 for moment in moments)


def test_all_of_the_file_is_deployed_with_a_day_that_may_be_left_out(deployed: PrefectServer) -> None:
    from prefect.client.orchestration import get_client

    names = {each["name"] for each in yaml.safe_load(DEPLOYMENTS.read_text())["deployments"]}
    with get_client(sync_client=True) as client:
        found = {each.name: each for each in client.read_deployments()}
    assert set(found) == names
    for name, deployment in found.items():
        schema = deployment.parameter_openapi_schema or {}
        assert "today" in schema["properties"]
        assert set(schema.get("required", [])) <= {"cycle", "what", "run"}, name
        assert deployment.pull_steps == []
        assert deployment.global_concurrency_limit is not None
        assert deployment.global_concurrency_limit.limit == 1


def test_each_entrypoint_is_a_coroutine() -> None:
    """A synchronous flow costs a second of its own in this Prefect, whatever it does."""
    from prefect.utilities.importtools import import_object

    for each in yaml.safe_load(DEPLOYMENTS.read_text())["deployments"]:
        assert import_object(each["entrypoint"]).isasync, each["name"]


def test_each_of_several_programmes_has_a_day_of_its_own(deployed: PrefectServer, tmp_path: Path) -> None:
    """After all others of this file: it renews the deployments."""
    from prefect.client.orchestration import get_client

    assert for_programmes(DEPLOYMENTS, ["ctph-109"], tmp_path / "x.yaml") == DEPLOYMENTS
    file = for_programmes(DEPLOYMENTS, ["nha-o-mau", "ctph-109"], tmp_path / "deployments.yaml")
    subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    with get_client(sync_client=True) as client:
        found = {each.name: each for each in client.read_deployments()}
    day = {each.slug: each.parameters for each in found["run-day"].schedules}
    assert day["working-days-ctph-109"] == {"programme": "ctph-109"}
    assert day["working-days-nha-o-mau"] == {"programme": "nha-o-mau"}
    assert [each.parameters for each in found["exchange-mail"].schedules] == [{}]
