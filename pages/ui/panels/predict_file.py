"""Many rows: a file is looked through, predicted by a job, and taken away with its answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.typing import UploadedFile

from mlcore.data.reading.formats import ENDINGS
from mlcore.registry.bundle_files.contract import listing
from mlcore.serving.opened import OpenVersion
from mlcore.serving.table_predictions import (
    CSV,
    MOST_LISTED,
    PREVIEW_ROWS,
    Checked,
    Done,
    Source,
    TablePredictions,
)
from mlcore.training.jobs import Job, JobStatus
from pages.ui import show, stored, watching
from pages.ui.downloads import download_button
from pages.ui.panels import predict_measured
from pages.ui.session import workspace
from pages.ui.text import literal


def draw(opened: OpenVersion, policy: str) -> None:
    """Draw the way of a file from the upload to the download."""
    upload = st.file_uploader(
        "A file with rows to predict",
        type=list(ENDINGS),
        key="predict_file",
        help=(
            "CSV and other text, Excel, OpenDocument, Parquet or JSON, also packed. Columns are "
            "matched by name, in any order; others are kept and not used. The file stays on this "
            "machine."
        ),
    )
    if upload is not None:
        _stage(opened, upload)
    identifier = workspace().recall(_memory(opened))
    store = TablePredictions(workspace())
    source = store.source(identifier) if identifier else None
    if source is None:
        names = listing([feature["name"] for feature in opened.schema["features"]])
        st.caption(f"The header must have the columns {literal(names)}.")
        return
    _title(opened, identifier, source)
    if not _is_over(identifier, "check_rows", "predict_check_cancel"):
        return
    checked = store.checked(identifier)
    if checked is not None:
        _checked(store, identifier, checked, policy)
        _predicted(store, identifier, policy)


def _memory(opened: OpenVersion) -> str:
    return f"predict_file:{opened.version.id}"


def _stage(opened: OpenVersion, upload: UploadedFile) -> None:
    """Take a file that was just brought; the one before it goes, with what came of it."""
    seen = st.session_state.setdefault("predict_seen", {})
    if seen.get(opened.version.id) == upload.file_id:
        return
    seen[opened.version.id] = upload.file_id
    _forget(opened)
    identifier = TablePredictions(workspace()).stage(upload.name, upload.getvalue(), opened.version)
    workspace().remember(_memory(opened), identifier)
    stored.jobs().submit("check_rows", identifier, {})


def _forget(opened: OpenVersion) -> None:
    if identifier := workspace().recall(_memory(opened)):
        stored.jobs().forget(identifier)
        TablePredictions(workspace()).delete(identifier)
        workspace().remember(_memory(opened), None)


def _title(opened: OpenVersion, identifier: str, source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(source.name))
        st.button(
            "Remove",
            key="predict_remove",
            icon=":material/delete:",
            help="Removes the file and its predictions from this machine's workspace.",
            on_click=_forget,
            args=(opened,),
        )


def _latest(identifier: str, kind: str) -> Job | None:
    found = [job for job in stored.jobs().for_subject(identifier) if job.kind == kind]
    return found[-1] if found else None


def _is_over(identifier: str, kind: str, cancel_key: str) -> bool:
    """Draw a job that is not over, or why it did not end well; return whether it ended well."""
    job = _latest(identifier, kind)
    if job is None or job.status is JobStatus.DONE:
        return True
    if job.is_active:
        watching.draw(job.id, cancel_key=cancel_key)
    elif job.error is not None:
        st.error(literal(job.error), icon=":material/error:")
    else:
        st.info("This was stopped. Bring the file again to go on.", icon=":material/stop:")
    return False


def _checked(store: TablePredictions, identifier: str, checked: Checked, policy: str) -> None:
    refused = checked.refused[policy]
    st.markdown(
        f"**{checked.rows:,} rows**: {checked.rows - refused:,} get a prediction"
        + (f", {refused:,} get none." if refused else ".")
    )
    if checked.ignored:
        st.caption(
            f":material/info: Not used: {literal(listing(checked.ignored))}. These columns are "
            "only copied."
        )
    for caution in checked.cautions:
        st.warning(literal(caution), icon=":material/warning:")
    if checked.ragged:
        st.warning(
            f"{checked.ragged:,} rows have more or fewer cells than the header. Cells that lack "
            "are missing values, surplus ones are left out.",
            icon=":material/warning:",
        )
    if not checked.problems:
        st.success("Nothing in the file is odd.", icon=":material/check_circle:")
        return
    with st.expander(f"{checked.problems:,} places to look at", expanded=True):
        for sentence in checked.sentences:
            st.caption(f":material/warning: {literal(sentence)}")
        frame = store.frame(identifier, "problems")
        if frame is not None:
            _problems(frame, checked, policy)


def _problems(frame: pd.DataFrame, checked: Checked, policy: str) -> None:
    refused = frame["is_refused"] | (policy == "refuse")
    frame = frame.assign(then=refused.map({True: "No prediction", False: "Predicted all the same"}))
    show.table(
        frame[["row", "column", "problem", "then"]],
        alt="What is odd in the file, by row",
        column_config={
            "row": st.column_config.NumberColumn(
                "Row", width="small", help="1 is the first row below the header."
            ),
            "column": "Column",
            "problem": st.column_config.TextColumn("What is odd", width="large"),
            "then": "What happens",
        },
    )
    if checked.problems > MOST_LISTED:
        st.caption(f"The first {MOST_LISTED:,} are listed.")


def _predicted(store: TablePredictions, identifier: str, policy: str) -> None:
    job, done = _latest(identifier, "predict_rows"), store.done(identifier)
    if job is not None and job.is_active:
        watching.draw(job.id, cancel_key="predict_cancel")
        return
    if job is not None and job.error is not None:
        st.error(literal(job.error), icon=":material/error:")
    elif job is not None and job.status is JobStatus.CANCELLED:
        st.info("Predicting was stopped.", icon=":material/stop:")
    is_new = done is None or done.policy != policy
    if is_new and st.button(
        "Predict the rows",
        key="predict_run",
        type="primary",
        icon=":material/play_arrow:",
        help="Runs beside the pages and can be stopped.",
    ):
        stored.jobs().submit("predict_rows", identifier, {"policy": policy})
        st.rerun()
    if done is not None:
        _result(store, identifier, done)


def _result(store: TablePredictions, identifier: str, done: Done) -> None:
    st.subheader("Predictions")
    refused = f", {done.refused:,} got none" if done.refused else ""
    manner = "refused" if done.policy == "refuse" else "predicted with a warning"
    st.caption(
        f"{done.rows - done.refused:,} rows predicted{refused}. Rows with something that training "
        f"did not see were {manner}."
    )
    preview = store.frame(identifier, "preview")
    if preview is not None:
        show.table(
            preview, alt="The first rows with their predictions", column_config=_shares(preview)
        )
        if done.rows > PREVIEW_ROWS:
            st.caption(f"The first {PREVIEW_ROWS} rows; the download has all.")
    with st.container(horizontal=True):
        _downloads(store, identifier)
    predict_measured.scores(store.frame(identifier, "scores"), done)
    predict_measured.drift(store.frame(identifier, "drift"))


def _shares(preview: pd.DataFrame) -> dict[str, object]:
    return {
        name: st.column_config.NumberColumn(format="%.4g")
        for name in preview.columns
        if preview[name].dtype.kind == "f"
    }


def _downloads(store: TablePredictions, identifier: str) -> None:
    source = store.source(identifier)
    stem = Path(source.name).stem if source else "rows"

    def csv() -> tuple[Path, str]:
        return store.folder(identifier) / CSV, f"{stem}-predicted.csv"

    def excel() -> tuple[Path, str]:
        with st.spinner("Writing the spreadsheet …"):
            stored.wait(stored.jobs().submit("package_rows", identifier, {}))
        return store.write_excel(identifier), f"{stem}-predicted.xlsx"

    download_button("Download CSV", "predict_csv", csv)
    download_button("Download Excel", "predict_excel", excel)
