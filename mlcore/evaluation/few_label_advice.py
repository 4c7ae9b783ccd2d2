"""What to change after learning from few labels: only what the algorithm has and can still do.

Everything follows from the values of the algorithm's parameters. A parameter that is not among
them is one that the algorithm does not have, so no advice names it.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlcore.messages import message
from mlcore.params import ParamValue

Values = Mapping[str, ParamValue]


def _words(name: str, **parameters: object) -> str:
    return str(message(f"few_labels.mend.{name}", **parameters))


def _either(options: list[str]) -> str:
    """Return the options as the middle of a sentence."""
    *first, last = options
    return f"{', '.join(first)}, or {last}" if first else last


def _is_gaussian(values: Values) -> bool:
    return values.get("affinity") == "rbf"


def reach_more(values: Values, cut_off: int, too_far: bool) -> str:
    """Return how a label gets to rows that none reaches, as the middle of a sentence.

    Parameters
    ----------
    values : mapping
        Complete values of the algorithm's parameters.
    cut_off : int
        Groups of rows that are not joined to any labelled row, not even by way of others.
    too_far : bool
        Whether there are other rows, to which labels would have come in more rounds.
    """
    options = []
    if too_far and values.get("rounds") is not None:
        options.append(_words("rounds", rounds=values["rounds"]))
    elif too_far and "alpha" in values:
        options.append(_words("larger_alpha", alpha=f"{values['alpha']:g}"))
    if _is_gaussian(values):
        options.append(_words("smaller_gamma", gamma=f"{values['gamma']:g}"))
    elif cut_off and "n_neighbors" in values:
        options.append(_words("larger_k", k=values["n_neighbors"]))
    if cut_off:
        options.append(_words("label_group" if cut_off == 1 else "label_groups"))
    else:
        options.append(_words("label_near"))
    return _either(options)


def keep_shares(values: Values) -> str:
    """Return how classes keep the shares they have among labels that were given by lot."""
    if "class_mass" not in values:
        return _words("other_algorithm")
    if not values["class_mass"]:
        return _words("class_mass")
    return _either(_narrower(values))


def vary_answers(values: Values) -> str:
    """Return what keeps one class from swallowing the others, as the middle of a sentence."""
    options = [_words("features"), *_narrower(values)]
    if values.get("class_mass") is False:
        options.append(_words("class_mass_by_lot"))
    return _either(options)


def _narrower(values: Values) -> list[str]:
    """Return what makes labels go less far, or a classifier more careful."""
    if _is_gaussian(values):
        return [_words("larger_gamma", gamma=f"{values['gamma']:g}")]
    if "n_neighbors" in values:
        return [_words("other_k", k=values["n_neighbors"])]
    if "estimator" not in values:
        return [_words("label_more")]
    if values["criterion"] == "threshold":
        careful = _words("threshold", threshold=f"{values['threshold']:g}")
    else:
        careful = _words("k_best", rows=values["k_best"])
    return [careful, _words("estimator")]
