"""What was written on a command line, as values."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing
from mlcore.params import (
    BoolParam,
    ChoiceParam,
    FloatParam,
    IntParam,
    Param,
    SeveralParam,
    check_values,
)
from mlcore.pipelines.preparation import PREPARATION_PARAMS


def parse(param: Param, text: str) -> Any:
    """Return the value that a text stands for; what does not fit stays text, for the check."""
    if isinstance(param, BoolParam):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    if param.none_label is not None and text.lower() == "none":
        return None
    if isinstance(param, SeveralParam):
        return tuple(filter(None, map(str.strip, text.split(","))))
    if isinstance(param, IntParam | FloatParam):
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                continue
    return text


def parse_all(owner: str, params: Sequence[Param], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return complete values of declared parameters.

    Raises
    ------
    UserError
        There is no such parameter, or a value does not fit it.
    """
    known = {param.name: param for param in params}
    values = {name: parse(known[name], text) for name, text in texts.items() if name in known}
    return check_values(owner, params, {**texts, **values})


def declared(params: Sequence[Param], options: argparse.Namespace) -> dict[str, Any]:
    """Return the declared parameters that were given as options of their own, by name."""
    return {
        param.name: parse(param, text)
        for param in params
        if (text := getattr(options, f"declared_{param.name}")) is not None
    }


def assignments(given: Iterable[str], form: str, example: str) -> dict[str, str]:
    """Return what stands before and behind the sign in texts such as ``name=value``.

    Raises
    ------
    UserError
        A text does not have the form.
    """
    pairs = {}
    for text in given:
        # The last sign counts: a column's name may hold one, a value never does.
        name, equals, value = text.rpartition("=")
        if not name or not equals:
            raise UserError("command.setting_form", given=text, form=form, example=example)
        pairs[name.strip()] = value.strip()
    return pairs


def names(given: str | None) -> tuple[str, ...]:
    """Return names that are separated by commas; one that holds a comma stands in quotes."""
    if not given:
        return ()
    (found,) = csv.reader([given], skipinitialspace=True)
    return tuple(found)


def preparation(options: argparse.Namespace) -> dict[str, Any]:
    """Return every setting of the preparation.

    Raises
    ------
    UserError
        There is no such setting, or a value does not fit it.
    """
    given = assignments(options.prepare, "NAME=VALUE", "scaling=robust")
    return parse_all("The preparation", PREPARATION_PARAMS, given)


def kinds_of(given: Iterable[str], columns: Iterable[str]) -> dict[str, ColumnKind]:
    """Return the kinds of columns that were chosen.

    Raises
    ------
    UserError
        There is no such column or kind.
    """
    known = list(columns)
    words = {kind.value: kind.value for kind in ColumnKind}
    param = ChoiceParam(name="kind", label="--kind", help="", default="number", choices=words)
    chosen = {}
    for name, kind in assignments(given, "COLUMN=KIND", "postcode=category").items():
        if name not in known:
            raise UserError(
                "setup.no_column",
                name=name,
                known=listing(known, most=12),
                suggestion=did_you_mean(name, known),
            )
        chosen[name] = ColumnKind(str(param.check(kind)))
    return chosen
