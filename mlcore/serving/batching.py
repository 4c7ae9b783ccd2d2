"""Requests that wait together are predicted together.

Most of what one row costs scikit-learn is the same for a thousand rows, and threads beside each
other only take turns. So one thread predicts, and takes everything that has come for a model
meanwhile in one go. A request that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Part = TypeVar("Part")
Answer = TypeVar("Answer")

#: What answers several parts at once, each as if it had come alone.
Together = Callable[[Sequence[Part]], Sequence[Answer]]


@dataclass(frozen=True, eq=False)
class _Request(Generic[Part, Answer]):
    together: Together[Part, Answer]
    part: Part
    size: int
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Answer]


class Batcher(Generic[Part, Answer]):
    """One thread that answers what has come, model by model.

    Parameters
    ----------
    most : int, default 10_000
        So many rows at most are answered in one go, so that nobody waits for a huge batch.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._queue: queue.SimpleQueue[_Request[Part, Answer] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="predictions", daemon=True)
        self._thread.start()

    async def answer(self, together: Together[Part, Answer], part: Part, size: int) -> Answer:
        """Return the answer to a part of ``size`` rows.

        Parameters
        ----------
        together : callable
            Parts → answers; requests with the same one (compared by ``==``) are answered in one
            call.
        part : object
            What is asked.
        size : int
            How many rows it has.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._queue.put(_Request(together, part, size, loop, future))
        return await future

    def close(self) -> None:
        """Answer what has come, then end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_open = True
        while is_open:
            waiting = [self._queue.get()]
            while not self._queue.empty():
                waiting.append(self._queue.get())
            is_open = None not in waiting
            for batch in _batches([one for one in waiting if one is not None], self._most):
                _answer(batch)


def _batches(
    waiting: Sequence[_Request[Part, Answer]], most: int
) -> list[list[_Request[Part, Answer]]]:
    """Return who is answered together: same model, and not more rows than allowed."""
    open_batches: dict[Together[Part, Answer], list[_Request[Part, Answer]]] = {}
    batches = []
    for request in waiting:
        batch = open_batches.get(request.together)
        if batch is None or sum(one.size for one in batch) + request.size > most:
            batch = open_batches[request.together] = []
            batches.append(batch)
        batch.append(request)
    return batches


def _answer(batch: Sequence[_Request[Part, Answer]]) -> None:
    """Answer a batch; where that fails, each request alone, so that none spoils the others."""
    try:
        answers = batch[0].together([request.part for request in batch])
    except Exception as error:  # the thread must live on; each request is told
        if len(batch) > 1:
            for request in batch:
                _answer([request])
            return
        _tell(batch[0], batch[0].answer.set_exception, error)
        return
    for request, answer in zip(batch, answers, strict=True):
        _tell(request, request.answer.set_result, answer)


def _tell(
    request: _Request[Part, Answer], setter: Callable[..., None], value: Answer | Exception
) -> None:
    def tell() -> None:
        # Whoever asked may have gone away meanwhile.
        if not request.answer.done():
            setter(value)

    request.loop.call_soon_threadsafe(tell)
