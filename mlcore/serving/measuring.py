"""What the server measures: for Prometheus, and for the Models page."""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

#: Seconds between which requests are counted, finest where predictions lie.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

#: Rows in a request, or in what was predicted in one go.
ROW_BUCKETS = (1, 10, 100, 1_000, 10_000, 100_000)

#: The page's percentiles are of so many requests, the newest.
_REMEMBERED = 1000


@dataclass
class Traffic:
    """What came to one version, and how it was answered, since the server started."""

    requests: int = 0
    errors: int = 0
    rows: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    odd: Tally[tuple[str, str]] = field(default_factory=Tally)

    def to_json(self) -> dict[str, Any]:
        """Return the counts, the median and the 95th percentile in milliseconds.

        ``odd`` counts for each column and kind of oddity the cells it was found in.
        """
        seconds = np.array(self.seconds)
        p50, p95 = np.percentile(seconds, [50, 95]) if len(seconds) else (None, None)
        return {
            "requests": self.requests,
            "errors": self.errors,
            "rows": self.rows,
            "p50_ms": None if p50 is None else 1000 * float(p50),
            "p95_ms": None if p95 is None else 1000 * float(p95),
            "odd": [
                {"column": column, "code": code, "count": count}
                for (column, code), count in sorted(self.odd.items())
            ],
        }


class Measures:
    """Counters, histograms and gauges of one server process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.traffic: dict[str, Traffic] = {}
        self._known: dict[tuple[str, int, int], tuple[Counter, Histogram, Counter]] = {}
        self._requests = Counter(
            "workbench_requests_total",
            "Requests by model, version and HTTP status.",
            ["model", "version", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "workbench_request_seconds",
            "Seconds from the arrival of a request to its answer.",
            ["model", "version"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._rows = Counter(
            "workbench_rows_total",
            "Rows that were predicted.",
            ["model", "version"],
            registry=registry,
        )
        self._odd = Counter(
            "workbench_odd_cells_total",
            "Cells that were odd, by kind: outside the range of training, unseen, missing, …",
            ["model", "version", "kind"],
            registry=registry,
        )
        self._together = Histogram(
            "workbench_batch_rows",
            "Rows that were predicted in one go.",
            buckets=ROW_BUCKETS,
            registry=registry,
        )
        self._open = Gauge(
            "workbench_models_open",
            "Versions that are loaded.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._waiting = Gauge(
            "workbench_requests_in_progress",
            "Requests under way.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def began(self) -> None:
        """Note a request that has come."""
        self._waiting.inc()

    def ended(self) -> None:
        """Note a request that was answered, or given up."""
        self._waiting.dec()

    def answered(
        self, version_id: str, model: str, version: int, status: int, seconds: float, rows: int
    ) -> None:
        """Note an answer to a prediction request."""
        counted, timed, summed = self._of(model, version, status)
        counted.inc()
        timed.observe(seconds)
        summed.inc(rows)
        traffic = self.traffic.setdefault(version_id, Traffic())
        traffic.requests += 1
        traffic.errors += status >= 400
        traffic.rows += rows
        traffic.seconds.append(seconds)

    def _of(self, model: str, version: int, status: int) -> tuple[Counter, Histogram, Counter]:
        """Return what counts requests, times and rows; to look them up takes longer than that."""
        key = (model, version, status)
        if key not in self._known:
            labels = (model, str(version))
            self._known[key] = (
                self._requests.labels(*labels, str(status)),
                self._seconds.labels(*labels),
                self._rows.labels(*labels),
            )
        return self._known[key]

    def odd(
        self, version_id: str, model: str, version: int, counts: Mapping[tuple[str, str], int]
    ) -> None:
        """Note cells that were odd, by column and kind."""
        self.traffic.setdefault(version_id, Traffic()).odd.update(counts)
        for (_, kind), count in counts.items():
            self._odd.labels(model, str(version), kind).inc(count)

    def batched(self, rows: int) -> None:
        """Note how many rows were predicted in one go."""
        self._together.observe(rows)

    def opened(self, count: int) -> None:
        """Note how many versions are loaded."""
        self._open.set(count)

    def text(self) -> bytes:
        """Return everything in the text form of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        every_worker = CollectorRegistry()
        MultiProcessCollector(every_worker)
        return generate_latest(every_worker)
