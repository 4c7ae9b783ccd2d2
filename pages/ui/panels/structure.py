"""Whether there are groups at all: asked before anything else."""

from __future__ import annotations

import streamlit as st

from mlcore.algorithms.clustering import K_MEANS
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.structure import LEVEL, Structure
from mlcore.setups import ClusterSetup
from mlcore.training.jobs import Job, JobStatus
from mlcore.workflow.exploring import STRUCTURE, structure_plan
from pages.ui import stored, watching
from pages.ui.session import session
from pages.ui.text import literal


def draw(table: Dataset, setup: ClusterSetup) -> None:
    """Draw the answer; while there is none, its job, which is started by itself."""
    st.subheader("Is there any structure?")
    # The test reads the prepared rows, which are the same for every algorithm.
    plan = structure_plan(setup.experiment(table, K_MEANS.id))
    found = stored.analysis(STRUCTURE, plan)
    if found is not None:
        say(Structure.from_frame(found))
        return
    job = stored.analysis_job("structure", plan)
    if job is None or job.status is JobStatus.DONE:
        job = _start(plan, setup)
    if job.is_active:
        watching.draw(job.id, cancel_key="cluster_structure_cancel")
        return
    if job.error:
        st.error(literal(job.error), icon=":material/error:")
    else:
        st.info("The test was cancelled.", icon=":material/cancel:")
    if st.button("Test again", key="cluster_structure_again"):
        _start(plan, setup)
        st.rerun()


def _start(plan: dict[str, object], setup: ClusterSetup) -> Job:
    """Start the test, instead of the one this tab waited for with other columns."""
    before = session().structure_job
    if before is not None and _is_active(before):
        stored.jobs().cancel(before)
    job = stored.start_analysis("structure", plan, {"setup": setup.to_json()})
    session().structure_job = job.id
    return job


def _is_active(job: str) -> bool:
    try:
        return stored.jobs().get(job).is_active
    except UserError:
        return False


def say(structure: Structure) -> None:
    """Draw the outcome with its test, its p-value and the Hopkins statistic."""
    words = literal(structure.verdict)
    if structure.found:
        st.success(words, icon=":material/check_circle:")
    elif structure.tested:
        st.warning(words, icon=":material/warning:")
    else:
        st.info(words, icon=":material/info:")
    with st.container(horizontal=True):
        if structure.tested:
            st.metric(
                "p-value",
                f"{structure.p_value:.2f}",
                width="content",
                help=(
                    "How often a simulated table with a single group looks at least as grouped as "
                    f"this one. Up to {LEVEL} counts as structure. Test: {structure.test_name}."
                ),
            )
        if about := structure.about_hopkins:
            st.metric("Hopkins", f"{structure.hopkins:.2f}", width="content", help=str(about))
