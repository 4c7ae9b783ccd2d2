"""The script of a run that fuses votes prints the scores of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from codegen_runs import fusion, requested
from script_process import printed_scores

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen import Request, Script, Source, script_of
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.tasks import Task

RULES = for_task(Task.FUSION)
CLASS_RULES = tuple(spec for spec in RULES if not spec.fuses_numbers)

Mixed = tuple[Dataset, Source]
RunScript = Callable[[Script, Source], str]


def find(identifier: str) -> AlgorithmSpec:
    return next(spec for spec in RULES if spec.id == identifier)


def request(dataset: Dataset, source: Source, plan: Experiment) -> Request:
    return requested(dataset, source, plan, "votes.joblib")


def repeats(dataset: Dataset, source: Source, plan: Experiment, run_script: RunScript) -> Any:
    asked = request(dataset, source, plan)
    printed = printed_scores(run_script(script_of(asked), source))
    scores = asked.result.evaluation.scores
    expected = scores[scores["fold"] == 0].set_index("metric")["value"].dropna()
    found = {name: values[0] for name, values in printed.items()}
    assert found == pytest.approx(expected.to_dict(), rel=1e-12, abs=1e-12)
    return asked.result


@pytest.mark.parametrize("spec", RULES, ids=lambda spec: spec.id)
def test_every_rule_repeats_its_run(
    spec: AlgorithmSpec, mixed: Mixed, run_script: RunScript, tmp_path: Path
) -> None:
    dataset, source = mixed
    result = repeats(dataset, source, fusion(dataset, spec), run_script)
    saved = pd.read_csv(tmp_path / "votes_rows.csv")["fused"]
    expected = result.frames["rows"]["predicted"]
    if spec.fuses_numbers:
        assert saved.tolist() == pytest.approx(expected.tolist(), rel=1e-12, nan_ok=True)
    else:
        assert saved.fillna("").tolist() == expected.fillna("").tolist()


@pytest.mark.parametrize("ties", ["order", "prior"])
@pytest.mark.parametrize("spec", CLASS_RULES, ids=lambda spec: spec.id)
def test_ties_are_decided_alike(
    spec: AlgorithmSpec, ties: str, mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    plan = fusion(dataset, spec, ties=ties, order=("cat", "ant"))
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("majority", {"share": 0.6, "quorum": 2}),
        ("unanimity", {"quorum": 3}),
        ("trimmed_mean", {"cut": 0.4}),
        ("dawid_skene", {"smoothing": 0.0, "starts": 1}),
        ("one_coin", {"smoothing": 1.0, "most_rounds": 3}),
    ],
)
def test_parameters_reach_the_script(
    name: str, params: dict[str, Any], mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    repeats(dataset, source, fusion(dataset, find(name), params), run_script)


@pytest.mark.parametrize("name", ["plurality", "median", "one_coin"])
def test_without_known_labels(name: str, mixed: Mixed, run_script: RunScript) -> None:
    dataset, source = mixed
    repeats(dataset, source, fusion(dataset, find(name), target=None), run_script)


@pytest.mark.parametrize("changes", [{"ties": "random"}, {"edits": (("1", "ann", "bee"),)}])
def test_what_no_short_program_does_has_its_sentence(changes: dict[str, Any], mixed: Mixed) -> None:
    dataset, source = mixed
    asked = request(dataset, source, fusion(dataset, find("plurality"), **changes))
    with pytest.raises(UserError, match="Download the bundle instead"):
        script_of(asked)
