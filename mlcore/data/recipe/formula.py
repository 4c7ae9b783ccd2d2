"""Formulas that people type: read by a grammar of our own, worked out on columns.

Nothing that is typed is ever run as a program; a formula can do what stands in :data:`FUNCTIONS`
and nothing else::

    [body mass] / [height]^2        if([age] < 18, 0, 1)        log10(price) - log10(cost)

A column stands in brackets; where its name is letters, digits and underscores, they may be left
out. A date counts as days since 1 January 1970, so the difference of two is a number of days. A
comparison is 1 where it holds and 0 where it does not. Whatever cannot be worked out (a missing
value, a division by zero, the root of a negative number) is missing.

This file goes into bundles word for word; it needs numpy alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

#: Columns by name: ``float64`` numbers (dates as days), or objects of text.
Columns: TypeAlias = Mapping[str, Any]

#: Longest formula, most names, numbers and signs in it, and how deep its brackets may nest.
MOST_CHARACTERS, MOST_TOKENS, MOST_DEPTH = 1_000, 200, 50


class FormulaError(ValueError):
    """A formula that cannot be read; ``code`` and ``facts`` say where and why."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(f"{code}: {facts}")
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Number:
    """A number that stands in the formula."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text in quotation marks; it can only be compared."""

    value: str


@dataclass(frozen=True)
class Name:
    """A column."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function or a sign, and what it is applied to."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Text | Name | Call


@dataclass(frozen=True)
class Function:
    """What a formula can do.

    Parameters
    ----------
    compute : callable
        From arrays of numbers to an array of numbers.
    least, most : int
        How many arguments there may be.
    code : str
        The same in numpy, for programs that are read; ``{0}``, ``{1}`` and so on are the
        arguments, ``{all}`` all of them.
    help : str
        What it does, in a few words.
    """

    compute: Callable[..., Any]
    least: int
    most: int
    code: str
    help: str


def choose(condition: Any, yes: Any, no: Any) -> Any:
    """Return one value where a condition holds, else another; missing if unknown."""
    return np.where(np.isnan(condition), np.nan, np.where(condition != 0, yes, no))


def known(holds: Any, left: Any, right: Any) -> Any:
    """Return whether something holds, missing where either side of it is."""
    return np.where(np.isnan(left) | np.isnan(right), np.nan, holds)


def rounded(number: Any, digits: Any = 0.0) -> Any:
    """Return the nearest number with so many decimals."""
    scale = np.power(10.0, np.floor(digits))
    return np.round(number * scale) / scale


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: known(compare(left, right), left, right)


def _both(left: Any, right: Any) -> Any:
    return known((left != 0) & (right != 0), left, right)


def _either(left: Any, right: Any) -> Any:
    return known((left != 0) | (right != 0), left, right)


#: What a program needs that is written with :func:`numpy_code`, where it is used.
DEFINITIONS: tuple[Callable[..., Any], ...] = (choose, known, rounded)

_COMPARED = "known({0} %s {1}, {0}, {1})"
_JOINED = "known(({0} != 0) %s ({1} != 0), {0}, {1})"

#: The signs between two values, from what binds least to what binds most.
_SIGNS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("<=", ">=", "!=", "<>", "<", ">", "=="),
    ("+", "-"),
    ("*", "/"),
)
_SAME = {"=": "==", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", "**": "^", "−": "-", "×": "*"}
_SAME |= {"÷": "/", "·": "*"}

OPERATORS: Mapping[str, Function] = {
    "or": Function(_either, 2, 2, _JOINED % "|", "either"),
    "and": Function(_both, 2, 2, _JOINED % "&", "both"),
    "<": Function(_compared(np.less), 2, 2, _COMPARED % "<", "less"),
    "<=": Function(_compared(np.less_equal), 2, 2, _COMPARED % "<=", "at most"),
    ">": Function(_compared(np.greater), 2, 2, _COMPARED % ">", "more"),
    ">=": Function(_compared(np.greater_equal), 2, 2, _COMPARED % ">=", "at least"),
    "==": Function(_compared(np.equal), 2, 2, _COMPARED % "==", "the same"),
    "!=": Function(_compared(np.not_equal), 2, 2, _COMPARED % "!=", "different"),
    "+": Function(np.add, 2, 2, "({0} + {1})", "plus"),
    "-": Function(np.subtract, 2, 2, "({0} - {1})", "minus"),
    "*": Function(np.multiply, 2, 2, "({0} * {1})", "times"),
    "/": Function(np.divide, 2, 2, "({0} / {1})", "divided by"),
    "^": Function(np.power, 2, 2, "np.power({0}, {1})", "to the power of"),
    "negative": Function(np.negative, 1, 1, "(-{0})", "the opposite number"),
}

#: What can be called by name.
FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(np.abs, 1, 1, "np.abs({0})", "the number without its sign"),
    "sqrt": Function(np.sqrt, 1, 1, "np.sqrt({0})", "the square root"),
    "log": Function(np.log, 1, 1, "np.log({0})", "the natural logarithm"),
    "log10": Function(np.log10, 1, 1, "np.log10({0})", "the logarithm to base 10"),
    "log2": Function(np.log2, 1, 1, "np.log2({0})", "the logarithm to base 2"),
    "exp": Function(np.exp, 1, 1, "np.exp({0})", "e to the power of the number"),
    "floor": Function(np.floor, 1, 1, "np.floor({0})", "the next whole number below"),
    "ceil": Function(np.ceil, 1, 1, "np.ceil({0})", "the next whole number above"),
    "round": Function(
        rounded,
        1,
        2,
        "rounded({all})",
        "the nearest whole number, or with so many decimals: round(x, 2)",
    ),
    "min": Function(
        lambda *values: reduce(np.minimum, values),
        2,
        20,
        "reduce(np.minimum, [{all}])",
        "the smallest of several",
    ),
    "max": Function(
        lambda *values: reduce(np.maximum, values),
        2,
        20,
        "reduce(np.maximum, [{all}])",
        "the largest of several",
    ),
    "if": Function(
        choose, 3, 3, "choose({all})", "if(condition, value where it holds, value elsewhere)"
    ),
    "is_missing": Function(
        lambda value: np.isnan(value).astype(float),
        1,
        1,
        "np.isnan({0}).astype(float)",
        "1 where there is no value, else 0",
    ),
}

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | \[(?P<column>[^\[\]]+)\]
    | (?P<text>"[^"]*"|'[^']*'|“[^”]*”)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\*\*|<=|>=|<>|!=|==|[-+*/^(),<>=≤≥≠−×÷·])
    )""",
    re.X,
)


