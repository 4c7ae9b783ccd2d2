"""The command ``algorithms``: what can be trained."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mlcore.algorithms.catalogue import CATALOGUE, for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.params import Param
from mlcore.tasks import Task


def list_algorithms(options: argparse.Namespace) -> int:
    """Print the catalogue; return 0."""
    specs = for_task(Task(options.task)) if options.task else CATALOGUE
    if options.json:
        print(json.dumps([_spec_report(spec) for spec in specs], indent=2))
        return 0
    for task in Task:
        if of_task := [spec for spec in specs if spec.task is task]:
            print(f"{task.label} ({task.value})")
            for spec in of_task:
                print(f"  {spec.id:<24} {spec.name}: {spec.summary}")
    return 0


def _spec_report(spec: AlgorithmSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "name": spec.name,
        "task": spec.task.value,
        "baseline": spec.is_baseline,
        "summary": spec.summary,
        "use_when": spec.use_when,
        "avoid_when": spec.avoid_when,
        "growth": spec.growth,
        "reference": spec.reference,
        "parameters": [param_report(param) for param in spec.params],
    }


def param_report(param: Param) -> dict[str, Any]:
    """Return a knob with its bounds: the declaration's own fields, as plain data."""
    fields = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(param).items()
        if value is not None and name != "only_if"
    }
    return {**fields, "kind": type(param).__name__.removesuffix("Param").lower()}
