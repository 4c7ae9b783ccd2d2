"""The command ``fuse``: make one label of the labels of several sources, and judge the rules."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from mlcore.algorithms.catalogue import find
from mlcore.command_line.experiments import (
    DEFAULT_ALGORITHMS,
    DEFAULT_NUMBER_RULES,
    experiments_of,
)
from mlcore.command_line.fusing_report import FusionReport, as_json, print_report
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.running import (
    FileTable,
    make_folder,
    read_file,
    run_one,
    write_one,
    write_rows,
)
from mlcore.command_line.setups import fusion_setup_of, numbers_are_meant
from mlcore.data.reading import MARKS
from mlcore.data.recipe.recipe import origins
from mlcore.data.schema import MOST_NUMERIC_CLASSES, ColumnKind
from mlcore.errors import UserError, did_you_mean
from mlcore.fusion.abstaining import likely_abstentions
from mlcore.fusion.layout import Layout
from mlcore.fusion.votes import Votes
from mlcore.messages import Message, listing, message
from mlcore.setups import FusionSetup
from mlcore.tasks import Task
from mlcore.training.predictions import fused_frame
from mlcore.workflow.fusion import read_gold, read_votes

#: Names that a sentence about a name that is unknown lists at most.
_MOST_NAMES = 12


def fuse(options: argparse.Namespace) -> int:
    """Make one label of several with what was asked for and print how it went.

    Returns
    -------
    int
        0, or 1 when a rule failed or its files could not be written; the others went on.

    Raises
    ------
    UserError
        The file or an option cannot be used; nothing was fused.
    """
    kept = _keep_marks(options)
    table, setup, layout, retyped = _read(options)
    dataset = table.dataset
    votes = read_votes(dataset, setup)
    _check_names(votes, setup)
    gold = read_gold(dataset, setup, votes).codes
    has_gold_votes = bool((gold[votes.row] >= 0).any())
    experiments = experiments_of(
        dataset, setup, Task.FUSION, options, _defaults(setup, has_gold_votes)
    )
    _check_rules(setup, [experiment.algorithm for experiment in experiments])
    if options.out is not None:
        make_folder(options.out)
    outcomes = [run_one(dataset, experiment) for experiment in experiments]
    if options.out is not None:
        outcomes = [_written(each, table, options) for each in outcomes]
    report = FusionReport(
        dataset=dataset,
        reading=table.reading,
        setup=setup,
        layout=layout,
        votes=votes,
        n_gold=int((gold >= 0).sum()),
        decided=(*kept, *retyped, *_hints(votes, setup, layout), *_meant(options)),
        outcomes=tuple(outcomes),
    )
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        print_report(report)
    return int(any(outcome.why for outcome in outcomes))


def _keep_marks(options: argparse.Namespace) -> tuple[Message, ...]:
    """Let marks that stand for an abstention be read as values, and say so."""
    named = [token for token in options.abstain if token.strip() in MARKS]
    if not named or options.keep_marks:
        return ()
    options.keep_marks = True
    return (message("command.marks_kept", marks=" ".join(MARKS), tokens=listing(named)),)


def _read(
    options: argparse.Namespace,
) -> tuple[FileTable, FusionSetup, Layout | None, tuple[Message, ...]]:
    """Read table and options; what stands for an abstention is not lost among numbers."""
    table = read_file(options)
    setup, layout = fusion_setup_of(table.dataset, options)
    lost = [name for name in _label_columns(setup) if table.dataset.schema[name].unreadable]
    if not lost or not options.abstain:
        return table, setup, layout, ()
    # No step makes a value that cannot be read, so each of them is a column of the file.
    known = origins(table.dataset.recipe, table.source.schema)
    as_text = (f"{known[name].name}={ColumnKind.CATEGORY.value}" for name in lost)
    options.kind = [*options.kind, *as_text]
    table = read_file(options)
    setup, layout = fusion_setup_of(table.dataset, options)
    return table, setup, layout, (message("command.read_as_text", columns=listing(lost)),)


def _label_columns(setup: FusionSetup) -> tuple[str, ...]:
    label = setup.split.label
    return setup.split.sources if label is None else (label,)


def _check_names(votes: Votes, setup: FusionSetup) -> None:
    """Check that the sources and labels that options name occur.

    Raises
    ------
    UserError
        One does not.
    """
    sources = [name for name, _ in setup.split.weights]
    _check_known("command.no_source", sources, votes.sources)
    codes = votes.codes_of(setup.split.order)
    unknown = [name for name, code in zip(setup.split.order, codes, strict=True) if code < 0]
    _check_known("command.no_class", unknown, votes.classes)


def _check_known(code: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            shown = listing(known, most=_MOST_NAMES)
            raise UserError(code, name=name, known=shown, suggestion=did_you_mean(name, known))


def _defaults(setup: FusionSetup, has_gold_votes: bool) -> tuple[str, ...]:
    """Return the rules that are run when none is named."""
    if setup.split.numbers:
        return DEFAULT_NUMBER_RULES
    rules = (
        name
        for name in DEFAULT_ALGORITHMS[Task.FUSION]
        if has_gold_votes or not find(name, Task.FUSION).needs_gold
    )
    return (*rules, "weights") if setup.split.weights else (*rules,)


def _check_rules(setup: FusionSetup, rules: Sequence[str]) -> None:
    """Check that rules and labels are of one kind, and that given weights have an effect.

    Raises
    ------
    UserError
        They are not, or have none.
    """
    specs = [find(name, Task.FUSION) for name in rules]
    wrong = [spec.id for spec in specs if spec.fuses_numbers is not setup.split.numbers]
    if wrong:
        code = "command.rule_for_classes" if setup.split.numbers else "command.rule_for_numbers"
        raise UserError(code, names=listing(wrong))
    if setup.split.weights and "weights" not in rules:
        raise UserError("command.weights_unused")


def _hints(votes: Votes, setup: FusionSetup, layout: Layout | None) -> Iterator[Message]:
    """Yield what was detected, and what the user may have meant otherwise."""
    if layout is not None:
        yield layout.reason
        if layout.gold is not None and layout.gold == setup.target:
            yield message("command.gold_found", gold=layout.gold)
    if found := likely_abstentions(votes.classes):
        yield message("command.maybe_abstentions", labels=listing(found))
    is_scale = votes.values is not None and votes.n_classes > MOST_NUMERIC_CLASSES
    if is_scale and not setup.split.numbers:
        yield message("command.maybe_numbers", labels=votes.n_classes)


def _meant(options: argparse.Namespace) -> Iterator[Message]:
    if numbers_are_meant(options) and not options.numbers:
        yield message("command.numbers_meant")


def _written(outcome: Outcome, table: FileTable, options: argparse.Namespace) -> Outcome:
    """Return the outcome with its bundle and the fused rows."""
    result = outcome.result
    if result is None:
        return outcome
    rows = fused_frame(table.dataset, result.frames["rows"], result.experiment)
    return write_rows(write_one(outcome, table, options.out), rows, options.out)
