"""What a clustering will take, and what to ask for instead where that is too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlcore import settings
from mlcore.algorithms.cost import Cost, Offer, duration_words, fits, most_rows, offers, run_cost
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.pipelines.inputs import estimated_inputs
from mlcore.splitting import SAMPLE_PARAMS, SampleConfig


def learned_rows(config: SampleConfig, rows: int) -> int:
    """Return how many rows of a table with so many groups are made from."""
    return rows if config.sample is None else min(config.sample, rows)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run takes by estimate.

    Parameters
    ----------
    cost : Cost
        Time and memory.
    refusal : Message, optional
        Why it is not started, and the options that would do.
    """

    cost: Cost
    refusal: Message | None = None


@dataclass(frozen=True, kw_only=True)
class _Work:
    """A run and the size of its table once prepared."""

    experiment: Experiment
    rows: int
    columns: int

    @property
    def config(self) -> SampleConfig:
        """Which rows are learnt from, and how often."""
        assert isinstance(self.experiment.split, SampleConfig)
        return self.experiment.split

    @property
    def limits(self) -> dict[str, float]:
        """What a run may take."""
        return {
            "memory_mb": float(settings.MEMORY_MB.read()),
            "seconds": float(settings.TIME_LIMIT_S.read()),
        }


def estimate(dataset: Dataset, experiment: Experiment) -> Estimate:
    """Return what a clustering takes, before it is run.

    It is refused where it takes more than :mod:`mlcore.settings` allow a job, or compares every
    pair of more rows than memory holds.

    Raises
    ------
    UserError
        A setting of the preparation does not fit its declaration.
    """
    columns = estimated_inputs(experiment, dataset.schema)
    work = _Work(experiment=experiment, rows=len(dataset.frame), columns=columns)
    cost = _cost(work)
    most = most_rows(experiment.algorithm, experiment.params)
    learned = learned_rows(work.config, work.rows)
    if most is not None and learned > most:
        rows, allowed = f"{learned:,}", f"{most:,}"
        refusal = message("command.too_many_pairs", rows=rows, most=allowed, ways=_ways(work))
        return Estimate(cost=cost, refusal=refusal)
    if fits(cost, work.rows, columns, **work.limits):
        return Estimate(cost=cost)
    return Estimate(cost=cost, refusal=_too_costly(work, cost))


def _cost(work: _Work) -> Cost:
    spec = work.experiment.spec
    assert spec.cost is not None
    return run_cost(
        spec.cost,
        work.experiment.params,
        work.rows,
        work.columns,
        sample=work.config.sample,
        repeats=work.config.repeats,
        needs_density=spec.needs_density,
    )


def _too_costly(work: _Work, cost: Cost) -> Message:
    return message(
        "command.too_costly",
        cost=str(duration_words(cost)),
        memory=f"{work.limits['memory_mb']:,.0f}",
        seconds=f"{work.limits['seconds']:,.0f}",
        ways=_ways(work),
        settings=f"{settings.MEMORY_MB.name} and {settings.TIME_LIMIT_S.name}",
    )


def _ways(work: _Work) -> str:
    found = _offers(work)
    if not found:
        return str(message("command.no_way"))
    ways = (_way(work.experiment.algorithm, offer) for offer in found)
    return str(message("command.ways", options=", or ".join(ways)))


def _offers(work: _Work) -> tuple[Offer, ...]:
    spec = work.experiment.spec
    return offers(
        spec.id,
        work.experiment.params,
        work.rows,
        work.columns,
        sample=work.config.sample,
        repeats=work.config.repeats,
        needs_density=spec.needs_density,
        **work.limits,
    )


def _way(algorithm: str, offer: Offer) -> str:
    options = " ".join(_options(algorithm, offer.changes))
    return str(message("command.way", options=options, cost=str(duration_words(offer.cost))))


def _options(algorithm: str, changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options that make the changes of an offer."""
    algorithm = changes.get("algorithm", algorithm)
    if "algorithm" in changes:
        yield f"--algorithm {algorithm}"
    for name, value in changes.get("params", {}).items():
        yield f"--param {algorithm}.{name}={_plain(value)}"
    for param in SAMPLE_PARAMS:
        if param.name in changes:
            yield f"--{param.name} {changes[param.name]}"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
