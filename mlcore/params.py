"""Knobs: one declaration from which form, check, JSON and tests are derived.

A :class:`Param` carries scikit-learn's own name, so what stands in a form, in an exported
experiment and in an estimator's ``get_params`` is one word. The settings of algorithms, of the
preparation and of the split are all declared with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing

#: What a knob can hold. Layers and multiple choices are tuples, ``None`` stands for "no limit".
ParamValue = int | float | bool | str | tuple[int, ...] | tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Param(ABC):
    """What every knob declares.

    Parameters
    ----------
    name : str
        The name the estimator (or the preparation, or the split) uses.
    label : str
        What stands beside the control.
    help : str
        One or two plain sentences: what it does, what a larger value means, why this default.
    default : ParamValue
        The value used unless the user changes it.
    basic : bool, default False
        Whether it is shown at once; the others stand under "Advanced".
    none_label : str, optional
        When given, ``None`` is allowed and these words stand for it ("No limit").
    only_if : tuple of (str, tuple), optional
        Show it only while another knob of the same form has one of these values.
    """

    name: str
    label: str
    help: str
    default: ParamValue
    basic: bool = False
    none_label: str | None = None
    only_if: tuple[str, tuple[ParamValue, ...]] | None = None

    def check(self, value: Any) -> ParamValue:
        """Return the value in its proper type.

        Raises
        ------
        UserError
            The value has the wrong type or lies outside the declared bounds.
        """
        if value is None and self.none_label is not None:
            return None
        return self._check(value)

    @abstractmethod
    def _check(self, value: Any) -> ParamValue: ...

    @abstractmethod
    def extremes(self) -> tuple[ParamValue, ...]:
        """Return the outermost values the declaration allows, for the conformance suite."""

    def is_shown(self, values: Mapping[str, ParamValue]) -> bool:
        """Return whether the other values of the form make this knob matter."""
        return self.only_if is None or values.get(self.only_if[0]) in self.only_if[1]

    def _wrong_type(self, expected: str, got: Any) -> UserError:
        return UserError("param.type", label=self.label, expected=expected, got=repr(got))

    def _in_range(self, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise UserError(
                "param.range",
                label=self.label,
                low=f"{low:g}",
                high=f"{high:g}",
                got=f"{value:g}",
                default=self.default,
            )


@dataclass(frozen=True, kw_only=True)
class IntParam(Param):
    """A whole number between ``low`` and ``high``, both allowed."""

    low: int
    high: int

    def _check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral | float) or value % 1:
            raise self._wrong_type("a whole number", value)
        self._in_range(int(value), self.low, self.high)
        return int(value)

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        none: tuple[ParamValue, ...] = (None,) if self.none_label else ()
        return (self.low, self.high, *none)


@dataclass(frozen=True, kw_only=True)
class FloatParam(Param):
    """A number between ``low`` and ``high``, both allowed; ``log`` when its scale is a ratio.

    With ``least``, 0 is allowed and then nothing below that: what is smaller could not be counted.
    """

    low: float
    high: float
    log: bool = False
    least: float | None = None

    def _check(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or value != value:
            raise self._wrong_type("a number", value)
        self._in_range(float(value), self.low, self.high)
        if self.least is not None and 0 < float(value) < self.least:
            raise UserError(
                "param.least", label=self.label, least=f"{self.least:g}", got=f"{value:g}"
            )
        return float(value)

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        least: tuple[ParamValue, ...] = () if self.least is None else (self.least,)
        none: tuple[ParamValue, ...] = (None,) if self.none_label else ()
        return (self.low, *least, self.high, *none)


@dataclass(frozen=True, kw_only=True)
class BoolParam(Param):
    """Yes or no."""

    def _check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._wrong_type("yes or no", value)
        return value

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        return (False, True)


@dataclass(frozen=True, kw_only=True)
class ChoiceParam(Param):
    """One of a few named values; ``choices`` maps each value to the words shown for it."""

    choices: Mapping[str, str]

    def _check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise UserError(
                "param.choice", label=self.label, choices=listing(self.choices), got=repr(value)
            )
        return value

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        none: tuple[ParamValue, ...] = (None,) if self.none_label else ()
        return (*self.choices, *none)


@dataclass(frozen=True, kw_only=True)
class SeveralParam(Param):
    """Any number of a few named values, kept in the order they are declared in."""

    choices: Mapping[str, str]

    def _check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, str | Sequence):
            raise self._wrong_type("a list of choices", value)
        given = (value,) if isinstance(value, str) else tuple(value)
        if unknown := [item for item in given if item not in self.choices]:
            raise UserError(
                "param.choice",
                label=self.label,
                choices=listing(self.choices),
                got=repr(unknown[0]),
            )
        return tuple(choice for choice in self.choices if choice in given)

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        return (tuple(self.choices),)


@dataclass(frozen=True, kw_only=True)
class LayersParam(Param):
    """Sizes of hidden layers, such as ``(64, 32)``."""

    low: int
    high: int
    most: int

    def _check(self, value: Any) -> tuple[int, ...]:
        sizes = self._parse(value)
        if not 1 <= len(sizes) <= self.most or not all(self.low <= s <= self.high for s in sizes):
            raise self._wrong_layers(value)
        return sizes

    def _parse(self, value: Any) -> tuple[int, ...]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, Integral):
            value = [value]
        if not isinstance(value, Sequence):
            raise self._wrong_layers(value)
        try:
            return tuple(int(size) for size in value)
        except (TypeError, ValueError) as error:
            raise self._wrong_layers(value) from error

    def _wrong_layers(self, value: Any) -> UserError:
        return UserError(
            "param.layers",
            label=self.label,
            most=self.most,
            low=self.low,
            high=self.high,
            got=repr(value),
        )

    def extremes(self) -> tuple[ParamValue, ...]:  # noqa: D102
        return ((self.low,), (self.high,), (self.low,) * self.most)


def defaults(params: Sequence[Param]) -> dict[str, ParamValue]:
    """Return the default of every knob, by name."""
    return {param.name: param.default for param in params}


def shown_params(params: Sequence[Param], values: Mapping[str, ParamValue]) -> tuple[Param, ...]:
    """Return the knobs that matter with these (complete) values, in order.

    A knob that depends on a hidden knob is hidden too.
    """
    by_name = {param.name: param for param in params}

    def matters(param: Param) -> bool:
        if param.only_if is None:
            return True
        return param.is_shown(values) and matters(by_name[param.only_if[0]])

    return tuple(param for param in params if matters(param))


def check_values(
    owner: str, params: Sequence[Param], values: Mapping[str, Any]
) -> dict[str, ParamValue]:
    """Return a complete, checked set of values: what was given, defaults for the rest.

    Parameters
    ----------
    owner : str
        What the knobs belong to, for the sentence ("Ridge regression").
    params : sequence of Param
        The declarations.
    values : mapping
        Values by name; may be incomplete.

    Raises
    ------
    UserError
        A name is unknown (the nearest one is offered), or a value does not fit its declaration.
    """
    known = {param.name: param for param in params}
    for name in values:
        if name not in known:
            raise UserError(
                "param.unknown",
                owner=owner,
                name=name,
                known=listing(known, most=20) or "none",
                suggestion=did_you_mean(name, known),
            )
    return {name: param.check(values.get(name, param.default)) for name, param in known.items()}


def plain_values(values: Mapping[str, ParamValue]) -> dict[str, Any]:
    """Return parameter values as JSON has them: tuples become lists."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def read_values(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Read what :func:`plain_values` wrote."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}
