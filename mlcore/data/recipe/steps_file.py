"""Steps as a file of JSON: written where a table has some, read where they come from a stranger."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from mlcore.data.recipe.catalogue import StepSpec
from mlcore.data.recipe.fields import Field, Form
from mlcore.data.recipe.recipe import Recipe, find_step
from mlcore.data.recipe.steps import PlainStep
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing, message

#: Longer values are shortened in a sentence.
_MOST_SHOWN = 40


def write_steps(recipe: Recipe) -> bytes:
    """Return the steps of a table as a file that :func:`read_steps` reads."""
    lines = ",\n".join(f" {json.dumps(step, ensure_ascii=False)}" for step in recipe.to_json())
    return f"[\n{lines}\n]\n".encode()


def read_steps(content: bytes, path: str) -> list[PlainStep]:
    """Return the steps that a file holds; whether they fit a table shows when they are done.

    Parameters
    ----------
    content : bytes
        JSON: a list of steps, or an object that holds one under ``"recipe"``, as the
        ``experiment.json`` of a bundle does.
    path : str
        Name of the file, for the sentence.

    Raises
    ------
    UserError
        It is no JSON, or a step or a field of it has another form; the sentence names both.
    """
    plain = _parsed(content, path)
    if isinstance(plain, dict) and "recipe" in plain:
        plain = plain["recipe"]
    if not isinstance(plain, list):
        raise UserError("recipe.file.list", path=path, got=_shown(plain))
    for number, step in enumerate(plain, start=1):
        try:
            _check_form(step)
        except UserError as error:
            raise UserError(
                "recipe.file.step", number=number, path=path, reason=str(error)
            ) from error
    return plain


def _parsed(content: bytes, path: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = message("recipe.file.where", line=error.lineno, column=error.colno)
        raise UserError("recipe.file.json", path=path, where=str(where)) from error
    except (ValueError, RecursionError) as error:
        where = message("recipe.file.unclear")
        raise UserError("recipe.file.json", path=path, where=str(where)) from error


def _check_form(step: Any) -> None:
    if not isinstance(step, dict) or "step" not in step:
        raise UserError("recipe.file.object", got=_shown(step))
    spec = find_step(step["step"] if isinstance(step["step"], str) else _shown(step["step"]))
    fields = {field.name: field for field in spec.fields}
    for name in step:
        if name not in fields and name != "step":
            raise UserError(
                "recipe.file.unknown_field",
                step=spec.id,
                field=name,
                known=listing(list(fields)),
                suggestion=did_you_mean(name, fields),
            )
    for field in spec.fields:
        _check_field(spec, field, step)


def _check_field(spec: StepSpec, field: Field, step: Mapping[str, Any]) -> None:
    facts = {
        "step": spec.id,
        "field": field.name,
        "expected": str(message(f"recipe.form.{field.form}")),
    }
    if field.name not in step:
        raise UserError("recipe.file.missing_field", **facts)
    if not _FITS[field.form](step[field.name]):
        raise UserError("recipe.file.form", got=_shown(step[field.name]), **facts)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_value(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))
    except OverflowError:
        return False


def _is_pair(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    old, new = value
    return _is_value(old) and (new is None or _is_value(new))


def _all(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


_FITS: Mapping[Form, Callable[[Any], bool]] = {
    "text": _is_text,
    "texts": _all(_is_text),
    "value": _is_value,
    "values": _all(_is_value),
    "pairs": _all(_is_pair),
}


def _shown(value: Any) -> str:
    if isinstance(value, list | dict) and value:
        return "[…]" if isinstance(value, list) else "{…}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
