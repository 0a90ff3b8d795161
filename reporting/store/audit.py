"""The audit trail: one function that writes to it."""

from datetime import datetime

from sqlalchemy.orm import Session

from reporting.store.tables import AuditEvent, Cycle, UnitRow

SYSTEM = "hệ thống"


def record(
    session: Session,
    now: datetime,
    actor: str,
    action: str,
    *,
    cycle: Cycle | None = None,
    unit: UnitRow | None = None,
    subject: str | None = None,
    detail: str | None = None,
    why: str | None = None,
) -> None:
    """Add one event, in the same transaction as what it tells of."""
    session.add(
        AuditEvent(
            at=now,
            actor=actor,
            action=action,
            programme=cycle.programme if cycle else None,
            cycle=cycle.name if cycle else None,
            unit=unit.name if unit else None,
            subject=subject,
            detail=detail,
            why=why,
        )
    )


CALLED = "gọi điện"  # in the audit trail
