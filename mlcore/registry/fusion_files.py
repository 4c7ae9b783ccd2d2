"""The files of a fusion: what came out, the rule that fuses new votes, models that vote for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.fitted_rule import FittedRule, model_of
from mlcore.data.dataset import Dataset
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.numbers import FusedNumbers
from mlcore.fusion.rows import row_frame
from mlcore.fusion.rules import Fused
from mlcore.fusion.spelling import shown_label
from mlcore.fusion.votes import Votes, aligned
from mlcore.registry.bundle_files import contract, fuse
from mlcore.registry.exports import csv_bytes
from mlcore.registry.facts import CardFacts
from mlcore.registry.model_files import (
    N_GOLDEN,
    golden_places,
    model_failures,
    model_files,
    rows_csv,
)
from mlcore.registry.packing import (
    Files,
    answers_csv,
    checked,
    json_bytes,
    library_versions,
    programs,
    requirements,
    shipped,
    step_programs,
    with_manifest,
)
from mlcore.registry.schema import Writing, input_schema, inputs_of, of_votes
from mlcore.tasks import Task
from mlcore.workflow.fusion import read_votes

#: The program that fuses new votes.
FUSE = "fuse.py"

#: The tables of a fusion that lie in its bundle, and what they are called there.
_TABLES = {"rows": "fused.csv", "sources": "sources.csv", "agreement": "agreement.csv"}


def fusion_files(facts: CardFacts, writing: Writing) -> Files:
    """Return tables, rule, golden votes, the program, and a folder for each model that votes.

    Raises
    ------
    UserError
        A written model of a source predicts otherwise, or fails its own check.
    """
    rule, frames = model_of(facts.result.pipeline).rule, facts.result.frames
    return {
        **{file: csv_bytes(frames[name]) for name, file in _TABLES.items()},
        fuse.RULE: json_bytes(rule.to_json()),
        contract.SCHEMA: json_bytes(facts.schema.to_json()),
        **_golden_files(facts, rule, writing),
        **(_step_files() if facts.schema.steps else {}),
        FUSE: shipped(FUSE),
        **programs(),
        **_source_models(facts, writing),
    }


def _step_files() -> Files:
    return {**step_programs(), "requirements.txt": requirements()}


def fusion_failures(folder: Path) -> list[str]:
    """Return what is wrong with an unpacked fusion: a sentence for each answer that differs."""
    contract.check_files(folder, fuse.NEEDED)
    return fuse.self_test(folder)


def fused_answers(rule: FittedRule, votes: Votes) -> dict[str, list[Any]]:
    """Return what a rule makes of votes, by column, as the shipped program writes it."""
    fused = rule.apply(votes)
    if isinstance(fused, FusedNumbers):
        frame = _number_frame(votes, fused)
    else:
        frame = _class_frame(rule, votes, fused)
    return {str(name): _plain(frame[name]) for name in frame}


def _class_frame(rule: FittedRule, votes: Votes, fused: Fused) -> pd.DataFrame:
    frame = row_frame(aligned(votes, rule.sources, rule.classes), fused)
    told = frame.drop(columns=["position", "share", "margin", "entropy"])
    return told.rename(columns={"predicted": "label"}).astype({"tie": "str"})


def _number_frame(votes: Votes, fused: FusedNumbers) -> pd.DataFrame:
    table = {"row": votes.names, "label": fused.value, "spread": fused.spread, "low": fused.low}
    return pd.DataFrame({**table, "high": fused.high, "n_votes": fused.n_votes})


def _plain(column: pd.Series) -> list[Any]:
    """Return text, whole numbers and floats; an empty text for what is missing."""
    return ["" if pd.isna(value) else value for value in column.tolist()]


def _golden_files(facts: CardFacts, rule: FittedRule, writing: Writing) -> Files:
    experiment = facts.result.experiment
    assert isinstance(experiment.split, FusionConfig)
    # Votes changed by hand are changed by the row's name, and golden rows are numbered anew.
    plain = replace(experiment, target=None, split=replace(experiment.split, edits=()))
    votes = read_votes(facts.dataset, plain)
    lines = _lines(facts.dataset, experiment.split, votes, golden_ballots(rule, votes))
    golden = facts.dataset.frame.iloc[lines].reset_index(drop=True)
    again = read_votes(replace(facts.dataset, frame=golden), plain)
    asked = inputs_of(
        facts.dataset, of_votes(facts.dataset, experiment, experiment.split), writing.source
    )
    before = asked.table.frame[list(asked.kinds)].iloc[asked.places[lines]]
    return {
        fuse.GOLDEN_VOTES: rows_csv(before, facts.schema),
        fuse.GOLDEN_FUSED: answers_csv(fused_answers(rule, again)),
    }


def golden_ballots(rule: FittedRule, votes: Votes) -> Sequence[int]:
    """Return up to ten telling rows with votes: tied, undecided, with abstentions, then spread."""
    voted = np.flatnonzero(votes.per_row() > 0)
    fused = rule.apply(votes)
    kinds = [np.isin(voted, votes.abstained_row)]
    if isinstance(fused, Fused):
        kinds += [fused.tied[voted], (fused.label[voted] < 0) & ~fused.tied[voted]]
    most = N_GOLDEN // (2 * len(kinds)) + 1
    telling = [int(place) for kind in kinds for place in np.flatnonzero(kind)[:most]]
    return [int(row) for row in voted[golden_places(telling, len(voted))]]


def _lines(dataset: Dataset, config: FusionConfig, votes: Votes, rows: Sequence[int]) -> list[int]:
    """Return the places of the lines of the table that hold the votes on some rows."""
    if not config.is_long:
        return list(rows)
    names = {votes.names[row] for row in rows}
    is_chosen = dataset.frame[config.row].map(shown_label).isin(names)
    return [int(place) for place in np.flatnonzero(is_chosen)]


def _source_models(facts: CardFacts, writing: Writing) -> Files:
    """Return the files of each model that votes, in a folder of its own, proven by itself."""
    models = model_of(facts.result.pipeline).models
    if not models:
        return {}
    votes = read_votes(facts.dataset, facts.result.experiment)
    folders = {source: f"model_{number}" for number, source in enumerate(models, start=1)}
    files: Files = {fuse.MODELS: json_bytes(folders)}
    for source, folder in folders.items():
        made = _source_model(facts, writing, votes, source)
        files |= {f"{folder}/{name}": content for name, content in made.items()}
    return files


def _source_model(facts: CardFacts, writing: Writing, votes: Votes, source: str) -> Files:
    experiment = facts.result.experiment
    assert isinstance(experiment.split, FusionConfig) and experiment.split.learner is not None
    learning = replace(
        experiment,
        task=Task.CLASSIFICATION,
        target=source,
        algorithm=experiment.split.learner,
        params={},
    )
    model = model_of(facts.result.pipeline).models[source]
    rows = votes.row[votes.source == votes.sources.index(source)]
    classes = tuple(map(str, model.classes_))
    schema = input_schema(facts.dataset, learning, rows, writing, classes)
    files = model_files(model, facts.dataset, learning, schema, rows, source=writing.source)
    named = with_manifest(f"{facts.name}: {source}", files, library_versions())
    return checked(named, model_failures)
