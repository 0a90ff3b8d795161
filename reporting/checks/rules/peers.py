"""A unit among the others: outliers, and the share of the national total. Soft edits for the office.

Units differ in size by factors of a hundred, so numbers are compared by their logarithms; median and
median absolute deviation do not mind the odd ones they shall find (Iglewicz and Hoaglin: modified
z-score beyond 3,5). They say nothing of one reply alone, and nothing of few units.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import median

from reporting.checks.rules.model import FormFacts, Peers, Rule, Screen, cell_finding
from reporting.finding import Finding
from reporting.programme.asked import asked_indicators
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.states import Severity
from reporting.vietnamese.formats import in_full

_FEWEST = 15  # units with a number above zero
_FARTHEST = 3.5  # modified z-score
_NORMAL = 0.6745  # makes the deviation that of a normal distribution
# Beside this, units are alike to a few per cent, and every difference would be far out.
_SMALLEST_DEVIATION = math.log(1.5)
_LARGEST_SHARE = Decimal("0.4")


def spread(numbers: Mapping[str, Sequence[Decimal]]) -> dict[str, Peers]:
    """Indicator -> how the units' numbers lie, for those that enough units gave a number above zero."""
    peers = {}
    for code, given in numbers.items():
        positive = [number for number in given if number > 0]
        if len(positive) >= _FEWEST:
            peers[code] = _peers(positive)
    return peers


def _peers(positive: Sequence[Decimal]) -> Peers:
    logs = [math.log(number) for number in positive]
    middle = median(logs)
    deviation = max(median(abs(log - middle) for log in logs), _SMALLEST_DEVIATION)
    reach = _FARTHEST * deviation / _NORMAL
    return Peers(
        low=Decimal(repr(math.exp(middle - reach))),
        high=Decimal(repr(math.exp(middle + reach))),
        total=sum(positive, Decimal(0)),
        units=len(positive),
    )


def peer_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """OUTLIER-<code> and SHARE-<code> for every number that is added up over the units."""
    for indicator in asked_indicators(programme, cycle):
        if indicator.type.is_number and indicator.aggregation == "sum" and not indicator.only_units:
            yield _outlier(indicator)
            yield _share(indicator)


def _outlier(indicator: Indicator) -> Rule:
    rule = f"OUTLIER-{indicator.code}"
    message = f"Chỉ tiêu {indicator.code} «{indicator.name}» khác xa số của các đơn vị khác."

    def check(facts: FormFacts) -> Finding | None:
        peers, number = facts.peers.get(indicator.code), facts.number(indicator.code)
        if peers is None or number is None or number <= 0 or peers.low <= number <= peers.high:
            return None
        expected = f"từ {_about(peers.low)} đến {_about(peers.high)} (theo {peers.units} đơn vị)"
        return cell_finding(rule, Severity.NOTICE, facts.cell(indicator.code), message, expected)

    return Rule(rule, "outlier", Severity.NOTICE, message, check, _screen(indicator))


def _share(indicator: Indicator) -> Rule:
    rule = f"SHARE-{indicator.code}"
    message = f"Chỉ tiêu {indicator.code} «{indicator.name}» chiếm phần lớn tổng số toàn quốc."

    def check(facts: FormFacts) -> Finding | None:
        peers, number = facts.peers.get(indicator.code), facts.number(indicator.code)
        if peers is None or number is None or number <= _LARGEST_SHARE * peers.total:
            return None
        percent = (100 * number / peers.total).quantize(Decimal(1))
        expected = f"dưới {100 * _LARGEST_SHARE:.0f}% tổng số {in_full(peers.total)} (hiện {percent}%)"
        return cell_finding(rule, Severity.NOTICE, facts.cell(indicator.code), message, expected)

    return Rule(rule, "share", Severity.NOTICE, message, check, _screen(indicator))


def _screen(indicator: Indicator) -> Screen:
    return lambda units: units.is_unusual(indicator.code, _LARGEST_SHARE)


def _about(number: Decimal) -> str:
    """To two digits, as nobody needs more of a limit."""
    digits = number.adjusted() - 1
    return in_full(number.quantize(Decimal(1).scaleb(digits)).quantize(Decimal(1).scaleb(min(digits, 0))))
