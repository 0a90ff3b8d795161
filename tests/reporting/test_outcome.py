"""What a step did, on its way through copies and processes."""

import copy
import pickle

from reporting.outcome import Outcome, Several, worded


def test_lines_count_what_they_tell_of_wherever_they_go() -> None:
    outcome = Outcome(waiting=(Several(3, "3 thư chờ xử lý"), "một việc"))
    for arrived in (copy.deepcopy(outcome), pickle.loads(pickle.dumps(outcome)), outcome + Outcome()):
        assert (arrived, arrived.things_waiting) == (outcome, 4)
    assert Outcome(waiting=(worded(outcome.waiting[0], str.upper),)).things_waiting == 3
