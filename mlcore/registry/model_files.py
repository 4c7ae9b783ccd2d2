"""The files of one fitted model that predicts elsewhere, and proves there that it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.formats import SKOPS, dump_skops, verify
from mlcore.registry.packing import (
    ONNX_PROGRAM,
    Files,
    answers_csv,
    cells_csv,
    json_bytes,
    programs,
    requirements,
    shipped,
    step_programs,
)
from mlcore.registry.probe import hard_rows
from mlcore.registry.schema import InputSchema, cell_text, inputs_of
from mlcore.splitting import Rows
from mlcore.workflow import features_of

#: How many golden rows a bundle has, if the table has so many.
N_GOLDEN = 10


def model_files(
    pipeline: Pipeline,
    dataset: Dataset,
    experiment: Experiment,
    schema: InputSchema,
    rows: Rows,
    onnx: bytes | None = None,
    source: Dataset | None = None,
) -> Files:
    """Return model, schema, golden rows with their answers, and the program that uses them.

    Parameters
    ----------
    pipeline : Pipeline
        The fitted model.
    dataset : Dataset
        The table it was fitted on.
    experiment : Experiment
        Names the features and their kinds.
    schema : InputSchema
        What it expects.
    rows : array of shape (n_rows,)
        The rows it has learnt from.
    onnx : bytes, optional
        The model as an ONNX file, where ONNX Runtime is to answer.
    source : Dataset, optional
        The table before the user's own steps, where there are some.

    Raises
    ------
    UserError
        A prediction of the written model differs.
    """
    features = features_of(dataset, experiment.features).iloc[rows]
    model = dump_skops(pipeline)
    verify(pipeline, model, SKOPS, hard_rows(features, experiment.kinds))
    asked = inputs_of(dataset, experiment, source)
    chosen = golden_rows(dataset, experiment, rows)
    golden = asked.table.frame[list(asked.kinds)].iloc[asked.places[chosen]]
    own, answering, engine = _engine(pipeline, onnx)
    plain = schema.to_json()
    return {
        contract.MODEL: model,
        contract.SCHEMA: json_bytes(plain),
        contract.GOLDEN_ROWS: rows_csv(golden, schema),
        contract.GOLDEN_PREDICTIONS: answers_csv(
            contract.predictions(contract.after_steps(answering, plain), golden, plain)
        ),
        **programs(),
        **(step_programs() if schema.steps else {}),
        "requirements.txt": requirements(engine),
        **own,
    }


def _engine(pipeline: Pipeline, onnx: bytes | None) -> tuple[Files, Any, str]:
    """Return the files of what answers, what answers, and its name."""
    if onnx is None:
        return {}, pipeline, contract.SCIKIT_LEARN
    # Takes a while to import, which those without an ONNX file need not wait for.
    from mlcore.registry.bundle_files.onnx_model import OnnxModel

    files = {contract.ONNX_MODEL: onnx, ONNX_PROGRAM: shipped(ONNX_PROGRAM)}
    return files, OnnxModel(onnx), contract.ONNX


def model_failures(folder: Path) -> list[str]:
    """Return what is wrong with an unpacked model: a sentence for each answer that differs."""
    contract.check_files(folder)
    return predict.self_test(folder, contract.load_model(folder), contract.read_schema(folder))


def rows_csv(frame: pd.DataFrame, schema: InputSchema) -> bytes:
    """Return typed columns as a file that is read back with the schema."""
    cells = (
        [
            cell_text(value, feature.kind, feature.decimal)
            for value, feature in zip(row, schema.features, strict=True)
        ]
        for row in frame.itertuples(index=False, name=None)
    )
    return cells_csv((feature.name for feature in schema.features), cells)


def golden_rows(dataset: Dataset, experiment: Experiment, rows: Rows) -> Rows:
    """Return the numbers of up to ten telling rows: each kind of gap first, then evenly spread.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Names features and label.
    rows : array of shape (n_rows,)
        Rows the model has learnt from; test rows stay sealed here too.
    """
    gaps = dataset.frame.iloc[rows][list(experiment.features)].isna()
    telling = [int(gaps[name].to_numpy().argmax()) for name in gaps.columns[gaps.any().to_numpy()]]
    return rows[golden_places(telling[: N_GOLDEN // 2], len(rows))]


def golden_places(telling: list[int], n_rows: int) -> Rows:
    """Return up to ten places among so many rows: the telling ones, then evenly spread ones."""
    spread = np.linspace(0, n_rows - 1, min(N_GOLDEN, n_rows)).round().astype(int).tolist()
    return np.array(sorted(list(dict.fromkeys([*telling, *spread]))[:N_GOLDEN]), dtype=np.intp)
