"""The user's own steps before modelling, as lines of pandas."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping

from mlcore.codegen.expression import (
    WIDTH,
    Bracket,
    Node,
    Writer,
    assignment,
    call,
    flat,
    listed,
    mapped,
    quoted,
)
from mlcore.data.recipe import formula
from mlcore.data.recipe.catalogue import STEPS
from mlcore.data.recipe.fields import Kinds
from mlcore.data.recipe.recipe import Recipe
from mlcore.data.recipe.steps import DATE_PARTS, FILTERS, PlainStep, part_name
from mlcore.data.schema import ColumnKind

#: From a step and the columns that it finds to the lines that do it to ``table``.
_Code = Callable[[PlainStep, Kinds], list[str]]

_SIGNS = {"is less than": "<", "is at most": "<=", "is at least": ">=", "is more than": ">"}


def recipe_code(recipe: Recipe, kinds: Kinds, writer: Writer) -> str:
    """Return the lines that do the steps of a recipe to ``table``, each with its comment.

    Parameters
    ----------
    recipe : Recipe
        The steps.
    kinds : mapping of str to ColumnKind
        The columns before the first step.
    writer : Writer
        Collects the imports.
    """
    for name in ("numpy", "pandas"):
        writer.module(name)
    lines = []
    for step, said in zip(recipe.steps, recipe.sentences(), strict=True):
        lines += [*_comment(str(said)), *_CODE[step["step"]](step, kinds)]
        kinds = STEPS[step["step"]].kinds_after(step, kinds)
    if any(step["step"] in FILTERS for step in recipe.steps):
        lines.append("table = table.reset_index(drop=True)")
    code = "\n".join([*_definitions("\n".join(lines), writer), *lines])
    # Two empty lines between functions, not four.
    return re.sub(r"\n{4,}", "\n\n\n", code)


def _comment(said: str) -> list[str]:
    return textwrap.wrap(said, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _definitions(code: str, writer: Writer) -> Iterator[str]:
    """Write what the formulas of a program call besides numpy."""
    if "reduce(" in code:
        writer.name("functools", "reduce")
    for define in formula.DEFINITIONS:
        if re.search(rf"\b{define.__name__}\(", code):
            source = re.sub(r": Any = ", "=", inspect.getsource(define).rstrip())
            yield f"\n\n{re.sub(r'(: Any)|( -> Any)', '', source)}\n\n"


def _at(step: PlainStep) -> str:
    return f"table[{quoted(step['column'])}]"


def _literal(value: object, kind: ColumnKind) -> str:
    """Return a value as a program writes it."""
    if value is None:
        return "pd.NaT" if kind is ColumnKind.DATETIME else "np.nan"
    if kind is ColumnKind.DATETIME:
        return f"pd.Timestamp({quoted(str(value))})"
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() and abs(value) < 1e15 else value)
    return quoted(str(value))


def _rename(step: PlainStep, kinds: Kinds) -> list[str]:
    names = mapped({step["column"]: quoted(step["to"])})
    return [assignment("table", call("table.rename", columns=names))]


def _drop(step: PlainStep, kinds: Kinds) -> list[str]:
    names = listed(map(quoted, step["columns"]))
    return [assignment("table", call("table.drop", columns=names))]


def _fill(step: PlainStep, kinds: Kinds) -> list[str]:
    value = _literal(step["value"], kinds[step["column"]])
    return [assignment(_at(step), call(f"{_at(step)}.fillna", value))]


def _replace(step: PlainStep, kinds: Kinds) -> list[str]:
    kind = kinds[step["column"]]
    pairs: list[tuple[str, Node]] = [
        (f"{_literal(old, kind)}: ", _literal(new, kind)) for old, new in step["values"]
    ]
    made = call(f"{_at(step)}.replace", Bracket("{", tuple(pairs), "}"))
    return [assignment(_at(step), made)]


def _group(step: PlainStep, kinds: Kinds) -> list[str]:
    keep = listed(map(quoted, step["keep"]))
    is_other = f"{_at(step)}.notna() & ~{_at(step)}.isin(kept)"
    other = quoted(step["other"])
    return [
        assignment("kept", keep),
        f"is_other = {is_other}",
        assignment(_at(step), call(f"{_at(step)}.mask", "is_other", other)),
    ]


def _keep_rows(step: PlainStep, kinds: Kinds) -> list[str]:
    kind, comparison = kinds[step["column"]], step["comparison"]
    values = [_literal(value, kind) for value in step["values"]]
    column = _at(step)
    if comparison in _SIGNS:
        return [f"table = table[{column} {_SIGNS[comparison]} {values[0]}]"]
    if comparison == "is between":
        return _kept(call(f"{column}.between", *values))
    if comparison == "is one of":
        return _kept(call(f"{column}.isin", listed(values)))
    if comparison == "is none of":
        lines = [assignment("others", listed(values))]
        return [*lines, f"table = table[{column}.notna() & ~{column}.isin(others)]"]
    name = "isna" if comparison == "is missing" else "notna"
    return [f"table = table[{column}.{name}()]"]


def _kept(condition: Node) -> list[str]:
    line = f"table = table[{flat(condition)}]"
    if len(line) <= WIDTH:
        return [line]
    return [assignment("is_kept", condition), "table = table[is_kept]"]


def _drop_repeated(step: PlainStep, kinds: Kinds) -> list[str]:
    names = [listed(map(quoted, step["columns"]))] if step["columns"] else []
    return [assignment("table", call("table.drop_duplicates", *names))]


def _drop_contradicting(step: PlainStep, kinds: Kinds) -> list[str]:
    alike = [name for name in step["columns"] or kinds if name != step["column"]]
    if not alike:
        return []
    label = quoted(step["column"])
    return [
        assignment("alike", listed(map(quoted, alike))),
        f"same = table.groupby(alike, dropna=False, sort=False)[{label}]",
        f"is_clear = (same.transform({quoted('nunique')}) <= 1) | {_at(step)}.isna()",
        "table = table[is_clear]",
    ]


def _derive(step: PlainStep, kinds: Kinds) -> list[str]:
    def column(name: str) -> str:
        if name.startswith(_PART):
            return name.removeprefix(_PART)
        cells = f"table[{quoted(name)}]"
        if kinds[name] is ColumnKind.DATETIME:
            return f"(({cells} - pd.Timestamp(0)) / pd.Timedelta(days=1))"
        return cells

    made = f"table[{quoted(step['name'])}] = "
    lines: list[str] = []
    text = _shortened(formula.parse(step["formula"]), WIDTH - len(made), column, lines)
    target = made.removesuffix(" = ")
    finite = assignment(target, call(f"{target}.where", f"np.isfinite({target})"))
    return [*lines, f"{made}{text}", finite]


#: Begins the name of a part of a formula that has a line of its own; no column begins so.
_PART = "\0"


def _shortened(
    node: formula.Node, room: int, column: Callable[[str], str], lines: list[str]
) -> str:
    """Return a formula as an expression; where it is too long, its parts get lines of their own."""
    text = formula.numpy_code(node, column)
    if len(text) > room and isinstance(node, formula.Call):
        parts = (
            _named(part, column, lines) if isinstance(part, formula.Call) else part
            for part in node.arguments
        )
        text = formula.numpy_code(formula.Call(node.function, tuple(parts)), column)
    return text[1:-1] if _is_wrapped(text) else text


def _named(node: formula.Call, column: Callable[[str], str], lines: list[str]) -> formula.Name:
    """Give a part of a formula a line and a name."""
    text = _shortened(node, WIDTH - len("part_10 = "), column, lines)
    name = f"part_{len(lines) + 1}"
    lines.append(f"{name} = {text}")
    return formula.Name(f"{_PART}{name}")


def _is_wrapped(expression: str) -> bool:
    """Return whether one pair of brackets stands around the whole."""
    depth = 0
    for place, letter in enumerate(expression):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and place == len(expression) - 1
    return False


def _date_parts(step: PlainStep, kinds: Kinds) -> list[str]:
    return [
        f"table[{quoted(part_name(step['column'], part))}] = "
        f"{_at(step)}.dt.{DATE_PARTS[part]}.astype(float)"
        for part in step["parts"]
    ]


_CODE: Mapping[str, _Code] = {
    "rename": _rename,
    "drop": _drop,
    "fill": _fill,
    "replace": _replace,
    "group": _group,
    "keep_rows": _keep_rows,
    "drop_repeated": _drop_repeated,
    "drop_contradicting": _drop_contradicting,
    "derive": _derive,
    "date_parts": _date_parts,
}
