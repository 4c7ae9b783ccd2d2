"""Write the preparation of a run: which column goes through which steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mlcore.codegen.expression import (
    Bracket,
    Call,
    ForEach,
    Node,
    Writer,
    assignment,
    call,
    listed,
    paired,
    quoted,
)
from mlcore.codegen.script import Step

#: What the columns of a branch are called in a script, where a list of them is given a name.
_LISTS = {
    "numbers": "NUMBERS",
    "onehot": "CATEGORIES",
    "frequent": "CATEGORIES",
    "ordinal": "CATEGORIES",
    "target": "MANY_CATEGORIES",
}


def pipeline_steps(pipeline: Pipeline, writer: Writer) -> list[Step]:
    """Return the steps that make the unfitted ``pipeline``: the preparation, and the model.

    Parameters
    ----------
    pipeline : Pipeline
        As ``build_pipeline`` makes it.
    writer : Writer
        Collects the imports.
    """
    prepare = prepare_code(pipeline.named_steps["prepare"], writer)
    model = paired([quoted("model"), writer.value(pipeline.named_steps["model"])])
    made = call(writer.public(Pipeline), listed(['("prepare", prepare)', model]))
    return [
        Step("Prepare: what is learnt here is learnt from training rows alone.", prepare),
        Step("The model, behind its preparation.", assignment("pipeline", made)),
    ]


def prepare_code(prepare: ColumnTransformer, writer: Writer, *, name: str = "prepare") -> str:
    """Return the code that makes the unfitted preparation.

    Parameters
    ----------
    prepare : ColumnTransformer
        As ``build_pipeline`` makes it.
    writer : Writer
        Collects the imports.
    name : str, default "prepare"
        What it is called in the script.
    """
    lists: list[str] = []
    branches: list[tuple[str, Node]] = []
    for group in _groups(prepare.transformers):
        if len(group) > 1:
            branches.append(("*", _date_parts(group, writer)))
            continue
        branch, transformer, columns = group[0]
        branches.append(("", _branch(branch, transformer, columns, lists, writer)))
    made = call(writer.public(ColumnTransformer), Bracket("[", tuple(branches), "]"))
    if prepare.sparse_threshold != 0.3:
        dense = (("sparse_threshold", repr(prepare.sparse_threshold)),)
        made = Call(made.function, (*made.arguments, *dense))
    return "\n".join([*lists, assignment(name, made)])


def _groups(branches: Sequence[tuple[str, Any, Any]]) -> list[list[tuple[str, Any, Any]]]:
    """Put the parts of one date column together; every other branch stands alone."""
    groups: list[list[tuple[str, Any, Any]]] = []
    for branch in branches:
        is_date = isinstance(branch[2], str)
        if is_date and groups and groups[-1][-1][2] == branch[2]:
            groups[-1].append(branch)
        else:
            groups.append([branch])
    return groups


def _branch(branch: str, transformer: Any, columns: Any, lists: list[str], writer: Writer) -> Node:
    if isinstance(columns, str):
        label, chosen = f"{columns} {branch.split('_', 1)[1]}", quoted(columns)
    elif branch in _LISTS:
        label, chosen = branch, _LISTS[branch]
        lists.append(assignment(chosen, listed(map(quoted, columns))))
    else:
        label, chosen = f"words of {columns[0]}", f"[{quoted(columns[0])}]"
    return paired([quoted(_free(label)), _steps(transformer, writer), chosen])


def _date_parts(group: list[tuple[str, Any, Any]], writer: Writer) -> Node:
    """Return one branch for each part of a date, as a comprehension over the parts."""
    column = group[0][2]
    parts = [branch.split("_", 1)[1] for branch, _, _ in group]
    steps = _steps(group[0][1], writer)
    one = paired([_formatted(f"{column} ", "part"), _with_part(steps, parts[0]), quoted(column)])
    return ForEach(one, "part", Bracket("(", tuple(("", quoted(part)) for part in parts), ")"))


def _steps(transformer: Any, writer: Writer) -> Node:
    """Return the steps of a branch; one alone needs no pipeline around it."""
    if isinstance(transformer, Pipeline) and len(transformer.steps) == 1:
        return writer.value(transformer.steps[0][1])
    return writer.value(transformer)


def _formatted(text: str, name: str) -> str:
    """Return an f-string of text and a variable behind it."""
    literal = quoted(_free(text).replace("{", "{{").replace("}", "}}"))
    return f"f{literal[:-1]}{{{name}}}{literal[-1]}"


def _free(name: str) -> str:
    """Return the name of a branch, which scikit-learn wants without two underscores together."""
    while "__" in name:
        name = name.replace("__", "_")
    return name


def _with_part(node: Node, part: str) -> Node:
    """Return steps in which the part of a date is the variable ``part``."""
    if isinstance(node, str):
        return 'f"dt.{part}"' if node == quoted(f"dt.{part}") else node
    if isinstance(node, Bracket):
        return Bracket(
            node.opening, tuple((m, _with_part(n, part)) for m, n in node.items), node.closing
        )
    assert isinstance(node, Call)
    return Call(node.function, tuple((m, _with_part(n, part)) for m, n in node.arguments))
