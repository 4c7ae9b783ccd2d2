"""What is completed and from what: the column with labels, the features, how it is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.algorithms.semi_supervised import BASES
from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, PREDICTABLE, Column, ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.params import check_values, defaults
from mlcore.setups import FewLabelsSetup, check_few_labels
from mlcore.splitting import FEW_LABELS_PARAMS, FewLabelsConfig
from mlcore.workflow.given_labels import check_class_names
from pages.ui import frame, stored
from pages.ui.forms import param_form
from pages.ui.panels import few_facts, few_known, few_typed
from pages.ui.panels.cluster_columns import PREPARATION
from pages.ui.session import forget_widgets
from pages.ui.text import literal

#: Share of rows without a label from which on a column is obviously to be completed, and the most
#: different values that its labels may have for that.
_MOSTLY, _MOST_CLASSES = 0.5, 50

#: Words that people write for "no label"; where most rows say one, the page asks.
_USUAL_TOKENS = ("unlabelled", "unlabeled", "unknown", "none", "not labelled", "todo", "-1", "?")


def draw(table: Dataset) -> FewLabelsSetup | None:
    """Draw what is chosen before the algorithms; ``None`` when it cannot be used, and why."""
    target = _target(table)
    if target is None:
        return None
    saved = stored.saved_few_labels_setup(table, target)
    no_label = _tokens(table, saved)
    config = replace(saved.split, no_label=no_label)
    known = few_facts.labels(table, target, config)
    few_known.say_tokens(table, target, config, _offered_token(table, target, config))
    if not _can_go_on(table, saved, config):
        return None
    findings = st.container()
    features = _features(table.schema, saved)
    values = _settings(saved)
    try:
        check_class_names(known, target)
        check_few_labels(table, target, tuple(features))
        setup = FewLabelsSetup(
            target=target,
            features=tuple(features),
            split=FewLabelsConfig.checked(
                values["split"], values["rival"], no_label, saved.split.typed
            ),
            preparation=check_values("The preparation", PREPARATION, values["preparation"]),
        )
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    stored.save_few_labels_setup(setup)
    with findings:
        few_known.draw_findings(table, setup, known)
    return setup


# --- the column --------------------------------------------------------------------------------


def _target(table: Dataset) -> str | None:
    """Draw the choice of the column; before anything was chosen it may be obvious."""
    st.subheader("Which column to complete")
    columns = labels_of(table.schema)
    saved = stored.few_labels_target()
    suggested, reason = suggested_target(table.schema)
    chosen = st.session_state.get("semi_target", "")
    start = saved if saved in columns else suggested
    st.session_state["semi_target"] = chosen if chosen in (None, *columns) else start
    target: str | None = st.selectbox(
        "Column with labels",
        columns,
        index=None,
        key="semi_target",
        placeholder="Choose the column in which labels are missing",
        help=(
            "A label says what a row is. Rows in which this column is empty have none yet and "
            "get one."
        ),
        on_change=forget_rest,
    )
    if target is None:
        _ask_for_target(table.schema)
    elif target == suggested:
        st.caption(f":material/auto_awesome: Proposed, because {reason}")
    return target


def labels_of(schema: Schema) -> list[str]:
    """Return the columns that can be completed: any but dates."""
    return [c.name for c in schema.columns if c.kind is not ColumnKind.DATETIME]


def suggested_target(schema: Schema) -> tuple[str | None, str]:
    """Return the column that is obviously meant, and why; ``None`` when it is not obvious."""
    marked = [schema[name] for name in schema.with_role(Role.LABEL)]
    offered = [c for c in marked if c.kind is not ColumnKind.DATETIME]
    if offered:
        most = max(offered, key=lambda column: column.missing)
        return most.name, "it is marked as label on the Data page."
    empty = [column for column in schema.columns if _is_mostly_empty(column, schema.n_rows)]
    if len(empty) != 1:
        return None, ""
    share = empty[0].missing / schema.n_rows
    return empty[0].name, f"it is the only column that is empty in most rows ({share:.0%})."


def _is_mostly_empty(column: Column, n_rows: int) -> bool:
    return (
        column.kind in PREDICTABLE
        and column.role is Role.FEATURE
        and 2 <= column.distinct <= _MOST_CLASSES
        and column.missing >= _MOSTLY * n_rows
    )


def forget_rest() -> None:
    """Start the rest of the page anew for another column, with what was chosen for it before."""
    if "semi_target" not in st.session_state:
        return  # the page was left in the moment of the choice, and its widgets with it
    target = st.session_state["semi_target"]
    forget_widgets("semi_")
    st.session_state["semi_target"] = target


def _ask_for_target(schema: Schema) -> None:
    st.info(
        "Choose the column in which some rows have a label and the others do not.",
        icon=":material/arrow_upward:",
    )
    gaps = [c for c in schema.columns if c.missing and c.name in labels_of(schema)]
    if not gaps:
        st.caption("No column of this table has empty cells, unless a word stands for them.")
        frame.link("data.py", "Bring another table")
        return
    # A column without any label would have to be labelled by hand first.
    most = max(gaps, key=lambda column: (column.distinct > 1, column.missing))
    st.button(
        f"Take “{literal(most.name)}” ({most.missing:,} of {schema.n_rows:,} rows are empty)",
        key="semi_take",
        icon=":material/check:",
        on_click=_take,
        args=(most.name,),
        help="Of the columns with labels, the one with the most empty cells.",
    )


def _take(name: str) -> None:
    st.session_state["semi_target"] = name


# --- words for "no label" ----------------------------------------------------------------------


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words in a text that are divided by commas.

    >>> tokens_of(" ?, unknown ,,")
    ('?', 'unknown')
    """
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _tokens(table: Dataset, saved: FewLabelsSetup) -> tuple[str, ...]:
    start = ", ".join(saved.split.no_label)
    st.session_state["semi_no_label"] = st.session_state.get("semi_no_label", start)
    text = st.text_input(
        "What else stands for “no label”",
        key="semi_no_label",
        placeholder="Nothing: only empty cells have no label",
        help=(
            "Words or numbers in the column that mean “not labelled yet”, divided by commas, such "
            "as “unknown, -1”. Capital letters do not matter. Empty cells and what was read as "
            "empty (such as “?” or “NA”) never count as a label."
        ),
        width=480,
    )
    return tokens_of(text or "")


