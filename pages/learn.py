"""What the algorithms and the words mean."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.clusters import CLUSTER_METRICS, ClusterMetric
from mlcore.evaluation.fusion_scores import FUSION_METRICS, NUMBER_METRICS, FusionMetric
from mlcore.evaluation.metrics import MetricSpec, metrics_for
from mlcore.gridworld.catalogue import METHODS
from mlcore.gridworld.spec import MethodSpec
from mlcore.tasks import Task
from pages.ui import algorithm_card, frame, show
from pages.ui.glossary import WORDS

#: Stands beside the tasks of tables.
GRID_WORLD = "Act in a grid world"

_DIRECTION = {True: "higher", False: "lower", None: "neither"}


def metric_table() -> pd.DataFrame:
    """Return every metric with its task, its direction and its meaning."""
    declared: list[tuple[Task, Sequence[MetricSpec | ClusterMetric | FusionMetric]]] = [
        (Task.CLASSIFICATION, metrics_for(Task.CLASSIFICATION)),
        (Task.REGRESSION, metrics_for(Task.REGRESSION)),
        (Task.CLUSTERING, CLUSTER_METRICS),
        (Task.FUSION, FUSION_METRICS),
        # The first one, the share of decided rows, stands above already.
        (Task.FUSION, NUMBER_METRICS[1:]),
    ]
    rows = [(metric, task.label) for task, metrics in declared for metric in metrics]
    return pd.DataFrame(
        {
            "metric": [metric.label for metric, _ in rows],
            "task": [task for _, task in rows],
            "better": [_DIRECTION[metric.greater_is_better] for metric, _ in rows],
            "what it says": [metric.help for metric, _ in rows],
        }
    )


frame.heading("learn.py")
algorithms, metrics, words = st.tabs(
    ["Algorithms", "Metrics", "Words"], key="learn_part", on_change="rerun"
)
if algorithms.open:
    with algorithms:
        task = st.segmented_control(
            "Task",
            [*Task, GRID_WORLD],
            format_func=lambda choice: GRID_WORLD if choice == GRID_WORLD else Task(choice).label,
            default=Task.CLASSIFICATION,
            required=True,
            key="learn_task",
        )
        known = METHODS if task == GRID_WORLD else for_task(Task(task))
        specs: dict[str, AlgorithmSpec | MethodSpec] = {spec.id: spec for spec in known}
        chosen = st.selectbox(
            "Algorithm",
            list(specs),
            format_func=lambda name: specs[name].name,
            key=f"learn_algorithm_{task}",
        )
        with st.container(border=True):
            st.subheader(specs[chosen].name)
            algorithm_card.full(specs[chosen])
if metrics.open:
    with metrics:
        show.table(
            metric_table(),
            alt="Every metric with its task, its direction and its meaning",
            column_config={"what it says": {"width": "large"}},
            height="content",
        )
if words.open:
    with words:
        for word, meaning in WORDS.items():
            st.markdown(f"**{word}.** {meaning}")
        st.subheader("Kinds of columns")
        for kind in ColumnKind:
            st.markdown(f"**{kind.value.capitalize()}.** {kind.help}")
