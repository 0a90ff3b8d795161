"""The steps of a day as Prefect tasks: retries where a service may be out, a line in the log.

The work itself is in ``reporting`` and ``expectations``. Nothing is cached and no result is kept:
what was done is in our own store, and every step may be run again.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import wraps
from inspect import isawaitable
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from reporting.approval.questions import overdue_decisions
from reporting.approval.steps import decide
from reporting.checks.verdict import QualityVerdict
from reporting.day import queue_due, send_answers, send_queued
from reporting.errors import BadInput, ServiceUnavailable
from reporting.follow_up.calendar import follow_calendar
from reporting.follow_up.digest import queue_digests
from reporting.home.context import Context, cycle_row
from reporting.outcome import Outcome, worded
from reporting.pages.site import write_site
from reporting.replies.collect import collect, file_mail_away, take_in_next_turn, take_in_replies
from reporting.report.compile_cycle import compile_cycle
from reporting.requests import lifecycle
from reporting.status.report import standing
from reporting.store.engine import reading, writing
from reporting.upkeep import alarms
from reporting.vietnamese.text import discreet

RETRY_DELAYS: list[float] = [30, 120]  # seconds; the next scheduled run is the retry after that


async def service_is_out(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Only an outage is worth another try; anything else would fail again."""
    try:
        await state.aresult()
    except ServiceUnavailable:
        return True
    except Exception:  # whatever else it was, it is not an outage
        return False
    return False


def check_cycle(context: Context, cycle: str, as_of: date) -> QualityVerdict:
    """The quality gate; loaded only when something is compiled.

    Great Expectations takes seconds to import; the mail runs every ten minutes and needs none of it.
    """
    from expectations import gate

    return gate.check_cycle(context, cycle, as_of)


def _tell(outcome: Outcome) -> Outcome:
    """Log what was done, and hand it on as it may stand in Prefect's own store: it names no person."""
    parts = (outcome.done, outcome.waiting, outcome.failures)
    outcome = Outcome(*(tuple(worded(line, discreet) for line in lines) for lines in parts))
    logger = get_run_logger()
    for line in outcome.done:
        logger.info("%s", line)
    for line in outcome.waiting:
        logger.warning("Chờ xử lý: %s", line)
    for line in outcome.failures:
        logger.error("%s", line)
    return outcome


def _as_task(step: Callable[..., Any], name: str, **options: Any) -> Callable[..., Awaitable[Any]]:
    """A step of ``reporting.day`` as a task of that name, with the step's own parameters."""

    @task(name=name, cache_policy=NO_CACHE, persist_result=False, **options)
    @wraps(step)
    async def carried_out(*args: Any, **kwargs: Any) -> Any:
        result = step(*args, **kwargs)
        if isawaitable(result):
            result = await result
        return _tell(result) if isinstance(result, Outcome) else result

    return carried_out


_TRIED_AGAIN = {
    "retries": len(RETRY_DELAYS),
    "retry_delay_seconds": RETRY_DELAYS,
    "retry_condition_fn": service_is_out,
}
TASKS: dict[Callable[..., Any], Callable[..., Awaitable[Any]]] = {
    follow_calendar: _as_task(follow_calendar, "follow-calendar"),
    collect: _as_task(collect, "collect-replies", **_TRIED_AGAIN),
    take_in_next_turn: _as_task(take_in_next_turn, "take-in-next-turn"),
    send_answers: _as_task(send_answers, "send-answers"),
    take_in_replies: _as_task(take_in_replies, "take-in-replies"),
    file_mail_away: _as_task(file_mail_away, "file-mail-away"),
    queue_due: _as_task(queue_due, "queue-due"),
    queue_digests: _as_task(queue_digests, "queue-digests"),
    send_queued: _as_task(send_queued, "send-messages", **_TRIED_AGAIN),
    compile_cycle: _as_task(compile_cycle, "compile-cycle", task_run_name="compile-{name}"),
    # Reports that have waited long for a decision: a reminder for people, no failure.
    overdue_decisions: _as_task(overdue_decisions, "overdue-decisions"),
    # That a service is out, or works again; our own people are told what they have to know.
    alarms.tell: _as_task(alarms.tell, "watch"),
    write_site: _as_task(write_site, "write-pages"),
}


async def carry_out(step: Callable[..., Any], *args: Any) -> Any:
    """Carry out a step of ``reporting.day`` as its task."""
    return await TASKS[step](*args)


@task(name="open-cycle", task_run_name="open-{cycle}", cache_policy=NO_CACHE, persist_result=False)
async def plan_one(context: Context, cycle: str) -> Outcome:
    with writing(context.home.engine) as session:
        return _tell(lifecycle.plan_by_hand(context, session, cycle))


@task(name="take-decision", cache_policy=NO_CACHE, persist_result=False)
async def take_decision(context: Context, cycle: str, decision: str, **details: Any) -> str | None:
    """Write a person's decision down; why it could not be, or None."""
    try:
        with writing(context.home.engine) as session:
            report = decide(context, session, cycle, decision, **details)
            get_run_logger().info("%s: %s", cycle, report.words)
    except BadInput as error:
        get_run_logger().warning("Không ghi nhận được: %s", error)
        return str(error)
    return None


@task(name="where-report-stands", cache_policy=NO_CACHE, persist_result=False)
async def say_where_report_stands(context: Context, cycle: str) -> str:
    with reading(context.home.engine) as session:
        report = standing(session, context.programme, cycle_row(session, context.programme, cycle))
        return f"Báo cáo kỳ {cycle}, {report.words}." if report else f"Kỳ {cycle} chưa có báo cáo."
