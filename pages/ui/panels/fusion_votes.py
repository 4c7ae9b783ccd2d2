"""How the votes are read, and what that makes of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.reading import MARKS
from mlcore.errors import UserError
from mlcore.fusion.config import FUSION_PARAMS, FusionConfig
from mlcore.params import check_values
from mlcore.setups import FusionSetup, check_fusion
from pages.ui import show, stored
from pages.ui.forms import param_form
from pages.ui.panels import fusion_columns, fusion_edits, fusion_facts, fusion_models
from pages.ui.panels.fusion_facts import Read
from pages.ui.session import session
from pages.ui.text import literal

_KINDS = {False: "Classes", True: "Numbers on a scale"}

#: Labels that are offered as words for "I do not know", and that the table of labels shows.
_MOST_LABELS = 200

#: So many labels are listed in full; a table of more is scrolled.
_FEW_LABELS = 8

#: Classes that are put into an order one by one; more of them have their own (by value or name).
_MOST_ORDERED = 50


def draw(table: Dataset) -> tuple[FusionSetup, Read] | None:
    """Draw everything about the votes; ``None`` while they cannot be fused, which is said."""
    saved = stored.saved_fusion_setup(table)
    placed = fusion_columns.draw(table, saved)
    if placed is None:
        return None
    try:
        check_fusion(table, replace(placed, split=replace(placed.split, learner=None)))
        setup = _reading(table, placed, is_new=not stored.has_fusion_setup())
        read = fusion_facts.read(table, setup)
        setup = fusion_models.draw(table, setup)
        check_fusion(table, setup)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    _overview(read, setup)
    _mention_marks(setup)
    fusion_edits.draw(setup.split.edits)
    return setup, read


def _reading(table: Dataset, placed: FusionSetup, *, is_new: bool) -> FusionSetup:
    """Draw how labels are read and how ties are decided.

    Raises
    ------
    UserError
        There is no vote, or a knob has no value.
    """
    start = fusion_facts.with_guesses(table, placed) if is_new else placed
    with st.container(horizontal=True, vertical_alignment="top"):
        abstain = _abstain(fusion_facts.bare(table, placed).votes.classes, start.split)
        numbers = _kind(start.split)
    split = replace(start.split, abstain=abstain, numbers=numbers)
    edits = fusion_edits.usable(table, replace(placed, split=split))
    split = replace(split, edits=edits)
    classes = fusion_facts.read(table, replace(placed, split=split)).votes.classes
    return replace(placed, split=_ties(classes, split))


def _abstain(labels: Sequence[str], split: FusionConfig) -> tuple[str, ...]:
    st.session_state.setdefault("fusion_abstain", list(split.abstain))
    offered = list(dict.fromkeys([*labels[:_MOST_LABELS], *st.session_state["fusion_abstain"]]))
    chosen = st.multiselect(
        "Labels that mean “I do not know”",
        offered,
        key="fusion_abstain",
        accept_new_options=True,
        placeholder="None",
        help=(
            "An abstention: the source looked at the row and gave no label. It is no vote, but it "
            "is not missing either: an empty cell means that the source never saw the row, and "
            "counts for nothing. Abstentions count as covered rows."
        ),
    )
    return tuple(chosen)


def _kind(split: FusionConfig) -> bool:
    st.session_state.setdefault("fusion_kind", split.numbers)
    chosen = st.segmented_control(
        "Labels are",
        list(_KINDS),
        format_func=lambda is_number: _KINDS[is_number],
        required=True,
        key="fusion_kind",
        help=(
            "Classes are counted: the fused label is one that was given. Numbers on a scale are "
            "averaged: the fused number may lie between those that were given."
        ),
    )
    return bool(chosen)


def _ties(classes: Sequence[str], split: FusionConfig) -> FusionConfig:
    """Draw the rule for ties and the order of the classes; for numbers only the seed."""
    params = [param for param in FUSION_PARAMS if not (split.numbers and param.name == "ties")]
    columns = st.columns([1, 2], gap="medium")
    with columns[0]:
        values = param_form(params, split.values(), "fusion")
    checked: dict[str, Any] = check_values("The fusion", FUSION_PARAMS, values)
    split = replace(split, **checked)
    if split.numbers:
        return replace(split, order=())
    with columns[1]:
        return replace(split, order=_order(classes, split))


def _order(classes: Sequence[str], split: FusionConfig) -> tuple[str, ...]:
    st.session_state.setdefault("fusion_ordered", bool(split.order))
    is_ordinal = st.toggle(
        "The classes have an order",
        key="fusion_ordered",
        help=(
            "Such as low, medium, high. Then agreement between sources is also measured so that "
            "neighbours in the order are nearer than its ends."
        ),
    )
    if not is_ordinal and split.ties != "order":
        return ()
    wanted = st.session_state.get("fusion_order", split.order or classes[:_MOST_ORDERED])
    st.session_state["fusion_order"] = [name for name in wanted if name in classes]
    order = st.multiselect(
        "Order of the classes",
        list(classes),
        key="fusion_order",
        placeholder="Choose them in their order",
        help="From the first to the last; those that are left out come last.",
    )
    return tuple(order)


def _overview(read: Read, setup: FusionSetup) -> None:
    """Say at once what was read."""
    votes = read.votes
    per_row = votes.per_row()
    with st.container(border=True):
        row = st.container(horizontal=True)
        row.metric("Rows", f"{votes.n_rows:,}", help="What was labelled, one row each.")
        row.metric("Sources", f"{votes.n_sources:,}", help="Whoever gave labels.")
        row.metric("Votes", f"{votes.n_votes:,}", help="Labels that sources gave to rows.")
        row.metric(
            "Votes a row",
            f"{np.median(per_row):g}",
            help=f"The median; from {per_row.min():,} to {per_row.max():,}.",
        )
        row.metric(
            "Abstentions",
            f"{len(votes.abstained_row):,}",
            help="Where a source said that it does not know.",
        )
        if setup.target is not None:
            row.metric(
                "Gold rows",
                f"{read.gold_rows:,}",
                help="Rows whose true label is known. They judge the rules and the sources.",
            )
        _labels(read, setup)
        show.notes(votes.notes)


def _labels(read: Read, setup: FusionSetup) -> None:
    votes = read.votes
    counts = np.bincount(votes.label, minlength=votes.n_classes)
    if setup.split.numbers and votes.values is not None:
        low, high = votes.values.min(), votes.values.max()
        st.caption(f"Numbers from {low:g} to {high:g}, {votes.n_classes:,} of them different.")
        return
    table = pd.DataFrame(
        {
            "Label": votes.classes,
            "Votes": counts,
            "Share of the votes": (counts / max(1, counts.sum())).round(3),
        }
    ).sort_values("Votes", ascending=False, kind="stable")
    show.table(
        table.head(_MOST_LABELS),
        alt="Each label with the number of its votes",
        height="content" if len(table) <= _FEW_LABELS else 320,
        column_config={
            "Share of the votes": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            )
        },
    )
    if votes.values is not None and len(table) > 2:
        st.caption(
            ":material/info: The labels are numbers and are treated as names: to every rule for "
            "classes 1 is as different from 2 as from 5. Median and trimmed mean treat them as "
            "numbers; “Numbers on a scale” above offers these rules."
        )
    if len(table) > _MOST_LABELS:
        st.caption(f"The {_MOST_LABELS} most frequent of {len(table):,} labels are shown.")


def _mention_marks(setup: FusionSetup) -> None:
    """Say where marks that may be abstentions were read as empty cells."""
    reading = stored.datasets().reading(session().dataset or "")
    found = [f"“{mark}” ({reading.missing[mark]:,})" for mark in MARKS if mark in reading.missing]
    if found:
        st.caption(
            ":material/info: Read as empty cells, here as no vote: "
            f"{literal(', '.join(found))}. The fused labels are the same either way. If such a "
            "mark means “I do not know” and should count as an abstention, bring the file again "
            "on the Data page and keep these marks as values."
        )
