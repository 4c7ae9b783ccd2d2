"""The sections of a model card that only clusters have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.clusters import find_cluster_metric
from mlcore.evaluation.profiles import describe_clusters
from mlcore.evaluation.shown import shown_share
from mlcore.evaluation.stability import Stability, stability_message
from mlcore.evaluation.structure import Structure, shuffled_verdict
from mlcore.messages import listing, message
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, markdown_text, number, table
from mlcore.registry.reassignment import reassign

#: Clusters that a card describes at most, the largest; ``clusters.csv`` has them all.
MOST_CLUSTERS = 30


def groups(facts: CardFacts) -> str:
    """Return what the model does: which rows it puts together."""
    classes, columns = facts.schema.classes, len(facts.schema.features)
    if not classes:
        return str(message("card.groups_none", features=columns))
    names = listing(classes, most=MOST_CLUSTERS)
    said = [message("card.groups_rows", features=columns, count=len(classes), names=names)]
    if _has_noise(facts):
        said.append(message("card.groups_noise", name=NOISE_NAME))
    return " ".join(map(str, said))


def _has_noise(facts: CardFacts) -> bool:
    """Return whether the model can say of a row that it is in no cluster."""
    way = facts.schema.assignment
    return NOISE_NAME in facts.result.classes or (way is not None and way.id == "core_points")


def assignment(facts: CardFacts) -> str:
    """Return how new rows are given to the clusters, and how truly where that is approximate."""
    way = facts.schema.assignment
    assert way is not None
    if way.is_exact:
        return way.sentence
    again = reassign(facts.dataset, facts.result)
    share = shown_share(again.share)
    return f"{way.sentence}\n\n{message('card.reassigned', rows=f'{again.rows:,}', share=share)}"


def structure(facts: CardFacts) -> str:
    """Return whether the table has groups at all, by the test and by shuffled columns."""
    frames = facts.result.frames
    said: list[object] = []
    if "structure" in frames:
        found = Structure.from_frame(frames["structure"])
        said += [found.verdict, found.about_hopkins]
    else:
        said.append(message("card.structure_untested"))
    if "shuffled" in frames:
        said.append(shuffled_verdict(frames["shuffled"]))
    return bullets(sentence for sentence in said if sentence is not None)


def scores(facts: CardFacts) -> str:
    """Return every score of the clusters, what it says, and whether they come back."""
    frame = facts.result.evaluation.scores
    found = frame[frame["fold"] == 0].to_dict("records")
    head = [message(f"card.score.{name}") for name in ("metric", "value", "rows")]
    specs = [find_cluster_metric(row["metric"]) for row in found]
    rows = [
        (spec.label, number(row["value"]), f"{int(row['rows']):,}")
        for spec, row in zip(specs, found, strict=True)
    ]
    return "\n\n".join(
        [
            str(message("card.scores_of_clusters")),
            table(head, rows),
            bullets(f"{spec.label}: {spec.help}" for spec in specs),
            _stability(facts),
        ]
    )


def _stability(facts: CardFacts) -> str:
    frames = facts.result.frames
    if "stability" not in frames:
        return str(message("card.stability_unknown"))
    measured = Stability(overall=frames["stability"], clusters=frames["stability_clusters"])
    return " ".join(map(str, stability_message(measured)))


def clusters(facts: CardFacts) -> str:
    """Return size, silhouette and stability of each cluster, and what sets it apart."""
    frame = facts.result.frames["clusters"]
    shown = frame.head(MOST_CLUSTERS)
    sizes = {
        str(name): int(rows) for name, rows in zip(frame["cluster"], frame["rows"], strict=True)
    }
    described = describe_clusters(facts.result.frames["profile"], sizes)
    parts = [_cluster_table(shown), bullets(markdown_text(described[n]) for n in shown["cluster"])]
    if left := len(frame) - len(shown):
        parts.append(str(message("card.more_clusters", count=left)))
    return "\n\n".join(parts)


def _cluster_table(shown: pd.DataFrame) -> str:
    columns = ["cluster", "rows", "share", "silhouette"]
    columns += ["jaccard"] if "jaccard" in shown else []
    head = [message(f"card.cluster.{name}") for name in columns]
    return table(head, [[_cell(row, name) for name in columns] for row in shown.to_dict("records")])


def _cell(row: Mapping[Any, Any], name: str) -> str:
    """Return a cell of the table; a mean over samples comes with where nine of ten lie."""
    value = row[name]
    if name == "rows":
        return f"{value:,}"
    if name == "share":
        return shown_share(value)
    if name == "jaccard" and not pd.isna(row["low"]):
        return f"{number(value)} ({number(row['low'])} – {number(row['high'])})"
    return str(value) if name == "cluster" else number(value)


def limits(facts: CardFacts) -> str:
    """Return what the clusters are not for."""
    spec = facts.result.experiment.spec
    return bullets(
        [
            message("card.limit.made"),
            message("card.limit.scaling"),
            message("card.limit.range"),
            message("card.limit.noise" if _has_noise(facts) else "card.limit.clusters"),
            message("card.limit.avoid", text=spec.avoid_when),
        ]
    )
