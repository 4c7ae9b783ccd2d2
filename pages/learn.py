"""What the algorithms and the words mean."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.algorithms.catalogue import for_task
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.metrics import METRICS
from mlcore.tasks import Task
from pages.ui import algorithm_card, frame, show
from pages.ui.glossary import WORDS

frame.heading("learn.py")
algorithms, metrics, words = st.tabs(
    ["Algorithms", "Metrics", "Words"], key="learn_part", on_change="rerun"
)
if algorithms.open:
    with algorithms:
        task = st.segmented_control(
            "Task",
            list(Task),
            format_func=lambda choice: Task(choice).label,
            default=Task.CLASSIFICATION,
            required=True,
            key="learn_task",
        )
        specs = {spec.id: spec for spec in for_task(Task(task))}
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
            pd.DataFrame(
                {
                    "metric": [metric.label for metric in METRICS],
                    "task": [metric.task.value for metric in METRICS],
                    "better": ["higher" if m.greater_is_better else "lower" for m in METRICS],
                    "what it says": [metric.help for metric in METRICS],
                }
            ),
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