def parse(formula: str) -> Node:
    """Read a formula.

    Parameters
    ----------
    formula : str
        As it was typed.

    Raises
    ------
    FormulaError
        ``empty``, ``long``, ``deep``, ``sign`` (something that stands for nothing), ``ends`` (more
        was expected), ``expected``, ``function`` (no such function), ``arguments`` (another number
        of them is needed).
    """
    if not formula.strip():
        raise FormulaError("empty")
    if len(formula) > MOST_CHARACTERS:
        raise FormulaError("long", most=MOST_CHARACTERS)
    return _Parser(formula).whole()


def names_in(node: Node) -> tuple[str, ...]:
    """Return the columns that a formula needs, each once, in order of appearance."""
    return tuple(dict.fromkeys(part.name for part in _parts(node) if isinstance(part, Name)))


def compute(node: Node, columns: Columns, n_rows: int) -> Any:
    """Return what a formula gives for each row.

    Parameters
    ----------
    node : Node
        Of :func:`parse`.
    columns : mapping of str to array of shape (n_rows,)
        Numbers (NaN for missing) or texts (``None`` for missing) of the columns it names.
    n_rows : int
        How many rows there are.

    Returns
    -------
    values : array of shape (n_rows,)
        ``float64``; NaN where there is none.
    """
    with np.errstate(all="ignore"):
        found = np.broadcast_to(_value(node, columns), (n_rows,)).astype(float)
    found[~np.isfinite(found)] = np.nan
    return found


def numpy_code(node: Node, column: Callable[[str], str]) -> str:
    """Return a formula as an expression of numpy, for people who read programs.

    Parameters
    ----------
    node : Node
        Of :func:`parse`.
    column : callable
        From a column's name to the expression for its values.
    """
    if isinstance(node, Number):
        return repr(int(node.value) if node.value.is_integer() else node.value)
    if isinstance(node, Text):
        return repr(node.value)
    if isinstance(node, Name):
        return column(node.name)
    if text := _text_comparison(node):
        sign, name, value = text
        is_same = f"({column(name)} {sign} {value!r})"
        return f"np.where({column(name)}.isna(), np.nan, {is_same})"
    parts = [numpy_code(argument, column) for argument in node.arguments]
    return _function(node.function).code.format(*parts, all=", ".join(parts))


def _function(name: str) -> Function:
    return OPERATORS[name] if name in OPERATORS else FUNCTIONS[name]


