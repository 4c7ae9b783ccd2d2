"""What a careful colleague would point out: in the table, and in what was trained on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlcore.data.quality import check_label, check_table
from mlcore.evaluation.checks import check_run
from mlcore.evaluation.cluster_checks import check_clusters
from mlcore.evaluation.few_label_checks import FewLabels, check_few_labels
from mlcore.evaluation.fusion_checks import read_findings
from mlcore.evaluation.stability import Stability
from mlcore.findings import Finding, Severity
from mlcore.messages import message
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, markdown_text
from mlcore.tasks import Task

#: What is told; checks that found nothing are counted.
_TOLD = (Severity.PROBLEM, Severity.WARNING, Severity.NOTE)


def findings_of(facts: CardFacts) -> tuple[Finding, ...]:
    """Return what the checks of the run, and those of its columns, have found."""
    task = facts.schema.task
    if task is Task.FUSION:
        return tuple(read_findings(facts.result.frames["findings"]))
    return (*_OF_RUN.get(task, _of_predictions)(facts), *_of_table(facts))


def findings(facts: CardFacts) -> str:
    """Return a line for each finding, the grave ones first, and how many checks found none."""
    found = findings_of(facts)
    told = [_line(each) for severity in _TOLD for each in found if each.severity is severity]
    said = bullets(told) if told else str(message("card.no_findings"))
    quiet = len(found) - len(told)
    return f"{said}\n\n{message('card.quiet_checks', count=quiet)}" if quiet else said


def _line(finding: Finding) -> str:
    seen = markdown_text(f"{finding.explanation} {finding.meaning}")
    return f"{finding.title}: {seen} {finding.action}".rstrip()


def _of_predictions(facts: CardFacts) -> Iterable[Finding]:
    result = facts.result
    return check_run(result.evaluation, facts.baseline, facts.schema.task, result.notes)


def _of_clusters(facts: CardFacts) -> Iterable[Finding]:
    frames = facts.result.frames
    measured = (
        Stability(overall=frames["stability"], clusters=frames["stability_clusters"])
        if "stability" in frames
        else None
    )
    return check_clusters(
        facts.result.evaluation.scores,
        measured,
        frames.get("structure"),
        frames.get("shuffled"),
        frames["clusters"],
    )


def _of_few_labels(facts: CardFacts) -> Iterable[Finding]:
    frames, values = facts.result.frames, facts.result.experiment.params
    return check_few_labels(
        FewLabels(
            rows=frames["rows"], shift=frames.get("shift"), draws=frames.get("draws"), values=values
        )
    )


_OF_RUN = {Task.CLUSTERING: _of_clusters, Task.SEMI_SUPERVISED: _of_few_labels}


def _of_table(facts: CardFacts) -> Iterable[Finding]:
    """Return what stands out in the columns that were used; test rows stay sealed here too."""
    plan, sealed = facts.result.experiment, facts.result.split.test
    used = [*plan.features, *([plan.target] if plan.target else [])]
    frame = facts.dataset.frame[used].drop(index=sealed.tolist()).reset_index(drop=True)
    whole = facts.dataset.schema
    schema = replace(whole, columns=tuple(whole[name] for name in used))
    known = replace(facts.dataset, frame=frame, schema=schema)
    found = check_table(known)
    if plan.target and plan.task.is_supervised:
        found += check_label(known, plan.target, plan.task, plan.features)
    return found
