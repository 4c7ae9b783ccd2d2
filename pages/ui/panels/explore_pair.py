"""Two columns: the right chart for their kinds, and how strongly they go together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.pairs import TRIMMED
from mlcore.data.relations import (
    AMOUNTS,
    SPEARMAN,
    find_measure,
    relatable_columns,
    strength_in_words,
)
from mlcore.messages import Message, message
from pages.ui import exploring
from pages.ui.text import literal, number


def draw(table: Dataset) -> None:
    """Draw the two columns that are chosen."""
    names = [name for name in table.schema.names if name in relatable_columns(table)]
    if len(names) < 2:
        st.info(
            "This takes two columns of numbers, dates, categories or yes/no.",
            icon=":material/info:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = exploring.required_column("Column", names, "explore_first", names[0])
        second = exploring.required_column("and", names, "explore_second", names[1])
    if first == second:
        st.info("Choose two different columns.", icon=":material/info:")
        return
    trim = any(table.schema[name].kind in AMOUNTS for name in (first, second)) and st.checkbox(
        f"Leave out the outermost {2 * TRIMMED:.0%}",
        key="explore_trim",
        help="Rows whose number or date is among the smallest or largest 0.5 % are not drawn. The "
        "strength of the relation is that of all rows.",
    )
    _strength(table, first, second)
    pair, drawing, words = exploring.pair(table, first, second, trim=trim)
    exploring.figure(drawing, words, "explore_pair", pair.frame)


def _strength(table: Dataset, first: str, second: str) -> None:
    relations = exploring.relations(table, (second,), first)
    for line in relations.to_dict("records"):
        measure = find_measure(line["measure"])
        st.markdown(
            " ".join(literal(said) for said in sentences(line)), help=literal(measure.meaning)
        )
    exploring.say_sampled(table)


def sentences(line: Mapping[Hashable, Any]) -> list[Message]:
    """Return what one relation means: its measure, its strength, and which way it goes."""
    value, measure = float(line["value"]), find_measure(line["measure"])
    if np.isnan(value):
        return [message("relation.undefined", measure=measure.label)]
    said = message(
        "relation.said",
        measure=measure.label,
        value=number(round(value, 3)),
        strength=str(strength_in_words(abs(value))),
    )
    if measure is not SPEARMAN or abs(value) < 0.1:
        return [said]
    way = "rising" if value > 0 else "falling"
    return [said, message(f"relation.{way}", x=line["first"], y=line["second"])]


def measures_table(relations: pd.DataFrame) -> pd.DataFrame:
    """Return relations with the names of their measures and the words of their strengths."""
    return relations.assign(
        measure=[find_measure(name).label for name in relations["measure"]],
        said=[str(strength_in_words(value)) for value in relations["strength"]],
    )
