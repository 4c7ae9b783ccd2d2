"""Row by row: what was fused, who voted otherwise, and votes that are changed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.sources import row_votes_frame
from mlcore.figures.fusion import (
    describe_row_votes,
    describe_sureness,
    row_votes_figure,
    sureness_figure,
)
from mlcore.fusion.spelling import normal_label, shown_label
from mlcore.fusion.votes import Votes
from mlcore.training.runs import Run, submit_training
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import fusion_edits, fusion_facts
from pages.ui.session import session, workspace
from pages.ui.text import literal

_NO_VOTE, _UNDECIDED = "(no vote)", "(undecided)"

#: Column with what the table itself calls a row.
_CALLED = "called"

#: Filters of the rows: what a menu calls them.
_ALL, _TIES, _OPEN, _WRONG = "All", "Ties", "Undecided", "Wrong on gold"

#: Sources of one row, and columns of the table beside them, that are listed.
_MOST_LISTED, _MOST_FACTS = 200, 12


def draw(run: Run, trained: Sequence[Run], table: Dataset) -> None:
    """Draw the rows, the most contested first, and the votes of one of them."""
    rows = fusion_facts.frame(run.id, "rows")
    shown = _filtered(_called(rows, run, table), run)
    row = _table(run, shown)
    frame_button("Download these rows as CSV", "fusion_rows_csv", shown, "fused_rows.csv")
    if not fusion_facts.is_of(run, table):
        st.info(
            "The table was changed after this run (a column has another kind now), so single votes "
            "are not shown. Start the run again to have them.",
            icon=":material/info:",
        )
    elif row is not None:
        _one_row(run, trained, table, row)
    if "confidence" in rows:
        with st.expander("How sure the fused labels are", icon=":material/bar_chart:"):
            show.figure(sureness_figure(rows), describe_sureness(rows), "fusion_sureness")


def _called(rows: pd.DataFrame, run: Run, table: Dataset) -> pd.DataFrame:
    """Return rows with what the table calls them, where their names are numbers of its lines."""
    name = fusion_facts.identifier(table)
    if fusion_facts.config_of(run).is_long or name is None or not fusion_facts.is_of(run, table):
        return rows
    called = table.frame[name].iloc[rows["position"]].astype("str").fillna("")
    return rows.assign(**{_CALLED: called.to_numpy()})


def contested_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order in which they deserve a look, those without votes last."""
    if "margin" not in rows:
        return rows.sort_values("spread", ascending=False, kind="stable", na_position="last")
    return rows.sort_values(
        ["margin", "n_votes"], ascending=[True, False], kind="stable", na_position="last"
    )


def filtered(rows: pd.DataFrame, wanted: str, text: str) -> pd.DataFrame:
    """Return the rows that a filter keeps and whose name contains a text."""
    kept = contested_first(rows)
    if wanted == _TIES:
        kept = kept[kept["tie"]]
    elif wanted == _OPEN:
        kept = kept[kept["predicted"].isna()]
    elif wanted == _WRONG:
        known = kept[kept["gold"].notna()]
        kept = known[known["predicted"].fillna("").astype("str") != known["gold"].astype("str")]
    named = text.strip().casefold()
    if not named:
        return kept
    names = [kept[name].str.casefold() for name in ("row", _CALLED) if name in kept]
    exact = kept[np.logical_or.reduce([name == named for name in names])]
    if len(exact):
        return exact
    return kept[np.logical_or.reduce([n.str.contains(named, regex=False) for n in names])]


def _filtered(rows: pd.DataFrame, run: Run) -> pd.DataFrame:
    is_number = fusion_facts.config_of(run).numbers
    choices = [_ALL, *([] if is_number else [_TIES]), _OPEN]
    if rows["gold"].notna().any() and not is_number:
        choices.append(_WRONG)
    if st.session_state.get("fusion_rows_of") not in choices:
        st.session_state["fusion_rows_of"] = _ALL
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.segmented_control(
            "Rows",
            choices,
            required=True,
            key="fusion_rows_of",
            help="Ties: rows in which several labels share the lead, whatever became of them.",
        )
        text = st.text_input(
            "Find a row",
            key="fusion_rows_find",
            placeholder="Its name or number",
            help="Rows of a table with one column for each source are numbered, from 0.",
            width=260,
        )
    return filtered(rows, wanted or _ALL, text)


