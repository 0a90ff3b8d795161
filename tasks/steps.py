"""The steps of a day as Prefect tasks: retries where a service may be out, a line in the log.

The work itself is in ``reporting`` and ``expectations``. Nothing is cached and no result is kept:
what was done is in our own store, and every step may be run again.
"""

from dataclasses import astuple
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from reporting import day
from reporting.approval import questions
from reporting.approval.steps import decide
from reporting.errors import BadInput, ServiceUnavailable
from reporting.follow_up import digest
from reporting.home.context import Context, cycle_row
from reporting.outcome import Outcome
from reporting.pages.site import write_site
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


def _tell(outcome: Outcome) -> Outcome:
    """Log what was done, and hand it on as it may stand in Prefect's own store: it names no person."""
    outcome = Outcome(*(tuple(map(discreet, lines)) for lines in astuple(outcome)))
    logger = get_run_logger()
    for line in outcome.done:
        logger.info("%s", line)
    for line in outcome.waiting:
        logger.warning("Chờ xử lý: %s", line)
    for line in outcome.failures:
        logger.error("%s", line)
    return outcome


@task(name="follow-calendar", cache_policy=NO_CACHE, persist_result=False)
async def follow_calendar(context: Context) -> Outcome:
    return _tell(day.follow_calendar(context))


@task(
    name="collect-replies",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=service_is_out,
)
async def collect_replies(context: Context) -> Outcome:
    return _tell(day.collect(context))


@task(name="take-in-replies", cache_policy=NO_CACHE, persist_result=False)
async def take_in_replies(context: Context) -> Outcome:
    return _tell(day.take_in_replies(context))


@task(name="file-mail-away", cache_policy=NO_CACHE, persist_result=False)
async def file_mail_away(context: Context) -> Outcome:
    return _tell(day.file_mail_away(context))


@task(name="queue-due", cache_policy=NO_CACHE, persist_result=False)
async def queue_due(context: Context) -> Outcome:
    return _tell(day.queue_due(context))


@task(
    name="send-messages",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=service_is_out,
)
async def send_messages(context: Context) -> Outcome:
    return _tell(await day.send_queued(context))


@task(name="compile-cycle", task_run_name="compile-{cycle}", cache_policy=NO_CACHE, persist_result=False)
async def compile_one(context: Context, cycle: str, as_of: Any) -> Outcome:
    # Great Expectations takes seconds to import; the mail runs every ten minutes and needs none of it.
    from expectations.compilation import compile_cycle

    return _tell(compile_cycle(context, cycle, as_of=as_of))


@task(name="watch", cache_policy=NO_CACHE, persist_result=False)
async def watch(context: Context, cause: str | None = None, error: str | None = None) -> None:
    """Note that a service is out, or works again; tell our own people what they have to know."""
    await alarms.tell(context, cause, error)


@task(name="queue-digests", cache_policy=NO_CACHE, persist_result=False)
async def queue_digests(context: Context) -> Outcome:
    return _tell(digest.queue_digests(context))


@task(name="write-pages", cache_policy=NO_CACHE, persist_result=False)
async def write_pages(context: Context) -> None:
    write_site(context)


@task(name="open-cycle", task_run_name="open-{cycle}", cache_policy=NO_CACHE, persist_result=False)
async def plan_one(context: Context, cycle: str) -> Outcome:
    with writing(context.home.engine) as session:
        return _tell(lifecycle.plan_by_hand(context, session, cycle))


@task(name="take-decision", cache_policy=NO_CACHE, persist_result=False)
async def take_decision(context: Context, cycle: str, decision: str, **said: Any) -> str | None:
    """Write a person's decision down; why it could not be, or None."""
    try:
        with writing(context.home.engine) as session:
            found = decide(context, session, cycle, decision, **said)
            get_run_logger().info("%s: %s", cycle, found.words)
    except BadInput as error:
        get_run_logger().warning("Không ghi nhận được: %s", error)
        return str(error)
    return None


@task(name="where-report-stands", cache_policy=NO_CACHE, persist_result=False)
async def say_where_report_stands(context: Context, cycle: str) -> str:
    with reading(context.home.engine) as session:
        found = standing(session, context.programme, cycle_row(session, context.programme, cycle))
        return f"Báo cáo kỳ {cycle}, {found.words}." if found else f"Kỳ {cycle} chưa có báo cáo."


@task(name="overdue-decisions", cache_policy=NO_CACHE, persist_result=False)
async def overdue_decisions(context: Context) -> Outcome:
    """Reports that have waited long for a decision: a reminder for people, no failure."""
    return _tell(questions.overdue_decisions(context))
