"""The sections of a model card that only models from few labels have."""

from __future__ import annotations

from mlcore.algorithms.propagation import UNREACHED
from mlcore.algorithms.semi_supervised import BASES
from mlcore.evaluation.label_draws import gain_frame, gain_verdict
from mlcore.evaluation.label_reach import UNLABELLED
from mlcore.messages import message
from mlcore.registry.card_tables import fold_scores, param_value
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets
from mlcore.splitting import FEW_LABELS_PARAMS, FewLabelsConfig


def _config(facts: CardFacts) -> FewLabelsConfig:
    config = facts.result.experiment.split
    assert isinstance(config, FewLabelsConfig)
    return config


def labels(facts: CardFacts) -> str:
    """Return how many labels it learnt from, how they spread, and how many rows none reached."""
    split, config = facts.result.split, _config(facts)
    known, seen = len(split.development), len(split.development) + len(split.unlabelled)
    said: list[object] = [message("card.few.labels", labels=f"{known:,}", rows=f"{seen:,}")]
    if config.typed:
        said.append(message("card.few.typed", count=len(config.typed)))
    said.append(facts.result.experiment.spec.summary)
    missed = _n_unreached(facts)
    said.append(
        message("card.few.unreached", count=f"{missed:,}", name=UNREACHED)
        if missed
        else message("card.few.all_reached")
    )
    return bullets(said)


def _n_unreached(facts: CardFacts) -> int:
    return int((facts.result.frames["rows"]["origin"] == UNLABELLED).sum())


def unreached(facts: CardFacts) -> str:
    """Return that the model may answer with no class at all; nothing where it always has one."""
    if UNREACHED not in facts.result.classes:
        return ""
    return str(message("card.few.extra_class", name=UNREACHED))


def new_rows(facts: CardFacts) -> str:
    """Return how rows that the table did not have are answered."""
    values = facts.result.experiment.spec.check(facts.result.experiment.params)
    if "estimator" in values:
        base = BASES[str(values["estimator"])].name
        return str(message("card.few.answered_by_classifier", name=base))
    model = facts.result.pipeline.named_steps["model"]
    return str(message("card.few.answered_by_neighbors", k=model.n_neighbors))


def scores(facts: CardFacts) -> str:
    """Return the scores on labels that were hidden, if there were enough to hide some."""
    folds = facts.result.evaluation.scores["fold"].nunique()
    if not folds:
        return str(message("card.few.no_scores"))
    said = message("card.few.scores", folds=folds)
    return f"{said}\n\n{fold_scores(facts, ('mean', 'spread'))}"


def gain(facts: CardFacts) -> str:
    """Return whether the rows without a label helped, compared with a classifier without them."""
    values = facts.result.experiment.params
    rival = BASES[str(values.get("estimator", _config(facts).rival))].name
    verdict = gain_verdict(gain_frame(facts.result.frames["draws"]))
    return f"{verdict}\n\n{message('card.few.rival', name=rival)}"


def rows(facts: CardFacts) -> list[tuple[object, object]]:
    """Return how many rows did what, and the knobs of the division."""
    split, values = facts.result.split, _config(facts).values()
    return [
        (message("card.data.labelled"), len(split.development)),
        (message("card.data.test"), len(split.test)),
        (message("card.data.without_label"), len(split.unlabelled)),
        *((param.label, param_value(param, values[param.name])) for param in FEW_LABELS_PARAMS),
    ]


def limits(facts: CardFacts) -> str:
    """Return what the model is not for."""
    spec = facts.result.experiment.spec
    always = UNREACHED not in facts.result.classes
    return bullets(
        [
            message("card.limit.few_labels"),
            message("card.limit.range"),
            message("card.limit.cause"),
            *([message("card.limit.classes")] if always else []),
            message("card.limit.avoid", text=spec.avoid_when),
        ]
    )