def _table(run: Run, shown: pd.DataFrame) -> str | None:
    """Draw the rows; return the name of the one that is looked at."""
    if shown.empty:
        st.info("There is no such row.", icon=":material/info:")
        return None
    st.caption(
        f"{_rows(len(shown))}, the most contested first. Select one to see who voted for what, and "
        "to change a vote."
    )
    drawn = shown.head(fusion_facts.MOST_SHOWN)
    key = f"fusion_rows_{run.id}_{st.session_state['fusion_rows_of']}"
    picked = show.table(
        _readable(drawn),
        alt="The rows with their fused label, the most contested first",
        key=key,
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_COLUMNS,
    )
    if len(shown) > len(drawn):
        st.caption(
            f"The first {len(drawn):,} are shown; “Find a row” reaches the others, and the "
            "download has them all."
        )
    places = [place for place in picked["selection"]["rows"] if place < len(drawn)]
    return str(drawn["row"].iloc[places[0] if places else 0])


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    names = {
        "row": "Row",
        _CALLED: "Name",
        "predicted": "Fused",
        "confidence": "Confidence",
        "votes": "Votes",
        "n_votes": "Number of votes",
        "share": "Share",
        "margin": "Margin",
        "entropy": "Entropy",
        "tie": "Tie",
        "dissent": "Voted otherwise",
        "abstained": "Abstained",
        "spread": "Spread",
        "low": "Lowest",
        "high": "Highest",
        "gold": "Gold",
    }
    kept = [name for name in names if name in rows]
    if rows["gold"].isna().all():
        kept.remove("gold")
    is_number = rows["predicted"].dtype.kind == "f"
    drawn = rows[kept] if is_number else fusion_facts.rounded(rows[kept])
    readable = drawn.rename(columns=names)
    if not is_number:
        readable["Fused"] = readable["Fused"].fillna(_UNDECIDED)
    return readable


_COLUMNS = {
    "Row": st.column_config.TextColumn(
        pinned=True, help="Its name; without one its number in the table, from 0."
    ),
    "Name": st.column_config.TextColumn(
        help="What the table itself calls the row: its column of identifiers."
    ),
    "Confidence": st.column_config.NumberColumn(
        format="percent",
        help="How strongly the label is held: the share of the (weighted) votes for rules that "
        "count, the probability for Dawid–Skene. Where undecided, that of the leading label.",
    ),
    "Votes": st.column_config.TextColumn(help="Each label with the number of its votes."),
    "Share": st.column_config.NumberColumn(
        format="percent", help="Share of the row's votes that are for the fused label."
    ),
    "Margin": st.column_config.NumberColumn(
        format="percent",
        help="How far the first label is ahead of the second. 0: they tie. The smaller, the more "
        "contested is the row.",
    ),
    "Entropy": st.column_config.NumberColumn(
        format="%.2f",
        help="How mixed the labels are, in bits: 0 when there is one only, 1 for two that are "
        "equally strong.",
    ),
    "Tie": st.column_config.CheckboxColumn(
        help="Several labels share the lead. The rule for ties then decides, or nothing does."
    ),
    "Voted otherwise": st.column_config.TextColumn(
        help="Sources whose vote is not the fused label."
    ),
    "Spread": st.column_config.NumberColumn(
        format="%.4g",
        help="How far the votes lie apart: the middle half of them spans this much.",
    ),
    "Fused": st.column_config.Column(help="What was made of the votes."),
    "Gold": st.column_config.Column(help="The known true label."),
}


def _one_row(run: Run, trained: Sequence[Run], table: Dataset, row: str) -> None:
    """Draw the votes of one row, and what changes them."""
    setup = fusion_facts.setup_of(run)
    original = fusion_facts.bare(table, setup).votes
    edits = fusion_edits.usable(table, setup)
    now = fusion_facts.read(table, replace(setup, split=replace(setup.split, edits=edits))).votes
    fused = fusion_facts.frame(run.id, "rows").set_index("row").loc[row]
    st.markdown(f"**Row {literal(row)}**")
    if fusion_facts.config_of(run).learner is not None:
        st.caption(
            "These are the votes of the sources, from which their models learn; the table above "
            "counts the votes of the models."
        )
    is_old = not _is_counted(run, edits, row)
    if is_old:
        st.warning(
            "The votes below are as they are now. The fused label, and the line of the table "
            "above, are from before your change; start the rules again.",
            icon=":material/warning:",
        )
    left, right = st.columns([3, 2], gap="large")
    with left:
        votes = row_votes_frame(now, now.names.index(row))
        label: str | None = None if pd.isna(fused["predicted"]) else shown_label(fused["predicted"])
        show.figure(
            row_votes_figure(votes, label),
            describe_row_votes(votes, label, is_old=is_old),
            "fusion_row_votes",
        )
        _facts(run, table, original, row)
    with right:
        _change(run, original, row, edits)
    _offer_again(run, trained, edits)


def _is_counted(run: Run, edits: Sequence[fusion_edits.Edit], row: str | None = None) -> bool:
    """Return whether a run knows all changed votes, and no others; of one row, or of all."""
    known, now = fusion_facts.config_of(run).edits, edits
    return {e for e in known if row in (None, e[0])} == {e for e in now if row in (None, e[0])}


