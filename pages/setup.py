"""Choose what to predict, from what, and how it is judged."""

from __future__ import annotations

import streamlit as st

from mlcore.data.quality import check_division
from mlcore.data.schema import LEARNABLE, PREDICTABLE, ColumnKind, Schema, guess_task
from mlcore.errors import UserError
from mlcore.findings import Finding
from mlcore.params import check_values, defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import Setup, default_setup
from mlcore.splitting import SPLIT_PARAMS, SplitConfig
from mlcore.tasks import SUPERVISED_TASKS
from pages.ui import frame, show, stored
from pages.ui.forms import param_form
from pages.ui.panels import remedies
from pages.ui.session import forget_widgets, session
from pages.ui.text import literal

#: So many rows that contradict each other are shown.
MOST_ROWS = 200

frame.heading("setup.py")
table = frame.require_dataset()
schema = table.schema


def forget_setup() -> None:
    """Start the rest of the page anew for another label."""
    if "setup_target" not in st.session_state:
        return  # the page was left in the moment of the choice, and its widgets with it
    target = st.session_state["setup_target"]
    forget_widgets("setup_")
    st.session_state["setup_target"] = target
    if target is not None:
        stored.save_setup(default_setup(table, target))


def possible_labels(schema: Schema) -> list[str]:
    """Return the columns that can be predicted."""
    return [column.name for column in schema.columns if column.kind in PREDICTABLE]


saved = stored.saved_setup(table)
st.subheader("What to predict")
labels = possible_labels(schema)
if "setup_target" not in st.session_state:
    st.session_state["setup_target"] = saved.target if saved and saved.target in labels else None
target = st.selectbox(
    "Label",
    labels,
    index=None,
    key="setup_target",
    placeholder="Choose the column to predict",
    help="The label (or target) is the column a model learns to predict from the others.",
    on_change=forget_setup,
)
if target is None:
    st.info("Choose the label to go on.", icon=":material/arrow_upward:")
    st.stop()
saved = saved if saved and saved.target == target else default_setup(table, target)

guessed, reason = guess_task(schema[target])
if "setup_task" not in st.session_state:
    st.session_state["setup_task"] = saved.task
task = (
    st.segmented_control(
        "Task",
        SUPERVISED_TASKS,
        format_func=lambda choice: choice.label,
        key="setup_task",
        required=True,
        help="  \n".join(choice.help for choice in SUPERVISED_TASKS),
    )
    or guessed
)
st.caption(literal(reason) + (" You chose otherwise." if task is not guessed else ""))

st.subheader("What to predict it from")
weights = [
    column.name
    for column in schema.columns
    if column.name != target
    and (column.kind is ColumnKind.NUMBER or column.name == saved.weight)  # it gets its sentence
]
if "setup_weight" not in st.session_state:
    st.session_state["setup_weight"] = saved.weight if saved.weight in weights else None
taken = (target, st.session_state["setup_weight"])
choices = [c.name for c in schema.columns if c.kind in LEARNABLE and c.name not in taken]
if "setup_features" not in st.session_state:
    st.session_state["setup_features"] = [name for name in saved.features if name in choices]
features = st.multiselect(
    "Features",
    choices,
    key="setup_features",
    help=(
        "Features are the columns a model may look at. Each row is a sample. Leave out what would "
        "not be known at the time of predicting."
    ),
)
left_out = [c for c in schema.columns if c.name not in (*taken, *choices)]
if left_out:
    words = ", ".join(f"{column.name} ({column.kind.value})" for column in left_out)
    st.caption(f"Not offered: {literal(words)}. Their kind can be changed on the Data page.")
weight = st.selectbox(
    "Weight",
    weights,
    index=None,
    key="setup_weight",
    placeholder="None: every row counts the same",
    help=(
        "A number of 0 or more that says how much each row counts while a model learns, such as "
        "the confidence of a label that was fused from several. A row with 0 or without a weight "
        "teaches nothing. The preparation and the scores count all rows the same, and algorithms "
        "that do not take weights say so."
    ),
)

st.subheader("How it is judged")
st.caption(
    "Training rows teach a model, validation rows compare models, test rows judge the one you "
    "choose in the end. No row has two of these parts at the same time."
)
split_column, numbers_column = st.columns([3, 2], gap="large")
with split_column:
    values = param_form(SPLIT_PARAMS, saved.split.values(), "setup_split")
    group = time = None
    if values["method"] == "group":
        st.session_state.setdefault("setup_group", saved.split.group)
        group = st.selectbox(
            "Group column",
            [name for name in schema.names if name != target],
            key="setup_group",
            placeholder="Choose the column",
            help="Rows with the same value stay on the same side.",
        )
    if values["method"] == "time":
        kinds = (ColumnKind.DATETIME, ColumnKind.NUMBER)
        st.session_state.setdefault("setup_time", saved.split.time)
        time = st.selectbox(
            "Time column",
            [c.name for c in schema.columns if c.kind in kinds and c.name != target],
            key="setup_time",
            placeholder="Choose the column",
            help="Rows are put in the order of this column.",
        )

st.subheader("How the columns are prepared")
st.caption(
    "Every step is learnt from the training rows of each fold alone, and is part of the model that "
    "you download."
)
preparation = param_form(
    PREPARATION_PARAMS,
    {**defaults(PREPARATION_PARAMS), **saved.preparation},
    "setup_prepare",
)

try:
    setup = Setup(
        target=target,
        task=task,
        features=tuple(features),
        split=SplitConfig.checked(values, group, time),
        preparation=check_values("The preparation", PREPARATION_PARAMS, preparation),
        weight=weight,
    )
    split = stored.divided(table, setup)
except UserError as error:
    stored.save_setup_problem(error)
    numbers_column.error(literal(error), icon=":material/error:")
    with numbers_column:  # what stands in the way may be the last change
        remedies.offer_undo(table, session().dataset or "", "setup.py")
    st.stop()
stored.save_setup(setup)
with numbers_column, st.container(border=True):
    train, validation = split.folds[-1]
    st.markdown("**Rows of each part**")
    row = st.container(horizontal=True)
    row.metric("Training", f"{len(train):,}", help="Rows that teach, in each fold.")
    row.metric("Validation", f"{len(validation):,}", help="Rows that compare, in each fold.")
    row.metric("Test", f"{len(split.test):,}", help="Sealed until you open them at the end.")
    show.notes(split.notes)


def contradicting_rows(finding: Finding) -> None:
    """Draw the rows that differ only in the label, where a finding counts such."""
    if finding.code != "DATA022":
        return
    with st.expander("Look at these rows"):
        rows = stored.contradictions(table, setup)
        show.table(rows.head(MOST_ROWS), alt="Rows that differ only in the label")
        if len(rows) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS:,} of {len(rows):,} rows.")


st.subheader("What to watch out for")
found = stored.label_findings(table, setup)
if setup.split.method in ("random", "stratified"):
    found += check_division(table)
remedies.draw(found, table, session().dataset or "", "setup.py", beneath=contradicting_rows)
frame.link("train.py", "Choose algorithms and train")
