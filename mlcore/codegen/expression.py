"""Python expressions, laid out as a formatter would, and estimators written as such.

A pipeline is written from the very object that a run fits: the class, and the parameters that
differ from its defaults. An algorithm that is added to the catalogue is therefore written without
another word here.
"""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline

#: Characters on a line; what formatters agree on.
WIDTH = 88

#: What is written by its usual short name: the module that is imported, and as what.
SHORT_NAMES: Mapping[str, str] = {"numpy": "np", "pandas": "pd"}


@dataclass(frozen=True)
class Call:
    """A function's name and its arguments, each with its keyword or without (``None``)."""

    function: str
    arguments: tuple[tuple[str | None, Node], ...]


@dataclass(frozen=True)
class Bracket:
    """A list, tuple or dictionary: opening mark, items with what stands before each, closing."""

    opening: str
    items: tuple[tuple[str, Node], ...]
    closing: str


@dataclass(frozen=True)
class ForEach:
    """A list that is made of one item for each entry of another: ``[item for name in entries]``."""

    item: Node
    name: str
    entries: Bracket


#: An expression: code that is never broken, or one of the two that can be.
Node: TypeAlias = str | Call | Bracket | ForEach


def call(function: str, *arguments: Node, **named: Node) -> Call:
    """Return a call of a function."""
    return Call(function, (*((None, one) for one in arguments), *named.items()))


def listed(items: Iterable[Node]) -> Bracket:
    """Return a list."""
    return Bracket("[", tuple(("", item) for item in items), "]")


def paired(items: Iterable[Node]) -> Bracket:
    """Return a tuple of at least two."""
    return Bracket("(", tuple(("", item) for item in items), ")")


def mapped(items: Mapping[str, Node]) -> Bracket:
    """Return a dictionary with text for keys."""
    return Bracket("{", tuple((f"{quoted(key)}: ", value) for key, value in items.items()), "}")


def quoted(text: str) -> str:
    """Return text as a Python literal that nothing can break out of, in double quotes if simple."""
    literal = repr(text)
    if literal[0] == "'" and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal


def flat(node: Node) -> str:
    """Return an expression on one line."""
    if isinstance(node, str):
        return node
    if isinstance(node, ForEach):
        return f"[{flat(node.item)} for {node.name} in {flat(node.entries)}]"
    opening, parts, closing = _parts(node)
    only = len(parts) == 1 and opening == "("
    inside = ", ".join(before + flat(part) for before, part in parts)
    return f"{opening}{inside}{',' if only else ''}{closing}"


def laid_out(node: Node, indent: int = 0, before: str = "", after: str = "") -> str:
    """Return an expression on as many lines as it needs.

    Parameters
    ----------
    node : Node
        The expression.
    indent : int, default 0
        Where its line begins.
    before, after : str
        What stands on its line in front of it and behind it; part of what is returned.
    """
    line = f"{before}{flat(node)}{after}"
    if isinstance(node, str) or indent + len(line) <= WIDTH:
        return line
    deeper = " " * (indent + 4)
    if isinstance(node, ForEach):
        item = laid_out(node.item, indent + 4)
        loop = laid_out(node.entries, indent + 4, f"for {node.name} in ")
        return f"{before}[\n{deeper}{item}\n{deeper}{loop}\n{' ' * indent}]{after}"
    opening, parts, closing = _parts(node)
    if not parts:
        return line
    inside = ", ".join(mark + flat(part) for mark, part in parts)
    # Arguments of a call may share a line; entries of a list stand one on a line.
    if isinstance(node, Call) and indent + 4 + len(inside) <= WIDTH:
        body = f"{deeper}{inside}\n"
    else:
        # A call's only argument has no comma to repeat behind it.
        comma = "," if isinstance(node, Bracket) or len(parts) > 1 else ""
        body = "".join(
            f"{deeper}{laid_out(part, indent + 4, mark, comma)}\n" for mark, part in parts
        )
    return f"{before}{opening}\n{body}{' ' * indent}{closing}{after}"


def assignment(name: str, node: Node, indent: int = 0) -> str:
    """Return the statement that gives an expression a name."""
    return " " * indent + laid_out(node, indent, f"{name} = ")


def _parts(node: Call | Bracket) -> tuple[str, Sequence[tuple[str, Node]], str]:
    if isinstance(node, Bracket):
        return node.opening, node.items, node.closing
    parts = [(f"{name}=" if name else "", part) for name, part in node.arguments]
    return f"{node.function}(", parts, ")"


