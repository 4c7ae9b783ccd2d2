"""Which rows to label next: a work list that can be filled in, and the run repeated with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.next_labels import UNREACHED
from mlcore.experiment import Experiment
from mlcore.messages import listing
from mlcore.setups import FewLabelsSetup
from mlcore.training.runs import Run, submit_training
from pages.ui import stored
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts, few_typed
from pages.ui.session import session, workspace
from pages.ui.text import literal

_REASONS = {True: "no label reaches it", False: "least certain of its region"}


def draw(run: Run, trained: Sequence[Run], table: Dataset) -> None:
    """Draw the work list, what was typed in, and the button that repeats the run."""
    st.markdown("**Whose label would help most**")
    st.caption(
        "First one row for each group that no label reaches, then the least certain rows, one for "
        "each region: neighbours of a row say the same again."
    )
    proposed = few_facts.frame(run.id, "next")
    if proposed.empty:
        st.success("Every row has a label already.", icon=":material/check_circle:")
        return
    if not few_facts.is_of(run, table):
        few_facts.say_changed()
        return
    setup = stored.saved_few_labels_setup(table, run.experiment.label)
    rows = [int(row) for row in proposed["row"]]
    few_typed.draw_editor(table, setup, rows, f"semi_next_{run.id}", *_beside(proposed, table))
    frame_button(
        "Download the work list as CSV",
        "semi_next_csv",
        work_list(table, setup, proposed),
        "label_next.csv",
    )
    _draw_typed(run, trained, table, setup)


def _beside(proposed: pd.DataFrame, table: Dataset) -> tuple[pd.DataFrame, Mapping[str, object]]:
    """Return what is said of each row, and how it is drawn."""
    taken = {few_typed.ROW, few_typed.LABEL, *table.frame.columns}
    names = [few_typed.free_name(name, taken) for name in ("why", "certainty", "stands for")]
    why, certainty, stands_for = names
    frame = pd.DataFrame(
        {
            why: proposed["reason"].eq(UNREACHED).map(_REASONS),
            certainty: proposed["certainty"],
            stands_for: proposed["region_rows"],
        }
    )
    return frame, {
        why: st.column_config.TextColumn("Why", help="Why its label would help."),
        certainty: st.column_config.NumberColumn(
            "Certainty", format="%.2f", help="Its highest probability; 0 where no label reaches."
        ),
        stands_for: st.column_config.NumberColumn(
            "Stands for", help="Rows of the same group or region, which its label would help too."
        ),
    }


def work_list(table: Dataset, setup: FewLabelsSetup, proposed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to label next, as they can be handed to someone: an empty label to fill in.

    Parameters
    ----------
    table : Dataset
        Where the rows stand.
    setup : FewLabelsSetup
        Labels that were typed in already are filled in.
    proposed : DataFrame
        The run's table ``next``.

    Returns
    -------
    DataFrame
        The row's number, its label, why it is there, its certainty, how many rows it stands for,
        and the columns of the table.
    """
    rows = [int(row) for row in proposed["row"]]
    return few_typed.editor_frame(table, setup, rows, _beside(proposed, table)[0])[0]


def _draw_typed(run: Run, trained: Sequence[Run], table: Dataset, setup: FewLabelsSetup) -> None:
    """Draw what was typed in, and the button that repeats the run."""
    typed = setup.split.typed
    if typed:
        few_typed.draw_list(table, setup, "semi_next_typed")
    again = repeated(run, trained, setup)
    is_new = typed != few_facts.config_of(run).typed
    names = listing((plan.spec.name for plan in again), len(again))
    if st.button(
        "Run again with these labels",
        key="semi_again",
        type="primary",
        icon=":material/replay:",
        disabled=not is_new,
        help=(
            f"Starts {literal(names)} again, with the settings they had and the labels typed in."
            if is_new
            else "Type labels into the table above first."
        ),
    ):
        _start(run, again)


def repeated(run: Run, trained: Sequence[Run], setup: FewLabelsSetup) -> list[Experiment]:
    """Return the experiments of all runs that were asked the same as a run, with other labels.

    Parameters
    ----------
    run : Run
        The one that is looked at.
    trained : sequence of Run
        Those that may have been asked the same.
    setup : FewLabelsSetup
        Has the labels that were typed in.
    """
    typed = setup.split.typed

    def asked(other: Run) -> Experiment:
        return replace(other.experiment, algorithm="", params={})

    found: list[Experiment] = []
    for other in trained:
        plan = replace(other.experiment, split=replace(few_facts.config_of(other), typed=typed))
        if asked(other) == asked(run) and plan not in found:
            found.append(plan)
    return found


def _start(run: Run, again: Sequence[Experiment]) -> None:
    names = [plan.spec.name for plan in again]
    started = submit_training(workspace(), session().dataset or "", again, names)
    own = [
        identifier
        for identifier, plan in zip(started, again, strict=True)
        if (plan.algorithm, plan.params) == (run.experiment.algorithm, run.experiment.params)
    ]
    # Shown in place of the run that is looked at, as soon as it is there.
    session().semi_awaited = own[0]
    st.rerun()
