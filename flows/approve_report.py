"""Wait for the decision of whoever is next on a report's way to the signature.

The run is suspended: no process waits. Each answer starts the flow from its top; it takes in the
last answer only, then asks for the next step or ends. Which version and which step an answer is
about stands in the key of its question, so an answer counts for what the person was shown.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from prefect import flow, get_client
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

from config.settings import Settings
from flows.context import flow_context, run_name
from reporting.approval.questions import Question, open_question, open_questions
from reporting.home.context import Context
from reporting.status.report import APPROVE, RETURN
from tasks import steps

NAME = "approve-report"
YEAR = 365 * 24 * 3600  # seconds; longer than any report waits
APPROVES, RETURNS, LOOKS_AGAIN = "duyệt", "trả lại", "xem lại tình hình"
STALE = "câu hỏi trên màn hình đó đã có quyết định hoặc đã có phiên bản khác. Hãy đọc lại dưới đây."
_DECISIONS = {APPROVES: APPROVE, RETURNS: RETURN}


class DecisionForm(RunInput):
    """What the form of the paused run asks. The name is a statement: the pages know no persons."""

    decision: Literal["duyệt", "trả lại", "xem lại tình hình"] = Field(title="Quyết định")
    name: str = Field(title="Họ tên người quyết định", min_length=1)
    comment: str = Field("", title="Ý kiến (bắt buộc khi trả lại)")
    why: str = Field("", title="Lý do, khi ký vượt điểm còn mở hoặc giữ ngày chốt")
    # A form may stand open on a screen while somebody else answers: it then is about the step before.
    question: str = Field("", title="Mã câu hỏi (giữ nguyên)")


@dataclass(frozen=True)
class Asked:
    """A question that was put: its number in the run, the version, the step."""

    number: int
    version_id: int
    step: str

    @property
    def key(self) -> str:
        # Prefect keeps questions under lower-case letters, digits and dashes only.
        return f"{self.number}-{self.version_id}-{self.step}"


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
async def approve_report(
    cycle: str, today: date | None = None, now: datetime | None = None, programme: str | None = None
) -> str:
    """Ask for the next decision on the cycle's newest report, until it is approved or returned."""
    context = flow_context(today, now, programme)
    refused = None
    async with get_client() as client:
        last = _last(await client.read_flow_run(UUID(_own_id())))
        if last is None and await _others(client, context, cycle):
            return f"Đã có một lượt khác đang chờ quyết định về báo cáo kỳ {cycle}."
    if last is not None:
        answer = await asuspend_flow_run(wait_for_input=DecisionForm, key=last.key)
        if answer.decision in _DECISIONS and answer.question not in ("", last.key):
            refused = STALE
        elif answer.decision in _DECISIONS:
            refused = await steps.take_decision(
                context,
                cycle,
                _DECISIONS[answer.decision],
                by=answer.name,
                comment=answer.comment,
                why=answer.why,
                step=last.step,
                version_id=last.version_id,
                source=f"{_own_id()}/{last.number}",
            )
            if refused is None and answer.decision == RETURNS:
                return await _ended(context, cycle)
    question = open_question(context, cycle)
    if question is None:
        return await _ended(context, cycle)
    asked = Asked((last.number if last else 0) + 1, question.version_id, question.step)
    await asuspend_flow_run(
        wait_for_input=_form(asked, _description(question, refused)),
        timeout=YEAR,
        key=asked.key,
    )
    raise AssertionError("a suspended run goes no further")


def _form(asked: Asked, description: str) -> type[DecisionForm]:
    form = DecisionForm.with_initial_data(description=description, question=asked.key)
    form.model_fields["question"].title = DecisionForm.model_fields["question"].title  # lost with the default
    form.model_rebuild(force=True)
    return form


async def ask_for_decisions(context: Context) -> None:
    """Start a wait for each report that was submitted and has none; wake those that ask for the past.

    Only where our deployments are: a rehearsal has none, its people decide by themselves.
    """
    if context.rehearsal:
        return
    async with get_client() as client:
        try:
            deployment = await client.read_deployment_by_name(f"{NAME}/{NAME}")
        except ObjectNotFound:
            return
        for programme in context.served:
            await _ask(client, deployment.id, context.of(programme))


async def _ask(client: PrefectClient, deployment: UUID, context: Context) -> None:
    for question in open_questions(context):
        if question.is_submitted and not await _others(client, context, question.cycle):
            await client.create_flow_run_from_deployment(
                deployment,
                parameters={"cycle": question.cycle, "programme": context.programme.id},
                idempotency_key=f"{context.programme.id}/{question.version_id}/{question.returns}",
            )
    for run in await _paused(client, context):
        last, now = _last(run), open_question(context, str(run.parameters.get("cycle")))
        stands = now and last and (now.version_id, now.step) == (last.version_id, last.step)
        if last is not None and not stands:  # decided by a command, or there is a new version
            again = {"decision": LOOKS_AGAIN, "name": "hệ thống"}
            await client.resume_flow_run(run.id, run_input=again)


async def _ended(context: Context, cycle: str) -> str:
    words = await steps.say_where_report_stands(context, cycle)
    await acreate_markdown_artifact(words, key=f"bao-cao-{cycle}".lower(), description="Báo cáo đến đâu")
    return words


def _description(question: Question, refused: str | None) -> str:
    parts = [f"**Không ghi nhận được quyết định vừa rồi:** {refused}"] if refused else []
    return "\n\n".join([*parts, *question.lines])


def _own_id() -> str:
    return str(flow_run.id)


def _last(run: FlowRun) -> Asked | None:
    """The last question of a run."""
    asked = []
    for key in run.empirical_policy.pause_keys or ():
        number, version_id, step = key.split("-", 2)
        asked.append(Asked(int(number), int(version_id), step))
    return max(asked, key=lambda question: question.number, default=None)


async def _others(client: PrefectClient, context: Context, cycle: str) -> list[FlowRun]:
    """The other runs that wait for a decision on the cycle's report."""
    return [
        run
        for run in await _paused(client, context)
        if run.parameters.get("cycle") == cycle and str(run.id) != flow_run.id
    ]


async def _paused(client: PrefectClient, context: Context) -> list[FlowRun]:
    """The runs that wait, of the programme in use."""
    waiting = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    runs = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[NAME])),
        flow_run_filter=FlowRunFilter(state=waiting),
    )
    return [
        run
        for run in runs
        if (run.parameters.get("programme") or Settings().programme) == context.programme.id
    ]
