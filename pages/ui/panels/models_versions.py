"""The versions of a model, and which of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.messages import listing
from mlcore.registry.store import (
    CHALLENGER,
    CHAMPION,
    AliasMove,
    ModelVersion,
    RegisteredModel,
)
from pages.ui import show, stored
from pages.ui.attempting import attempt
from pages.ui.confirming import confirm_deletion
from pages.ui.session import session
from pages.ui.text import literal

_PAGE = "models.py"

#: Columns that models from elsewhere do not have.
_SCORES = ("Score", "± Score", "Measured by")


def draw(model: RegisteredModel) -> None:
    """Draw the table of versions, the move of an alias, and what puts versions away."""
    if not model.versions:
        st.info("No version is left. Register a run under this name, or delete the model.")
        return
    broken = _table(model)
    for sentence in broken:
        st.warning(literal(sentence), icon=":material/warning:")
    _aliases(model)
    with st.container(horizontal=True):
        _put_away(model)
        _history(model)


def title(version: ModelVersion) -> str:
    """Return what tells a version from the others in a menu."""
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    note = f" · {version.note}" if version.note else ""
    return f"Version {version.number}{aliases}{note}"[:120]


def choose(
    versions: Sequence[ModelVersion], label: str, key: str, help: str, start: int | None = None
) -> ModelVersion:
    """Draw the choice of a version.

    Parameters
    ----------
    versions : sequence of ModelVersion
        Those that can be chosen, at least one.
    label, key, help : str
        Of the widget.
    start : int, optional
        The number that is chosen at first; that of the first one when not given.
    """
    known = {version.number: version for version in versions}
    if st.session_state.get(key) not in known:
        st.session_state[key] = start if start in known else next(iter(known))
    chosen = st.selectbox(
        label, list(known), format_func=lambda number: title(known[number]), key=key, help=help
    )
    return known[chosen]


def living(model: RegisteredModel) -> list[ModelVersion]:
    """Return the versions that are not archived, newest first."""
    return [version for version in model.versions if not version.is_archived]


# The table


def _table(model: RegisteredModel) -> list[str]:
    """Draw the table; return what is wrong with versions that cannot be opened."""
    rows, broken = [], []
    for version in model.versions:
        try:
            rows.append(_row(version) | _learnt(version))
        except UserError as error:
            rows.append(_row(version) | {"Algorithm": "cannot be opened"})
            broken.append(str(error))
    names = ["Version", "Aliases", "Algorithm", *_SCORES, "Note", "Registered", "By"]
    names.append("Answers with")
    if not any("Score" in row for row in rows):
        names = [name for name in names if name not in _SCORES]
    if not any(version.note for version in model.versions):
        names.remove("Note")
    if any(version.is_archived for version in model.versions):
        names.insert(2, "State")
    frame = pd.DataFrame(rows, columns=names)
    show.table(
        frame,
        alt=f"The versions of {model.name}, newest first",
        column_config={
            "Version": st.column_config.NumberColumn(width="small"),
            "Algorithm": st.column_config.TextColumn(width=150),
            "Aliases": st.column_config.ListColumn(help="What points at the version."),
            "Score": st.column_config.NumberColumn(
                format="%.4g", help="Mean over the folds, on rows the model had not seen."
            ),
            "± Score": st.column_config.NumberColumn(
                format="%.4g", help="Standard deviation over the folds."
            ),
            "Answers with": st.column_config.TextColumn(
                help="ONNX Runtime is quicker for few rows. It answers where it was found to give "
                "the same answers as scikit-learn."
            ),
            "Registered": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "State": st.column_config.TextColumn(
                help="An archived version answers no more and can be brought back."
            ),
        },
    )
    return broken


def _row(version: ModelVersion) -> dict[str, Any]:
    return {
        "Version": version.number,
        "Aliases": list(version.aliases),
        "Registered": datetime.fromtimestamp(version.created),
        "By": version.author,
        "Note": version.note,
        "State": "archived" if version.is_archived else "answers",
    }


def _learnt(version: ModelVersion) -> dict[str, Any]:
    facts = stored.version_facts(version)
    algorithm = facts.experiment.spec.name if facts.experiment else "from elsewhere"
    main = facts.main_score
    learnt = {"Algorithm": algorithm, "Answers with": facts.engine}
    if main is None:
        return learnt
    return learnt | {
        "Measured by": main["label"],
        "Score": main["mean"],
        "± Score": main["std"],
    }


# Aliases


def _aliases(model: RegisteredModel) -> None:
    st.markdown("**Which version answers**")
    st.caption(
        "The champion answers when a program names no version. A program that names an alias gets "
        "the version that the alias points at, from the next request on."
    )
    choices = living(model)
    if not choices:
        st.caption("Every version is archived; bring one back to let it answer.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        alias = _choose_alias(model)
        version = choose(
            choices,
            "Version",
            "model_version",
            "The version that the alias shall point at. Archived ones are not offered.",
        )
        is_there = model.pointed_at(alias) == version
        if st.button(
            "Promote",
            key="model_promote",
            type="primary",
            icon=":material/moving:",
            disabled=is_there,
            help=f"“{literal(alias)}” points at version {version.number} already."
            if is_there
            else f"Let “{literal(alias)}” point at version {version.number}.",
        ):
            attempt(
                partial(stored.registry().point, model.name, alias, version.number),
                _PAGE,
                f"“{alias}” of “{model.name}” points at version {version.number} now.",
            )
    _go_back(model, alias)


def _choose_alias(model: RegisteredModel) -> str:
    used = [alias for version in model.versions for alias in version.aliases]
    known = list(dict.fromkeys((CHAMPION, CHALLENGER, *sorted(used))))
    own = st.session_state.get("model_alias")
    if own and own not in known:
        known.append(own)
    chosen = st.selectbox(
        "Alias",
        known,
        key="model_alias",
        accept_new_options=True,
        help="A name that points at one version: the champion answers by default, a challenger is "
        "tried beside it. Type a name of your own to add one.",
    )
    return chosen or CHAMPION


def _go_back(model: RegisteredModel, alias: str) -> None:
    """Draw what undoes the last move of an alias, and what takes it away."""
    registry, now = stored.registry(), model.pointed_at(alias)
    before = registry.previous(model.name, alias)
    with st.container(horizontal=True, vertical_alignment="center"):
        to = f" to version {before.number}" if before else ""
        if st.button(
            f"Roll back{to}",
            key="model_roll_back",
            icon=":material/undo:",
            disabled=before is None,
            help=f"Undo the last move: let “{literal(alias)}” point at version {before.number} "
            "again. Pressed again, the move before is undone; promoting leads forward again."
            if before
            else f"“{literal(alias)}” never pointed at another version that is still there.",
        ):
            attempt(
                partial(registry.roll_back, model.name, alias),
                _PAGE,
                f"“{alias}” of “{model.name}” is back{to}.",
            )
        if now is not None and st.button(
            "Take the alias away",
            key="model_take_away",
            icon=":material/link_off:",
            help=f"Let “{literal(alias)}” point at nothing. "
            + ("Without a champion, programs must name a version." if alias == CHAMPION else ""),
        ):
            attempt(
                partial(registry.take_away, model.name, alias),
                _PAGE,
                f"“{alias}” of “{model.name}” points at nothing now.",
            )
        said = "points at nothing" if now is None else f"points at version {now.number}"
        st.caption(f"“{literal(alias)}” {said}.")


# Putting away


def _put_away(model: RegisteredModel) -> None:
    with st.popover("Archive or delete", icon=":material/archive:"):
        version = choose(
            model.versions, "Version", "model_put_away", "The version that is put away or removed."
        )
        if version.aliases:
            st.caption(
                f"It is in use as {literal(listing(version.aliases))}, so it can neither be "
                "archived nor deleted. Let another version take its place first, or take the "
                "alias away."
            )
        with st.container(horizontal=True):
            _archive_button(model, version)
            if st.button(
                "Delete",
                key="model_delete_version",
                icon=":material/delete:",
                disabled=bool(version.aliases),
                help="Remove the version with its files.",
            ):
                confirm_deletion(
                    "Delete this version?",
                    f"Version {version.number} of **{literal(model.name)}** and its files are "
                    "removed. This cannot be undone. Its number is not given again; the run it "
                    "came from stays.",
                    partial(_delete, model.name, version.number),
                    "model_delete_version",
                )


def _archive_button(model: RegisteredModel, version: ModelVersion) -> None:
    label, icon = ("Archive", ":material/archive:")
    said = f"Version {version.number} of “{model.name}” is archived and answers no more."
    if version.is_archived:
        label, icon = ("Bring back", ":material/unarchive:")
        said = f"Version {version.number} of “{model.name}” is back and answers when it is named."
    if st.button(
        label,
        key="model_archive",
        icon=icon,
        disabled=bool(version.aliases),
        help="An archived version answers no more; its files stay, and it can be brought back.",
    ):
        change = partial(
            stored.registry().archive, model.name, version.number, not version.is_archived
        )
        attempt(change, _PAGE, said)


def _delete(name: str, number: int) -> None:
    stored.registry().delete_version(name, number)
    session().notice = (_PAGE, f"Version {number} of “{name}” is deleted.")


def _target(move: AliasMove) -> str:
    if move.number is None:
        return "nothing"
    return f"version {move.number}" + (", rolled back" if move.is_back else "")


def _history(model: RegisteredModel) -> None:
    with st.popover("History of the aliases", icon=":material/history:"):
        moves = stored.registry().moves(model.name)
        show.table(
            pd.DataFrame(
                {
                    "When": [datetime.fromtimestamp(move.moved) for move in moves],
                    "Alias": [move.alias for move in moves],
                    "Points at": [_target(move) for move in moves],
                }
            ),
            alt=f"How the aliases of {model.name} were moved, newest first",
            column_config={"When": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        )