@dataclass
class Writer:
    """Writes values and estimators as expressions, and collects what has to be imported.

    Parameters
    ----------
    seed : int, optional
        What ``random_state`` is when it is written as ``SEED``.

    Attributes
    ----------
    modules : set of str
        Imported as a whole.
    names : dict of str to set of str
        Imported from a module.
    uses_seed : bool
        Whether ``SEED`` was written.
    """

    seed: int | None = None
    modules: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    uses_seed: bool = False

    def module(self, name: str) -> str:
        """Import a module; return what it is called."""
        self.modules.add(name)
        return SHORT_NAMES.get(name, name)

    def name(self, module: str, name: str) -> str:
        """Import a name from a module; return it."""
        self.names.setdefault(module, set()).add(name)
        return name

    def public(self, thing: Any) -> str:
        """Import a class or function from where its users import it; return what it is called.

        Raises
        ------
        ValueError
            It is this project's own, which a script cannot import.
        """
        parts = thing.__module__.split(".")
        if parts[0] in ("mlcore", "__main__"):
            raise ValueError(f"{thing.__module__}.{thing.__qualname__} is in no public library.")
        if parts[0] in SHORT_NAMES:
            return f"{self.module(parts[0])}.{thing.__name__}"
        return self.name(_public_module(parts, thing), thing.__name__)

    def seed_name(self) -> str:
        """Return the name of the seed, which the script then defines."""
        self.uses_seed = True
        return "SEED"

    def value(self, value: Any) -> Node:
        """Return a value of a parameter as an expression."""
        for kinds, write in self._ways():
            if isinstance(value, kinds):
                return write(value)
        return self.public(value)

    def _ways(self) -> tuple[tuple[Any, Callable[[Any], Node]], ...]:
        return (
            (BaseEstimator, self.estimator),
            (str, quoted),
            ((bool, type(None), int), repr),
            (float, _number),
            (np.generic, lambda value: self.value(value.item())),
            (list, lambda value: listed(map(self.value, value))),
            (tuple, lambda value: Bracket("(", tuple(("", self.value(v)) for v in value), ")")),
            (dict, lambda value: mapped({key: self.value(v) for key, v in value.items()})),
            (operator.attrgetter, self._getter),
        )

    def _getter(self, value: Any) -> Node:
        function, arguments = value.__reduce__()
        return call(self.name("operator", function.__name__), *map(self.value, arguments))

    def estimator(self, estimator: BaseEstimator) -> Call:
        """Return the constructor's call: the class, and what differs from its defaults."""
        if isinstance(estimator, Pipeline):
            return self.pipeline(estimator)
        name = self.public(type(estimator))
        arguments: list[tuple[str | None, Node]] = []
        for position, param in enumerate(_params(type(estimator))):
            value = getattr(estimator, param.name)
            if _is(value, param.default):
                continue
            leads = position == 0 and param.kind is param.POSITIONAL_OR_KEYWORD
            # What an estimator is wrapped around, or the function it applies, needs no keyword.
            bare = leads and (isinstance(value, BaseEstimator) or callable(value))
            arguments.append((None if bare else param.name, self._argument(param.name, value)))
        return Call(name, tuple(arguments))

    def _argument(self, name: str, value: Any) -> Node:
        if name == "random_state" and self.seed is not None and value == self.seed:
            return self.seed_name()
        return self.value(value)

    def pipeline(self, pipeline: Pipeline) -> Call:
        """Return a pipeline, by its short form where the names of the steps are the usual ones."""
        steps = [step for _, step in pipeline.steps]
        usual = [name for name, _ in make_pipeline(*steps).steps]
        if [name for name, _ in pipeline.steps] == usual:
            return call(self.public(make_pipeline), *map(self.value, steps))
        named = (paired([quoted(name), self.value(step)]) for name, step in pipeline.steps)
        return call(self.public(Pipeline), listed(named))

    def imports(self) -> str:
        """Return the import statements, sorted as a linter wants them: ours is no part of them."""
        plain = {name: _import(name) for name in self.modules}
        taken = {module: _from(module, names) for module, names in self.names.items()}
        standard = {"csv", "hashlib", "heapq", "json", "math", "operator"}
        standard |= {"collections", "itertools", "pathlib"}
        groups = []
        for is_first in (True, False):
            chosen = [
                *(plain[name] for name in sorted(plain) if (name in standard) is is_first),
                *(
                    taken[name]
                    for name in sorted(taken)
                    if (name.split(".")[0] in standard) is is_first
                ),
            ]
            groups += ["\n".join(chosen)] if chosen else []
        return "\n\n".join(groups)


def _from(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=_as_sorted)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    body = "".join(f"    {name},\n" for name in ordered)
    return f"from {module} import (\n{body})"


def _public_module(parts: list[str], thing: Any) -> str:
    """Return the shortest module that offers a class or function, as its users know it."""
    paths = (".".join(parts[: count + 1]) for count in range(len(parts)))
    offered = (path for path in paths if getattr(sys.modules[path], thing.__name__, 0) is thing)
    return next(offered)


def _import(name: str) -> str:
    return f"import {name} as {SHORT_NAMES[name]}" if name in SHORT_NAMES else f"import {name}"


def _as_sorted(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest, as isort has it."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return rank, name


def _params(estimator: type) -> list[inspect.Parameter]:
    found = inspect.signature(estimator).parameters.values()
    return [param for param in found if param.kind is not param.VAR_KEYWORD]


def _is(value: Any, default: Any) -> bool:
    """Return whether a value is the default; ``True`` is not ``1``, and a list is no tuple."""
    if isinstance(value, BaseEstimator | pd.Series | np.ndarray):
        return False
    if isinstance(value, bool) or isinstance(default, bool):
        return value is default
    if value != value:
        return bool(default != default)
    return bool(value == default) and isinstance(value, tuple) == isinstance(default, tuple)


def _number(value: float) -> str:
    return repr(value) if np.isfinite(value) else f'float("{value}")'