def _offered_token(table: Dataset, target: str, config: FewLabelsConfig) -> str | None:
    """Return the usual word for "no label" that most rows have, unless it was named."""
    counts = few_facts.labels(table, target, config).value_counts()
    if counts.empty:
        return None
    word, rows = str(counts.index[0]), int(counts.iloc[0])
    is_usual = word.strip().casefold() in _USUAL_TOKENS
    return word if is_usual and rows >= _MOSTLY * len(table.frame) else None


def _can_go_on(table: Dataset, saved: FewLabelsSetup, config: FewLabelsConfig) -> bool:
    """Say how many rows are labelled, and whether there is something to do."""
    labels = few_facts.labels(table, saved.target, config)
    if labels.notna().all():
        st.info(
            f"Every row has a label in “{literal(saved.target)}” already, so there is nothing to "
            "complete. A model that predicts it for new rows is what the Set up page is for. If "
            "some word stands for “no label”, name it above.",
            icon=":material/done_all:",
        )
        frame.link("setup.py", "Go to Set up")
        if config.typed:
            few_typed.draw_list(table, saved, "semi_typed")
        return False
    few_known.draw(table, saved, config)
    return labels.nunique() > 1


# --- features and settings ---------------------------------------------------------------------


def _features(schema: Schema, saved: FewLabelsSetup) -> list[str]:
    st.subheader("What rows are compared by")
    choices = [c.name for c in schema.columns if c.kind in LEARNABLE and c.name != saved.target]
    wanted = st.session_state.get("semi_features", saved.features)
    # The table may have changed since: what cannot be chosen any more is dropped.
    st.session_state["semi_features"] = [name for name in wanted if name in choices]
    features: list[str] = st.multiselect(
        "Features",
        choices,
        key="semi_features",
        placeholder="Choose one or several",
        help=(
            "Rows that are alike in these columns are taken to have the same label. A column that "
            "has nothing to do with it makes rows look different that are not."
        ),
    )
    for line in _left_aside(schema, saved.target, features):
        st.caption(line)
    return features


def _left_aside(schema: Schema, target: str, features: list[str]) -> Iterable[str]:
    """Say which columns stay out by themselves, and why."""
    rest = [c for c in schema.columns if c.name not in features and c.name != target]
    labels = [c for c in rest if c.role is Role.LABEL]
    if labels:
        yield (
            f":material/label: Left aside: {_names(labels)}. A second label may say the same as "
            "the one that is to be completed."
        )
    others = [c for c in rest if c.kind not in LEARNABLE or c.role in _ASIDE]
    if others:
        yield f":material/block: Left aside for their kind or role: {_names(others)}."


_ASIDE = (Role.IGNORED, Role.GROUP, Role.TIME, Role.WEIGHT)


def _names(columns: list[Column]) -> str:
    return literal(", ".join(f"{column.name} ({column.kind.value})" for column in columns))


def _settings(saved: FewLabelsSetup) -> dict[str, Any]:
    """Draw preparation and judgement, folded; return what they show."""
    with st.expander("Preparation", icon=":material/tune:"):
        st.caption("How columns become numbers that can be compared.")
        preparation = param_form(
            PREPARATION, {**defaults(PREPARATION), **saved.preparation}, "semi_prepare"
        )
    with st.expander("How it is judged", icon=":material/gavel:"):
        st.caption(
            "Labels that are known are hidden in turn and found again. What spreads labels never "
            "sees those that it is judged by."
        )
        split = param_form(FEW_LABELS_PARAMS, saved.split.values(), "semi_split")
        rival = _rival(saved.split.rival)
    return {"preparation": preparation, "split": split, "rival": rival}


def _rival(saved: str) -> str:
    st.session_state["semi_rival"] = st.session_state.get("semi_rival", saved)
    chosen: str = st.selectbox(
        "Rival",
        list(BASES),
        format_func=lambda name: BASES[name].name,
        key="semi_rival",
        help=(
            "The classifier that learns from the labelled rows alone, with its default settings. "
            "When the rows without a label help, the others beat it. Self-training is compared "
            "with the classifier that it is built around instead."
        ),
    )
    return chosen