def _parts(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from _parts(argument)


def _text_comparison(node: Call) -> tuple[str, str, str] | None:
    """Return sign, column and text where a column is compared with a text."""
    if node.function not in ("==", "!=") or len(node.arguments) != 2:
        return None
    left, right = node.arguments
    if isinstance(left, Text):
        left, right = right, left
    if isinstance(left, Name) and isinstance(right, Text):
        return node.function, left.name, right.value
    return None


def _value(node: Node, columns: Columns) -> Any:
    if isinstance(node, Number):
        return np.float64(node.value)
    if isinstance(node, Name):
        return columns[node.name]
    if isinstance(node, Text):
        raise FormulaError("text", text=node.value)
    if text := _text_comparison(node):
        sign, name, value = text
        cells = columns[name]
        same = np.array([np.nan if cell is None else float(cell == value) for cell in cells])
        return same if sign == "==" else 1.0 - same
    arguments = [_value(argument, columns) for argument in node.arguments]
    return np.asarray(_function(node.function).compute(*arguments), dtype=float)


def text_names(node: Node) -> frozenset[str]:
    """Return the columns that are compared with a text; all others must hold numbers or dates."""
    found = (_text_comparison(part) for part in _parts(node) if isinstance(part, Call))
    return frozenset(one[1] for one in found if one)


class _Parser:
    """Reads from left to right; each method returns the part that begins at the next token."""

    def __init__(self, formula: str) -> None:
        self._tokens = list(_tokens(formula))
        if len(self._tokens) > MOST_TOKENS:
            raise FormulaError("long", most=MOST_CHARACTERS)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._signs(0)
        if self._place < len(self._tokens):
            raise FormulaError("sign", got=self._tokens[self._place][1])
        if isinstance(node, Text):
            raise FormulaError("text", text=node.value)
        _check_texts(node)
        return node

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise FormulaError("ends")
        self._place += 1
        return token

    def _is_next(self, signs: Sequence[str]) -> bool:
        kind, value = self._peek()
        return kind == "sign" and value in signs

    def _expect(self, sign: str) -> None:
        if not self._is_next((sign,)):
            raise FormulaError("expected", expected=sign, got=self._peek()[1] or "the end")
        self._place += 1

    def _signs(self, level: int) -> Node:
        if level == len(_SIGNS):
            return self._signed()
        node = self._signs(level + 1)
        while self._is_next(_SIGNS[level]):
            sign = self._next()[1]
            node = Call(sign, (node, self._signs(level + 1)))
        return node

    def _signed(self) -> Node:
        if self._is_next(("-", "+")):
            sign = self._next()[1]
            node = self._nested(self._signed)
            return Call("negative", (node,)) if sign == "-" else node
        return self._power()

    def _power(self) -> Node:
        node = self._single()
        if self._is_next(("^",)):
            self._next()
            # From the right, as in mathematics: 2^3^2 is 2^9.
            return Call("^", (node, self._nested(self._signed)))
        return node

    def _nested(self, part: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise FormulaError("deep", most=MOST_DEPTH)
        node = part()
        self._depth -= 1
        return node

    def _single(self) -> Node:
        kind, value = self._next()
        if kind == "number":
            return Number(float(value))
        if kind == "text":
            return Text(value)
        if kind == "column":
            return Name(value)
        if kind == "name":
            return self._called(value) if self._is_next(("(",)) else Name(value)
        if value == "(":
            node = self._nested(lambda: self._signs(0))
            self._expect(")")
            return node
        raise FormulaError("sign", got=value)

    def _called(self, name: str) -> Node:
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise FormulaError("function", got=name, known=", ".join(FUNCTIONS))
        self._expect("(")
        arguments = [self._nested(lambda: self._signs(0))]
        while self._is_next((",",)):
            self._next()
            arguments.append(self._nested(lambda: self._signs(0)))
        self._expect(")")
        if not function.least <= len(arguments) <= function.most:
            wanted = str(function.least)
            if function.most > function.least:
                wanted += f" to {function.most}"
            raise FormulaError("arguments", name=name, expected=wanted, got=len(arguments))
        return Call(name.lower(), tuple(arguments))


def _check_texts(node: Node) -> None:
    """Refuse a text anywhere but in a comparison with a column."""
    if not isinstance(node, Call) or _text_comparison(node):
        return
    for argument in node.arguments:
        if isinstance(argument, Text):
            raise FormulaError("text", text=argument.value)
        _check_texts(argument)


def _tokens(formula: str) -> Iterator[tuple[str, str]]:
    place = 0
    end = len(formula.rstrip())
    while place < end:
        found = _TOKEN.match(formula, place)
        if found is None:
            raise FormulaError("sign", got=formula[place:].strip()[:1])
        kind = str(found.lastgroup)
        value = found[kind].strip()
        if kind == "text":
            value = found[kind][1:-1]
        if kind == "name" and value.lower() in ("and", "or"):
            kind, value = "sign", value.lower()
        yield kind, _SAME.get(value, value) if kind == "sign" else value
        place = found.end()
