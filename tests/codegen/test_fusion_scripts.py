"""The script of a run that fuses votes prints the scores of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from codegen_runs import VOTING, as_read, fusion, requested
from script_process import check_formatted, printed_scores

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen import Request, Script, Source, script_of
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.setups import FusionSetup
from mlcore.tasks import Task

RULES = for_task(Task.FUSION)
CLASS_RULES = tuple(spec for spec in RULES if not spec.fuses_numbers)

Mixed = tuple[Dataset, Source]
RunScript = Callable[[Script, Source], str]


def find(identifier: str) -> AlgorithmSpec:
    return next(spec for spec in RULES if spec.id == identifier)


def request(dataset: Dataset, source: Source, plan: Experiment) -> Request:
    return requested(dataset, source, plan, "votes.joblib")


@pytest.fixture(scope="module")
def check_style(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for scripts, all of which are looked at in the end, at once."""
    folder = tmp_path_factory.mktemp("scripts")
    yield folder
    check_formatted(folder)


@pytest.fixture
def run_script(run_script: RunScript, check_style: Path) -> RunScript:
    """Run a script, and keep it for the check of its style."""

    def run(script: Script, source: Source) -> str:
        name = f"script_{len(list(check_style.iterdir()))}.py"
        (check_style / name).write_text(script.to_python(), encoding="utf-8")
        return run_script(script, source)

    return run


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


#: Some votes for another class, none, or one that nobody gave; the last edit of a vote counts.
EDITS = (("1", "ann", "dog"), ("1", "bob", None), ("4", "eve", "unsure"), ("1", "ann", "Bee"))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("plurality", {"ties": "random"}),
        ("plurality", {"ties": "most_accurate"}),
        ("log_odds", {"ties": "most_accurate"}),
        ("plurality", {"ties": "most_accurate", "target": None}),
        ("plurality", {"edits": (*EDITS, ("0", "eve", "dog"))}),
        ("dawid_skene", {"edits": EDITS}),
        ("median", {"edits": (("0", "size", "3.25"), ("1", "weight", None))}),
        ("plurality", {"learner": "logistic_regression", "edits": EDITS}),
        ("log_odds", {"learner": "decision_tree", "abstain": ("unsure", "cat")}),
    ],
    ids=str,
)
def test_how_votes_came_about(
    name: str, changes: dict[str, Any], mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    repeats(dataset, source, fusion(dataset, find(name), **changes), run_script)


@pytest.fixture(scope="session")
def lines() -> Mixed:
    """Votes one a line: given twice, without a label, untidy names, and known labels that clash."""
    rng = np.random.default_rng(2)
    said = [
        {"item": f"q {row % 40}", "who": who, "said": word, "score": score, "number": row % 40}
        for row, who, word, score in zip(
            range(150),
            rng.choice(["ann", "bob", "eve", "  eve"], 150),
            rng.choice(["yes", "no", "No", "unsure", ""], 150),
            rng.choice(["1", "2.5", "4", "unsure", "-9"], 150),
            strict=True,
        )
    ]
    frame = pd.DataFrame(said)
    frame["gold"] = np.where(frame.index % 3 == 0, "yes", "")
    frame["level"] = np.where(frame["number"] % 2 == 0, "2", "")
    frame.loc[[1, 121], ["gold", "level"]] = ["no", "4"]
    frame.loc[7, ["item", "who"]] = "", "ann"
    words = dict.fromkeys(("item", "who", "said", "score", "gold"), ColumnKind.CATEGORY)
    return as_read(frame.to_csv(index=False).encode(), "lines.csv", words)


LINES: dict[str, Any] = {"sources": (), "row": "item", "source": "who", "label": "said"}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("log_odds", {}),
        ("plurality", {"edits": (("q 3", "ann", "no"), ("q 5", "eve", "maybe"))}),
        ("plurality", {"row": "number", "ties": "random", "edits": (("3", "ann", "no"),)}),
        ("one_coin", {"target": None, "ties": "prior"}),
        ("weights", {"ties": "most_accurate"}),
        ("trimmed_mean", {"label": "score", "target": "level", "abstain": ("unsure", "-9")}),
        ("median", {"label": "score", "target": None, "edits": (("q 3", "ann", "2"),)}),
    ],
    ids=str,
)
def test_votes_one_a_line(
    name: str, changes: dict[str, Any], lines: Mixed, run_script: RunScript, tmp_path: Path
) -> None:
    dataset, source = lines
    spec = find(name)
    config = replace(VOTING, **LINES, numbers=spec.fuses_numbers)
    target = changes.get("target", "gold")
    given = {key: value for key, value in changes.items() if key != "target"}
    setup = FusionSetup(target=target, split=replace(config, **given))
    result = repeats(dataset, source, setup.experiment(dataset, spec.id, {}), run_script)
    saved = pd.read_csv(tmp_path / "votes_rows.csv", dtype={"fused": "str"})["fused"]
    found, rows = saved.fillna(""), result.frames["rows"]["predicted"]
    if spec.fuses_numbers:
        assert saved.astype(float).tolist() == pytest.approx(rows.tolist(), rel=1e-12, nan_ok=True)
    else:
        assert found.tolist() == rows.fillna("").tolist()
