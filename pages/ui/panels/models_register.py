"""Give a trained run a name, under which its versions count up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from mlcore.errors import UserError
from mlcore.messages import listing
from mlcore.registry.bundle_files.contract import ONNX, SCIKIT_LEARN
from mlcore.registry.store import (
    CHAMPION,
    ModelVersion,
    RegisteredModel,
    checked_model_name,
    suggested_model_name,
)
from mlcore.training.runs import Run
from pages.ui import frame, stored, watching
from pages.ui.registering import can_be_registered
from pages.ui.session import session
from pages.ui.text import literal

#: What can answer for a model.
_ENGINES = {
    ONNX: "ONNX Runtime where it gives the same answers (quicker for few rows)",
    SCIKIT_LEARN: "scikit-learn",
}
#: Stands in the session while the page is drawn anew after a registration.
_MADE = "models_made"


def follow() -> None:
    """Draw the registration that is under way, or say what came of it."""
    if st.session_state.pop(_MADE, False):
        _begin_anew()
    state = session()
    if state.register_job is None:
        return
    try:
        job = stored.jobs().get(state.register_job)
    except KeyError:  # it went with the run
        state.register_job = None
        return
    if job.is_active:
        watching.draw(job.id)
        return
    state.register_job = None
    if job.error:
        st.error(literal(job.error), icon=":material/error:")
    elif made := _newest(job.queued):
        _say_done(made)


def _say_done(made: ModelVersion) -> None:
    """Show the model that a version was added to, with an empty form above it."""
    state = session()
    state.model = made.model
    st.session_state[_MADE] = True
    state.notice = ("models.py", f"Version {made.number} of “{made.model}” is registered.")
    st.rerun()


def _begin_anew() -> None:
    """Empty the forms; the browser hears only of what is set in the run that draws them."""
    for chosen in ("models_model", "model_version"):  # the newest is what one wants to see now
        st.session_state.pop(chosen, None)
    st.session_state["models_register"] = False
    st.session_state["register_note"] = st.session_state["import_note"] = ""


def _newest(since: float) -> ModelVersion | None:
    """Return the newest version that was made since a moment."""
    made = [one for model in stored.registry().all() for one in model.versions]
    newest = max(made, key=lambda version: version.created, default=None)
    return newest if newest and newest.created >= since else None


def draw(models: Sequence[RegisteredModel]) -> None:
    """Draw the form that registers a run; before the first one it is all there is."""
    offered = {run.id: run for run in reversed(stored.runs().all()) if can_be_registered(run)}
    if not models:
        st.info(_how_to_begin(bool(offered)), icon=":material/inventory_2:")
        if offered:
            _form(offered, models)
        else:
            frame.link("train.py", "Go to Train")
        return
    if session().register_run in offered:
        st.session_state["models_register"] = True
    with st.expander(
        "Register a run", icon=":material/add:", key="models_register", on_change="rerun"
    ):
        if offered:
            _form(offered, models)
        else:
            st.caption("No trained run is left that could be registered. Train one first.")


def _how_to_begin(is_trained: bool) -> str:
    begin = "No model is registered yet. A registered model has a name, versions that count up, "
    begin += "and an address where programs ask it. "
    if is_trained:
        return begin + "Choose a trained run, name it, and press the button."
    return begin + "Train one first; its results then have a button to register it."


def _form(offered: Mapping[str, Run], models: Sequence[RegisteredModel]) -> None:
    run = _choose(offered)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        name = st.text_input(
            "Name",
            key="register_name",
            max_chars=100,
            help="It stands in the model's address: letters, digits, “-”, “_” and “.”. Under a "
            "name that is there already, the run becomes its next version.",
        )
    with right:
        note = st.text_input(
            "Note",
            key="register_note",
            max_chars=2000,
            placeholder="What is special about this version",
            help="Stands beside the version, for you and your colleagues. It may stay empty.",
        )
    engine = st.selectbox(
        "Answers come from",
        _ENGINES,
        format_func=_ENGINES.__getitem__,
        key="register_engine",
        help="The answers are compared on more than a thousand hard rows first; where they differ, "
        "or a column holds free text, scikit-learn answers. A forest that mostly predicts files "
        "of many rows is quicker with scikit-learn.",
    )
    _say_what_it_becomes(run, name, models)
    if st.button(
        "Register",
        key="register_submit",
        type="primary",
        icon=":material/inventory_2:",
        disabled=session().register_job is not None,
        help="The model is written, opened again and compared with the original before it counts.",
    ):
        _submit(run, name, note, engine)


def _choose(offered: Mapping[str, Run]) -> Run:
    """Draw the choice of the run; the one that another page wants comes first."""
    state = session()
    wanted, state.register_run = state.register_run, None
    if wanted is not None and wanted in offered:
        st.session_state["register_run"] = wanted
        _suggest()
    if st.session_state.get("register_run") not in offered:
        first = state.run if state.run in offered else _usual(offered)
        st.session_state["register_run"] = first
    if "register_name" not in st.session_state:
        _suggest()
    chosen = st.selectbox(
        "Trained run",
        list(offered),
        format_func=lambda identifier: _title(offered[identifier]),
        key="register_run",
        on_change=_suggest,
        help="Runs of every table that leave a model: those that predict a label, and those that "
        "give rows to groups. The newest comes first.",
    )
    return offered[chosen]


def _usual(offered: Mapping[str, Run]) -> str:
    """Return the newest run that is more than the baseline the others are measured by."""
    models = (name for name, run in offered.items() if not run.experiment.spec.is_baseline)
    return next(models, next(iter(offered)))


def _suggest() -> None:
    """Suggest a name for the chosen run; one that somebody typed stays."""
    if "register_run" not in st.session_state:
        return
    run, state = stored.runs().get(st.session_state["register_run"]), session()
    before, state.register_suggested = state.register_suggested, _suggestion(run)
    named = st.session_state.get("register_name", "")
    # Setting a box anew, even to the same, would take away what is being typed.
    if named in ("", before) and named != state.register_suggested:
        st.session_state["register_name"] = state.register_suggested


def _suggestion(run: Run) -> str:
    """Return a name that says what is predicted, so that a better run is its next version."""
    table = stored.datasets().name(run.dataset_id)
    return suggested_model_name(f"{table} {run.experiment.target or 'groups'}")


def _title(run: Run) -> str:
    """Return what tells a run from the others in the list."""
    target = run.experiment.target
    does = f"predicts {target}" if target else "finds groups"
    return f"{run.name} · {does} · {stored.datasets().name(run.dataset_id)}"


def _say_what_it_becomes(run: Run, name: str, models: Sequence[RegisteredModel]) -> None:
    """Say which version it will be, and whether programs must send something else to it."""
    found = next((model for model in models if model.name == name.strip()), None)
    if found is None:
        st.caption(":material/new_releases: A new model; its first version becomes the champion.")
        return
    st.caption(
        f":material/history: The next version of “{literal(found.name)}”. The champion goes on "
        "answering until you promote another version."
    )
    champion = found.pointed_at(CHAMPION)
    if champion is None:
        return
    try:
        before = stored.version_facts(champion)
    except UserError:
        return
    new, old = set(run.experiment.features), set(before.columns)
    if new - old:
        st.warning(
            "Programs that ask this model must send more than the champion needs: "
            f"{literal(listing(sorted(new - old)))}.",
            icon=":material/warning:",
        )
    if before.schema.get("target") != run.experiment.target:
        st.warning("It predicts something else than the champion does.", icon=":material/warning:")


def _submit(run: Run, name: str, note: str, engine: str) -> None:
    try:
        named = checked_model_name(name)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    payload = {"name": named, "note": note, "engine": engine}
    session().register_job = stored.jobs().submit("register", run.id, payload)
    watching.a_moment([run.id])
    st.rerun()
