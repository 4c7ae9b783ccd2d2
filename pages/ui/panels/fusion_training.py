"""From a fused label to a table that models are trained on."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.fusion_scores import label_quality
from mlcore.training.fused_table import FusedTable, fused_table
from mlcore.training.runs import Run
from pages.ui import stored
from pages.ui.panels import fusion_facts
from pages.ui.session import session, use_dataset
from pages.ui.text import literal

_HELP = {
    False: (
        "Makes a new table: your columns without the votes, the fused label, and its confidence, "
        "which is the weight of each row in training. Undecided rows have no label and are left "
        "out."
    ),
    True: (
        "Makes a new table: your columns without the votes, and the fused number as the label. "
        "Rows without a number are left out."
    ),
}


def draw(run: Run, table: Dataset) -> None:
    """Draw the button that makes the table and goes on with it."""
    is_of = fusion_facts.is_of(run, table)
    words = _HELP[fusion_facts.config_of(run).numbers]
    if st.button(
        "Train on the fused label",
        key="fusion_train",
        icon=":material/model_training:",
        disabled=not is_of,
        help=words if is_of else "The table was changed after this run; start the run again.",
    ):
        try:
            with st.spinner("Making the table …"):
                made = fused_table(stored.runs(), run.id)
                identifier = _read(made)
        except UserError as error:
            st.error(literal(error), icon=":material/error:")
            return
        use_dataset(identifier)
        quality = label_quality(stored.evaluation(run.id), numbers=made.is_number)
        said = (f"A new table is in use: “{made.name}”.", *map(str, (*made.notes, *quality)))
        session().notice = ("setup.py", "\n\n".join(said))
        st.switch_page("setup.py")


def _read(made: FusedTable) -> str:
    """Have the table read by a job, as any file is; return its id."""
    store = stored.datasets()
    identifier = made.stage(store)
    try:
        stored.wait(stored.jobs().submit("read", identifier, made.options.to_json()))
        made.finish(store, identifier)
    except UserError:
        store.delete(identifier)
        raise
    return identifier
