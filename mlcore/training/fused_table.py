"""A table to train on: the user's own columns without the votes, and the label made of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.reading import ReadingOptions
from mlcore.data.schema import MOST_NUMERIC_CLASSES, ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.spelling import shown_label
from mlcore.messages import Message, listing, message
from mlcore.training.predictions import dataset_of, run_frame
from mlcore.training.runs import Run, RunStore

#: What the columns with the fused label and its confidence are called.
LABEL, CONFIDENCE = "fused_label", "label_confidence"

#: Kinds that a column of classes may be taken as; any other becomes a category.
_CLASSES = (ColumnKind.CATEGORY, ColumnKind.YES_NO)


@dataclass(frozen=True, eq=False, kw_only=True)
class FusedTable:
    """A table that is about to be made from a fusion.

    Parameters
    ----------
    name : str
        What it will be called.
    frame : DataFrame of text
        Its cells as the user's file writes them.
    label : str
        The column with the fused label; empty where a row is undecided.
    weight : str, optional
        The column with the confidence, 0 to 1; none where numbers were fused.
    is_number : bool
        Whether the label is a number on a scale.
    kinds : mapping of str to ColumnKind
        Kinds that the user had chosen for columns that stay.
    roles : mapping of str to Role
        What the columns are for.
    written : ReadingOptions
        How the user's file was read.
    notes : tuple of Message
        What was decided.
    """

    name: str
    frame: pd.DataFrame
    label: str
    weight: str | None
    is_number: bool
    kinds: Mapping[str, ColumnKind]
    roles: Mapping[str, Role]
    written: ReadingOptions
    notes: tuple[Message, ...]

    @property
    def options(self) -> ReadingOptions:
        """How the text is to be read; nothing is left to detection."""
        return replace(self.written, encoding="utf-8", delimiter=",", header=True)

    def stage(self, store: DatasetStore) -> str:
        """Hand the text over to be read by a job, as any file is; return the new table's id.

        Raises
        ------
        UserError
            The workspace is full, or the text is larger than a file may be.
        """
        text = self.frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
        return store.stage(self.name, text.encode("utf-8"))

    def finish(self, store: DatasetStore, identifier: str) -> None:
        """Say what the columns are and put the table on the list, once it has been read.

        Raises
        ------
        UserError
            It has not been read.
        """
        store.set_kinds(identifier, {**self.kinds, **self._label_kind(store, identifier)})
        store.set_roles(identifier, self.roles)
        store.register(identifier, self.name)

    def _label_kind(self, store: DatasetStore, identifier: str) -> dict[str, ColumnKind]:
        """Return the kind of the label where the one that was guessed asks for another task."""
        column = store.schema(identifier)[self.label]
        if self.is_number:
            return {self.label: ColumnKind.NUMBER}
        few = column.kind is ColumnKind.NUMBER and column.distinct <= MOST_NUMERIC_CLASSES
        return {} if few or column.kind in _CLASSES else {self.label: ColumnKind.CATEGORY}


def fused_table(store: RunStore, run_id: str) -> FusedTable:
    """Return the table that training on a fused label needs.

    A wide table loses its columns of votes. Of a long one, whose lines are votes, one line for
    each row stays, with the column that names the row and those that say the same on all of its
    lines. The label is added and, where classes were fused, its confidence, which is the weight of
    the row in training. Columns that were labels, weights or gold before are set aside.

    Parameters
    ----------
    store : RunStore
        Where the run is.
    run_id : str
        A trained fusion.

    Raises
    ------
    UserError
        The table is gone or was changed since, no row was decided, or no column is left to learn
        from.
    """
    run = store.get(run_id)
    dataset, rows = dataset_of(store, run), run_frame(store, run, "rows")
    config = run.experiment.split
    assert isinstance(config, FusionConfig)
    if not rows["predicted"].notna().any():
        raise UserError("fusion.table.undecided")
    tables = DatasetStore(store.workspace)
    text, written = tables.text(run.dataset_id), tables.reading(run.dataset_id).options
    gold = run.experiment.target
    kept = _kept(text, dataset, config, rows["row"])
    if not [name for name in kept if name not in (gold, config.row)]:
        raise UserError("fusion.table.no_features")
    label = _free(LABEL, kept)
    weight = None if config.numbers else _free(CONFIDENCE, kept)
    made = _with_label(kept, rows, label, weight, written.decimal or ".")
    parts = {label: Role.LABEL} | ({} if weight is None else {weight: Role.WEIGHT})
    roles = {**_roles(dataset, kept, config, gold), **parts}
    return FusedTable(
        name=f"{_stem(dataset.name)}, fused by {run.name}",
        frame=made,
        label=label,
        weight=weight,
        is_number=config.numbers,
        kinds={} if config.is_long else _chosen_kinds(dataset, kept),
        roles=roles,
        written=written,
        notes=tuple(_notes(run, rows, made, text, roles)),
    )


def _kept(
    text: pd.DataFrame, dataset: Dataset, config: FusionConfig, rows: pd.Series
) -> pd.DataFrame:
    """Return the columns without the votes, one line for each row of the fusion."""
    if config.is_long:
        return _long_part(text, dataset, config).loc[rows].reset_index(drop=True)
    return text.drop(columns=list(config.sources))


def _with_label(
    kept: pd.DataFrame, rows: pd.DataFrame, label: str, weight: str | None, decimal: str
) -> pd.DataFrame:
    """Return a table with the fused label and how sure it is, where it is known."""
    added = {label: rows["predicted"]}
    if weight is not None:
        added[weight] = rows["confidence"].where(rows["predicted"].notna()).round(6)
    return kept.assign(**{name: _cells(values, decimal) for name, values in added.items()})


def _long_part(text: pd.DataFrame, dataset: Dataset, config: FusionConfig) -> pd.DataFrame:
    """Return one line for each row, by its name, with the columns that say one thing about it."""
    assert config.row is not None
    codes, levels = pd.factorize(dataset.frame[config.row])
    names = pd.Series([*(shown_label(value) for value in levels), None], dtype="str").iloc[codes]
    others = text.drop(columns=[name for name in config.columns if name != config.row])
    grouped = others.groupby(names.to_numpy(), sort=False)
    varies = set(grouped.nunique().gt(1).any().loc[lambda differs: differs].index)
    steady = [name for name in others if name == config.row or name not in varies]
    return grouped[steady].first()


def _free(name: str, frame: pd.DataFrame) -> str:
    while name in frame:
        name += "_"
    return name


def _cells(values: pd.Series, decimal: str) -> pd.Series:
    """Return a column as text: numbers with the file's decimal mark, nothing where one is missing.

    The cells stand in the order of the rows.
    """
    if values.dtype.kind != "f":
        return values.reset_index(drop=True)
    text = values.map(lambda value: f"{value:.15g}", na_action="ignore").astype("str")
    return text.str.replace(".", decimal, regex=False).reset_index(drop=True)


def _chosen_kinds(dataset: Dataset, kept: pd.DataFrame) -> dict[str, ColumnKind]:
    """Return the kinds that the user chose; the others are guessed again, to the same end."""
    schema = dataset.schema
    columns = (schema[str(name)] for name in kept)
    return {c.name: c.kind for c in columns if c.reason.code == "data.kind.chosen"}


def _roles(
    dataset: Dataset, kept: pd.DataFrame, config: FusionConfig, gold: str | None
) -> dict[str, Role]:
    """Return the roles of the columns that stay: what is known of the label must not be learnt."""
    schema = dataset.schema
    before = {str(name): schema[str(name)].role for name in kept}
    aside = {name for name, role in before.items() if role in (Role.LABEL, Role.WEIGHT)}
    return {
        name: Role.IGNORED if name in aside or name in (gold, config.row) else role
        for name, role in before.items()
    }


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0] if "." in name else name


def _notes(
    run: Run, rows: pd.DataFrame, made: pd.DataFrame, text: pd.DataFrame, roles: Mapping[str, Role]
) -> Iterator[Message]:
    """Yield what was decided, for the screen."""
    config, decided = run.experiment.split, int(rows["predicted"].notna().sum())
    assert isinstance(config, FusionConfig)
    label = next(name for name, role in roles.items() if role is Role.LABEL)
    yield message("fusion.table.label", name=label, rule=run.name, rows=decided)
    if decided < len(rows):
        yield message("fusion.table.left_out", rows=len(rows) - decided)
    for weight in (name for name, role in roles.items() if role is Role.WEIGHT):
        yield message("fusion.table.weight", name=weight)
    votes = [name for name in config.columns if name not in made]
    yield message("fusion.table.votes", names=listing(votes))
    if varied := [name for name in text if name not in made and name not in votes]:
        yield message("fusion.table.varied", names=listing(varied))
    if aside := [name for name, role in roles.items() if role is Role.IGNORED]:
        yield message("fusion.table.aside", names=listing(aside))
