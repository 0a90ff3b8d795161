"""How far long work has come, for whoever looks on. By itself it shows nothing to nobody."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Shown = Callable[[Sequence[Any], str], Iterable[Any]]

_shown: Shown | None = None


def show_with(shown: Shown | None) -> None:
    """From now on let ``shown`` tell of long work; the command line does where there is a terminal."""
    global _shown  # one process is one command line
    _shown = shown


def track(items: Sequence[Item], what: str) -> Iterable[Item]:
    """The items one by one, told of under the words ``what`` where somebody looks on."""
    return items if _shown is None else _shown(items, what)
