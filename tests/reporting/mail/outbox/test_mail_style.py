"""Every wording of every mail, as in a cycle of 2023 and of 2026: nothing in it that a clerk would mark."""

import pytest

from reporting.mail.outbox import contexts
from reporting.mail.outbox.facts import general_facts, internal_facts
from reporting.mail.outbox.messages import INTERNAL
from reporting.mail.outbox.wording import word
from reporting.states import MessageKind
from tests.official_style import mail_slips
from tests.workplace import whole_programme


@pytest.mark.parametrize("name", ["annual-2023", "annual-2026"])
def test_no_mail_has_what_a_clerk_would_mark(name: str) -> None:
    programme = whole_programme().rehearsing(name)
    cycle = programme.cycle(name)
    units = programme.expected_units(cycle)
    for kind in MessageKind:
        for sequence, sample in enumerate(contexts.samples(kind), 1):
            for unit in (units[0], units[-1]):
                facts = (
                    internal_facts(programme, kind, sample, cycle.open_on)
                    if kind in INTERNAL
                    else general_facts(programme, cycle, cycle.open_on, unit)
                    | {"due_on": cycle.due_on, **sample, "kind": str(kind), "sequence": sequence}
                )
                mail = word(programme.folder, kind, facts, rehearsal=False)
                assert mail_slips(f"{mail.subject}\n{mail.text}") == [], (kind, sequence)
