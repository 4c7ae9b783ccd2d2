"""The description of world files is true: its example, its keys, its defaults, its sentences."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlcore.errors import UserError
from mlcore.gridworld.gridfile import GRID_KEYS
from mlcore.gridworld.gymnasium_worlds import GYMNASIUM_WORLDS
from mlcore.gridworld.knobs import LINEAR_QUADRATIC_PARAMS
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import read_world, world_from_json, world_to_json, write_world

TEXT = (Path(__file__).parents[2] / "docs" / "gridworld-format.md").read_text(encoding="utf-8")
EXAMPLE = "\n".join(line[4:] for line in TEXT.splitlines() if line.startswith("    "))
REFUSED = re.findall(r"^\| `(\{.*\})` \| (.*) \|$", TEXT, re.MULTILINE)


def section(kind: str) -> str:
    return TEXT.split(f'\n## `"kind": "{kind}"`')[1].split("\n## ")[0]


def table(kind: str) -> dict[str, str]:
    """Key and default of each row."""
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*?) ?\|$", section(kind), re.MULTILINE)
    return dict(rows)


def test_the_example_is_what_is_written() -> None:
    world = read_world(EXAMPLE)
    assert isinstance(world, GridWorld)
    assert write_world(world) == EXAMPLE + "\n"


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("grid", set(GRID_KEYS)),
        ("gymnasium", {"id", "discount"}),
        ("linear_quadratic", {param.name for param in LINEAR_QUADRATIC_PARAMS}),
    ],
)
def test_every_key_is_described(kind: str, keys: set[str]) -> None:
    assert set(table(kind)) == keys


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("grid", {"map": ["."]}),
        ("gymnasium", {"id": "Taxi-v4"}),
        ("linear_quadratic", {}),
    ],
)
def test_defaults_are_those_that_are_read(kind: str, needed: dict[str, Any]) -> None:
    head = {"format": "ml-workbench-world", "version": 1, "kind": kind}
    plain = world_to_json(world_from_json({**head, **needed}))
    for key, default in table(kind).items():
        if key not in needed:
            assert json.loads(default.strip("`")) == plain[key], key


def test_every_world_of_gymnasium_is_named() -> None:
    assert [id for id in GYMNASIUM_WORLDS if f'"{id}"' not in section("gymnasium")] == []


@pytest.mark.parametrize(("change", "sentence"), REFUSED, ids=[change for change, _ in REFUSED])
def test_sentences_are_those_that_are_said(change: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        world_from_json({**json.loads(EXAMPLE), **json.loads(change)})
    assert str(caught.value) == sentence


def test_examples_of_refusals_were_found() -> None:
    assert len(REFUSED) >= 10