def _facts(run: Run, table: Dataset, votes: Votes, row: str) -> None:
    """Show what else the table says of the row."""
    config = fusion_facts.config_of(run)
    if config.is_long:
        return
    others = [name for name in table.frame if name not in config.columns][:_MOST_FACTS]
    if others:
        line = table.frame.loc[[votes.names.index(row)], others]
        show.table(line, alt=f"Other columns of row {row}", placeholder="–")


def votes_by_source(
    votes: Votes, row: str, edits: Sequence[fusion_edits.Edit]
) -> dict[str, tuple[str | None, str | None]]:
    """Return for each source its vote on a row in the table, and its vote now.

    Sources that voted stand first.
    """
    position = votes.names.index(row)
    start, stop = np.searchsorted(votes.row, [position, position + 1])
    given = {
        votes.sources[source]: votes.classes[label]
        for source, label in zip(votes.source[start:stop], votes.label[start:stop], strict=True)
    }
    changed = {source: label for name, source, label in edits if name == row}
    first = list(dict.fromkeys([*given, *changed]))
    order = [*first, *(source for source in votes.sources if source not in set(first))]
    return {source: (given.get(source), changed.get(source, given.get(source))) for source in order}


def _change(run: Run, votes: Votes, row: str, edits: Sequence[fusion_edits.Edit]) -> None:
    """Draw who voted for what, and the controls that change a vote."""
    by_source = votes_by_source(votes, row, edits)
    told = pd.DataFrame(
        [
            (source, before or _NO_VOTE, now or _NO_VOTE)
            for source, (before, now) in list(by_source.items())[:_MOST_LISTED]
        ],
        columns=["Source", "In the table", "Now"],
    )
    show.table(
        told if (told["In the table"] != told["Now"]).any() else told.drop(columns="Now"),
        alt=f"The vote of each source on row {row}",
        height=min(300, 37 * (len(told) + 1)),
    )
    if len(by_source) > _MOST_LISTED:
        st.caption(f"{_MOST_LISTED} of {len(by_source):,} sources are listed, voters first.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            "Change the vote of",
            list(by_source),
            key=f"fusion_vote_source_{row}",
            help="Any source; also one that has not voted on this row.",
        )
        before, now = by_source[source]
        label = _new_vote(run, votes, row, source, now)
        st.button(
            "Change this vote",
            key="fusion_vote_change",
            icon=":material/edit:",
            disabled=normal_label(label) == normal_label(now),
            on_click=fusion_edits.change,
            args=(row, source, label, before),
        )


def _new_vote(run: Run, votes: Votes, row: str, source: str, now: str | None) -> str | None:
    key = f"fusion_vote_label_{row}_{source}"
    config = fusion_facts.config_of(run)
    if config.numbers and votes.values is not None:
        value = st.number_input(
            "To", value=None if now is None else float(now), key=key, placeholder="No vote"
        )
        return None if value is None else shown_label(value)
    labels = list(dict.fromkeys([*votes.classes, *config.abstain, *([now] if now else [])]))
    choices = [_NO_VOTE, *labels]
    chosen = st.selectbox("To", choices, index=choices.index(now or _NO_VOTE), key=key)
    return None if chosen == _NO_VOTE else chosen


def _offer_again(run: Run, trained: Sequence[Run], edits: tuple[fusion_edits.Edit, ...]) -> None:
    """Offer to fuse again, once the changed votes are not those of the run."""
    if _is_counted(run, edits):
        return
    alike = same_question(run, trained)
    names = ", ".join(each.experiment.spec.name for each in alike)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{len(edits):,} changed vote{'s' if len(edits) != 1 else ''}; this run knows of "
            f"{len(fusion_facts.config_of(run).edits):,}. Again with: {literal(names)}.",
            width="stretch",
        )
        st.button(
            "Fuse again with the changed votes",
            key="fusion_again",
            type="primary",
            icon=":material/replay:",
            on_click=_again,
            args=(run, alike, edits),
        )


def same_question(run: Run, trained: Sequence[Run]) -> list[Run]:
    """Return the run and those that fused the same votes by another rule, one for each."""
    asked = _question(run)
    alike = {
        json.dumps([other.experiment.algorithm, dict(other.experiment.params)], default=str): other
        for other in [*trained, run]
        if _question(other) == asked
    }
    return list(alike.values())


def _question(run: Run) -> Mapping[str, Any]:
    plain = run.experiment.to_json()
    kept = {k: v for k, v in plain.items() if k not in ("algorithm", "params", "split")}
    return {**kept, "split": {k: v for k, v in plain["split"].items() if k != "weights"}}


def _again(run: Run, alike: Sequence[Run], edits: tuple[fusion_edits.Edit, ...]) -> None:
    started = [
        replace(other.experiment, split=replace(fusion_facts.config_of(other), edits=edits))
        for other in alike
    ]
    names = [fusion_facts.run_name(experiment) for experiment in started]
    made = submit_training(workspace(), session().dataset or "", started, names)
    session().fusion_awaited = made[[other.id for other in alike].index(run.id)]
