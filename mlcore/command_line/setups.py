"""What all runs of one command share: what was given, and sensible choices for the rest."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mlcore.algorithms.catalogue import find
from mlcore.command_line.given import assignments, declared, names, preparation
from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, ColumnKind, Role, Schema, guess_task
from mlcore.errors import UserError
from mlcore.fusion.config import FUSION_PARAMS, FusionConfig
from mlcore.fusion.layout import Layout, detect_layout
from mlcore.params import check_values
from mlcore.setups import (
    ClusterSetup,
    FewLabelsSetup,
    FusionSetup,
    Setup,
    check_columns,
    check_few_labels,
    check_fusion,
    default_cluster_setup,
    default_few_labels_setup,
    default_setup,
)
from mlcore.splitting import (
    FEW_LABELS_PARAMS,
    SAMPLE_PARAMS,
    SPLIT_PARAMS,
    FewLabelsConfig,
    SampleConfig,
    SplitConfig,
)
from mlcore.tasks import Task


def setup_of(dataset: Dataset, options: argparse.Namespace) -> Setup:
    """Return what all runs of ``train`` share.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration.
    """
    schema = dataset.schema
    roles = {options.time: Role.TIME, options.group: Role.GROUP, options.weight: Role.WEIGHT}
    schema = schema.with_roles({name: role for name, role in roles.items() if name is not None})
    task = Task(options.task) if options.task else guess_task(schema[options.target])[0]
    setup = default_setup(replace(dataset, schema=schema), options.target, task)
    features = names(options.features) or setup.features
    setup = replace(setup, features=features, weight=options.weight)
    _check_kinds(schema, setup.features)
    check_columns(schema, task, setup.target, setup.features, setup.weight)
    split = {**setup.split.values(), **declared(SPLIT_PARAMS, options)}
    return replace(
        setup,
        split=SplitConfig.checked(split, group=options.group, time=options.time),
        preparation=preparation(options),
    )


def cluster_setup_of(dataset: Dataset, options: argparse.Namespace) -> ClusterSetup:
    """Return what all runs of ``cluster`` share.

    It has no features where those that were named, or else all columns, hold one value each.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration, or no column can be grouped by.
    """
    return replace(
        ClusterSetup(features=_alike_by(dataset, options)),
        split=SampleConfig.checked(declared(SAMPLE_PARAMS, options)),
        preparation=preparation(options),
    )


def _alike_by(dataset: Dataset, options: argparse.Namespace) -> tuple[str, ...]:
    schema, named = dataset.schema, names(options.features)
    if all(schema[name].kind is ColumnKind.CONSTANT for name in named or schema.names):
        return ()
    features = named or default_cluster_setup(dataset).features
    if not features:
        columns = ", ".join(f"“{each.name}” is {each.kind}" for each in schema.columns)
        raise UserError("command.nothing_to_group", columns=columns)
    _check_kinds(schema, features)
    return features


def _check_kinds(schema: Schema, features: Iterable[str]) -> None:
    for name in features:
        if (kind := schema[name].kind) not in LEARNABLE:
            raise UserError("command.feature_kind", name=name, kind=kind.value)


def few_labels_setup_of(dataset: Dataset, options: argparse.Namespace) -> FewLabelsSetup:
    """Return what all runs of ``propagate`` share.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration.
    """
    setup = default_few_labels_setup(dataset, dataset.schema[options.target].name)
    setup = replace(setup, features=names(options.features) or setup.features)
    _check_kinds(dataset.schema, setup.features)
    check_few_labels(dataset, setup.target, setup.features)
    return replace(
        setup,
        split=FewLabelsConfig.checked(
            declared(FEW_LABELS_PARAMS, options),
            options.rival or FewLabelsConfig().rival,
            tuple(dict.fromkeys(options.no_label)),
        ),
        preparation=preparation(options),
    )


def fusion_setup_of(
    dataset: Dataset, options: argparse.Namespace
) -> tuple[FusionSetup, Layout | None]:
    """Return what all runs of ``fuse`` share, and how the table was read where nothing was named.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration, or no votes were recognised.
    """
    config, layout = _columns(dataset, options)
    gold = options.gold or (layout.gold if layout else None)
    config = replace(config, sources=tuple(name for name in config.sources if name != gold))
    setup = FusionSetup(
        target=gold,
        features=_source_features(dataset.schema, config, gold, options),
        split=_with_settings(config, options),
        preparation=preparation(options),
    )
    check_fusion(dataset, setup)
    return setup, layout


def _columns(dataset: Dataset, options: argparse.Namespace) -> tuple[FusionConfig, Layout | None]:
    """Return where the votes stand; detected where no option says so."""
    long = {"--row": options.row, "--source": options.source, "--label": options.label}
    missing = [flag for flag, name in long.items() if name is None]
    if options.sources:
        if len(missing) < len(long):
            raise UserError("command.two_layouts")
        sources = tuple(dict.fromkeys(names(options.sources)))
        if options.gold in sources:
            raise UserError("fusion.gold_is_source", name=options.gold)
        return FusionConfig(sources=sources), None
    if not missing:
        return FusionConfig(row=options.row, source=options.source, label=options.label), None
    if len(missing) < len(long):
        raise UserError("command.long_incomplete", missing=" and ".join(missing))
    layout = detect_layout(dataset.frame)
    if layout.layout == "wide" and len(layout.sources) < 2:
        raise UserError("command.no_layout", reason=str(layout.reason))
    return (
        FusionConfig(
            sources=layout.sources, row=layout.row, source=layout.source, label=layout.label
        ),
        layout,
    )


def _with_settings(config: FusionConfig, options: argparse.Namespace) -> FusionConfig:
    knobs = check_values("The fusion", FUSION_PARAMS, declared(FUSION_PARAMS, options))
    return replace(
        config,
        abstain=tuple(dict.fromkeys(options.abstain)),
        numbers=options.numbers or numbers_are_meant(options),
        order=names(options.order),
        weights=_weights(options.weight),
        learner=options.learner,
        ties=str(knobs["ties"]),
        seed=int(str(knobs["seed"])),
    )


def numbers_are_meant(options: argparse.Namespace) -> bool:
    """Return whether all rules that were named average numbers."""
    rules = [find(name, Task.FUSION) for name in options.algorithm]
    return bool(rules) and all(rule.fuses_numbers for rule in rules)


def _weights(given: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Return the weights of sources.

    Raises
    ------
    UserError
        A weight is no number of 0 or more.
    """
    return tuple(
        (source, _weight(source, text))
        for source, text in assignments(given, "SOURCE=NUMBER", "anna=2").items()
    )


def _weight(source: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise UserError("command.weight", source=source, got=text)
    return weight


def _source_features(
    schema: Schema, config: FusionConfig, gold: str | None, options: argparse.Namespace
) -> tuple[str, ...]:
    """Return what the models of the sources learn from; nothing where sources vote themselves."""
    if options.learner is None:
        for flag, given in (("--features", options.features), ("--prepare", options.prepare)):
            if given:
                raise UserError("command.needs_learner", flag=flag)
        return ()
    labels = {*config.columns, *schema.with_role(Role.LABEL), gold}
    default = tuple(name for name in schema.default_features(gold) if name not in labels)
    features = names(options.features) or default
    _check_kinds(schema, features)
    return features
