"""What the pages choose alike: algorithms to start, and the run to look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from mlcore.algorithms.catalogue import class_weights
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.trees import CLASS_WEIGHT
from mlcore.params import defaults
from mlcore.tasks import Task
from mlcore.training.runs import Run
from pages.ui.session import forget_widgets, workspace


def choose_algorithms(
    key: str, known: Mapping[str, AlgorithmSpec], wanted: Sequence[str], help: str
) -> list[str]:
    """Draw the choice of algorithms; what is not known (any more) is dropped, not an error.

    Parameters
    ----------
    key : str
        Of the widget.
    known : mapping of str to AlgorithmSpec
        What can be chosen, by id.
    wanted : sequence of str
        Chosen at first.
    help : str
        What choosing several is good for.
    """
    chosen = st.session_state.get(key, wanted)
    st.session_state[key] = [name for name in chosen if name in known]
    return st.multiselect(
        "Algorithms",
        list(known),
        format_func=lambda name: known[name].name,
        key=key,
        help=help,
        placeholder="Choose one or several",
    )


def remembered(task: Task) -> dict[str, Any]:
    """Return what was chosen for a task last: algorithms, and their parameters by id."""
    return workspace().recall(f"algorithms:{task}") or {}


def remember(task: Task, params: Mapping[str, Mapping[str, Any]], **others: Any) -> None:
    """Keep what was chosen for a task; algorithms that are not named keep their parameters."""
    known = remembered(task)
    params = {**known.get("params", {}), **params}
    workspace().remember(f"algorithms:{task}", {**known, **others, "params": params})


def are_classes_weighed() -> bool:
    """Return whether all classifiers that can start with their classes weighed alike."""
    params = remembered(Task.CLASSIFICATION).get("params", {})
    name = CLASS_WEIGHT.name
    return all(params.get(id, {}).get(name) == value for id, value in class_weights().items())


def weigh_classes(alike: bool) -> None:
    """Let classifiers start with their classes weighed alike, or with every row."""
    params = remembered(Task.CLASSIFICATION).get("params", {})
    made = {}
    for id, value in class_weights().items():
        weight = {CLASS_WEIGHT.name: value if alike else CLASS_WEIGHT.default}
        made[id] = {**params.get(id, {}), **weight}
    remember(Task.CLASSIFICATION, made)
    forget_widgets("train_classification_")


def start_values(spec: AlgorithmSpec, remembered: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of an algorithm starts with: what was set last, defaults elsewhere."""
    known = {param.name for param in spec.params}
    kept = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in remembered.items()
        if name in known
    }
    return {**defaults(spec.params), **kept}


def why_not(is_ready: bool, held: Collection[str], what: str = "algorithm") -> str | None:
    """Return why nothing can start, or ``None`` when something can."""
    if is_ready:
        return None
    if held:
        return f"None of the chosen {what}s can start; what stands in the way is said above."
    return f"Choose at least one {what}."


def choose_run(
    trained: Sequence[Run],
    key: str,
    title: Callable[[Run], str],
    *,
    last: str | None,
    best: Callable[[list[Run]], str],
    awaited: str | None = None,
) -> Run:
    """Draw the choice of the run that is looked at.

    Parameters
    ----------
    trained : sequence of Run
        Those with a result, oldest first, at least one.
    key : str
        Of the widget.
    title : callable
        What a run is called in the list.
    last : str, optional
        Id of the run that was looked at last; it is shown first, else the best one.
    best : callable
        The runs → id of the best one.
    awaited : str, optional
        Id of a run that takes the place of whatever is shown as soon as it is there.
    """
    known = {run.id: run for run in reversed(trained)}
    if awaited in known:
        # A box of its own: the one on the screen may report its old choice before it hears.
        st.session_state[f"{key}_since"], last = awaited, awaited
    since = st.session_state.get(f"{key}_since")
    key = key if since is None else f"{key}_since_{since}"
    if st.session_state.get(key) not in known:
        st.session_state[key] = last if last in known else best(list(trained))
    chosen = st.selectbox(
        "Look at one run",
        list(known),
        format_func=lambda identifier: title(known[identifier]),
        key=key,
        help="Everything below is about this run.",
    )
    return known[chosen]
