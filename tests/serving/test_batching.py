"""What waits together is answered together, each as if it had come alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from mlcore.serving.batching import Batcher


class Doubling:
    """Doubles numbers, notes who came together, and can be held up."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.open = threading.Event()
        self.open.set()

    def __call__(self, parts: Sequence[int]) -> list[int]:
        self.open.wait()
        self.calls.append(list(parts))
        if 13 in parts:
            raise ValueError("13")
        return [2 * part for part in parts]


@pytest.fixture
def batcher() -> Iterator[Batcher[int, int]]:
    made: Batcher[int, int] = Batcher(most=10)
    yield made
    made.close()


async def _while_busy(
    batcher: Batcher[int, int], double: Doubling, parts: Sequence[tuple[int, int]]
) -> list[int | BaseException]:
    """Return the answers to parts (value, size) that all come while the first is under way."""
    double.open.clear()
    first = asyncio.create_task(batcher.answer(double, 0, 1))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(batcher.answer(double, *part)) for part in parts]
    await asyncio.sleep(0.05)
    double.open.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


def test_a_lone_request_is_answered_at_once(batcher: Batcher[int, int]) -> None:
    double = Doubling()
    assert asyncio.run(batcher.answer(double, 4, 1)) == 8
    assert double.calls == [[4]]


def test_what_came_meanwhile_is_answered_in_one_go(batcher: Batcher[int, int]) -> None:
    double = Doubling()
    answers = asyncio.run(_while_busy(batcher, double, [(n, 1) for n in range(1, 6)]))
    assert answers == [2, 4, 6, 8, 10]
    assert double.calls == [[0], [1, 2, 3, 4, 5]]


def test_a_batch_has_only_so_many_rows(batcher: Batcher[int, int]) -> None:
    double = Doubling()
    answers = asyncio.run(_while_busy(batcher, double, [(1, 6), (2, 4), (3, 1), (4, 50), (5, 1)]))
    assert answers == [2, 4, 6, 8, 10]
    assert double.calls == [[0], [1, 2], [3], [4], [5]]


def test_one_that_fails_does_not_spoil_the_others(batcher: Batcher[int, int]) -> None:
    double = Doubling()
    answers = asyncio.run(_while_busy(batcher, double, [(1, 1), (13, 1), (2, 1)]))
    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 4
    assert asyncio.run(batcher.answer(double, 5, 1)) == 10


def test_models_are_answered_apart(batcher: Batcher[int, int]) -> None:
    one, two = Doubling(), Doubling()

    async def both() -> list[int]:
        return list(await asyncio.gather(batcher.answer(one, 1, 1), batcher.answer(two, 2, 1)))

    assert asyncio.run(both()) == [2, 4]
    assert (one.calls, two.calls) == ([[1]], [[2]])


def test_who_goes_away_harms_nobody(batcher: Batcher[int, int]) -> None:
    double = Doubling()

    async def impatient() -> int:
        double.open.clear()
        gone = asyncio.create_task(batcher.answer(double, 1, 1))
        await asyncio.sleep(0.02)
        gone.cancel()
        double.open.set()
        return await batcher.answer(double, 2, 1)

    assert asyncio.run(impatient()) == 4
