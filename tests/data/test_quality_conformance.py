"""Every check of data says what it should, and what it offers can be done and taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from finding_tables import EXAMPLES, Example, text_table
from stocked import bring_text

from mlcore.data.dataset import Dataset
from mlcore.data.quality import LABEL_CHECKS, TABLE_CHECKS, by_hand, remedies_of
from mlcore.data.quality.checks import Question
from mlcore.data.store import DatasetStore
from mlcore.findings import Finding, Severity
from mlcore.messages import SENTENCES
from mlcore.workspace import Workspace

CHECKS = {check.code: check for check in (*TABLE_CHECKS, *LABEL_CHECKS)}


def brought(store: DatasetStore, example: Example) -> str:
    """Put a table into the store and return its identifier."""
    csv = text_table(example.columns).to_csv(index=False)
    identifier = bring_text(store.workspace, "table.csv", csv)
    store.set_roles(identifier, example.roles or {})
    if example.steps:
        store.set_recipe(identifier, example.steps)
    return identifier


def found_in(dataset: Dataset, example: Example) -> Finding:
    """Return what the check of an example says about a table."""
    check = CHECKS[example.code]
    if example.target is None:
        return check.run(dataset)
    names = dataset.schema.names
    features = tuple(n for n in dataset.schema.default_features(None) if n != example.target)
    assert example.target in names
    return check.run(Question(dataset, example.target, example.task, features))


def files_of(store: DatasetStore, identifier: str) -> dict[str, bytes]:
    """Return all that is stored of a table, apart from what can be taken back."""
    # What is noticed is written when somebody wants to see it.
    store.findings(identifier)
    folder: Path = store.original_path(identifier).parent
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != "steps_before.json"
    }


def is_quiet(finding: Finding) -> bool:
    return finding.severity in (Severity.PASSED, Severity.NOT_APPLICABLE)


def test_every_check_has_examples() -> None:
    assert {example.code for example in EXAMPLES.values()} == set(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_has_its_words(code: str) -> None:
    for part in ("title", "explanation", "meaning", "action", "passed"):
        assert SENTENCES[f"finding.{code}.{part}"]
    # Where some table leaves nothing to click, and only there, a sentence says why.
    none = any(one.clicks == 0 for one in EXAMPLES.values() if one.code == code)
    assert (f"finding.{code}.by_hand" in SENTENCES) == none


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_found_is_said_and_what_is_offered_can_be_done_and_taken_back(
    name: str, workspace: Workspace
) -> None:
    example, store = EXAMPLES[name], DatasetStore(workspace)
    identifier = brought(store, example)
    dataset, before = store.load(identifier), files_of(store, identifier)
    finding = found_in(dataset, example)
    assert not is_quiet(finding) and finding.columns == example.names
    assert example.says in finding.explanation and re.search(r"\d", finding.explanation)
    assert finding.meaning and finding.action
    assert Finding.from_json(finding.to_json()) == finding

    offered = remedies_of(finding, dataset)
    assert len(offered) == example.clicks, [str(remedy.label) for remedy in offered]
    reason = by_hand(finding)
    assert offered or str(reason).startswith("Nothing to click: ")
    for number, remedy in enumerate(offered):
        assert str(remedy.label)
        if remedy.weighs_classes:
            assert not remedy.steps and not remedy.roles and not remedy.kinds
            continue
        store.carry_out(identifier, remedy)
        after = store.load(identifier)
        assert (after.schema, after.fingerprint) != (dataset.schema, dataset.fingerprint)
        if number == 0:
            assert is_quiet(healed := found_in(after, example)), healed.explanation
            assert remedies_of(healed, after) == () and by_hand(healed) is None
        store.undo(identifier)
        assert files_of(store, identifier) == before


#: Examples whose columns stand beside each other in one table.
_TOGETHER = (
    *("a few gaps", "a number for each row", "-1 among ages", "unknown among colours"),
    *("numbers and remarks", "a slip of three digits", "incomes", "a date that stands for none"),
    *("visits of patients", "a diary", "a word among numbers", "a town a row or two"),
)


def test_kinds_steps_and_roles_are_taken_back_in_turn(workspace: Workspace) -> None:
    columns = {
        f"{name} {place}": values
        for place, one in enumerate(_TOGETHER)
        for name, values in EXAMPLES[one].columns.items()
        if name in EXAMPLES[one].names
    }
    store = DatasetStore(workspace)
    identifier = brought(store, replace(EXAMPLES["a diary"], columns=columns))
    states, changed = [files_of(store, identifier)], set[str]()
    for code in CHECKS:
        for finding in store.findings(identifier):
            if finding.code == code and (offered := remedies_of(finding, store.load(identifier))):
                store.carry_out(identifier, offered[-1])
                states.append(files_of(store, identifier))
                changed |= {
                    part for part in ("kinds", "steps", "roles") if getattr(offered[-1], part)
                }
    assert len(states) > 9 and changed == {"kinds", "steps", "roles"}
    for state in reversed(states[:-1]):
        store.undo(identifier)
        assert files_of(store, identifier) == state
    assert not store.can_undo(identifier)
