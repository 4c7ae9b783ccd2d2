"""What is read from the workspace, kept in memory once for all reruns and tabs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from sklearn.pipeline import Pipeline

from mlcore.data.dataset import Dataset
from mlcore.data.quality import Remedy, check_label, remedies_of
from mlcore.data.quality import contradictions as contradictions_in
from mlcore.data.schema import Role, Schema
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.findings import Finding
from mlcore.messages import Message
from mlcore.registry.store import ModelVersion, Registry
from mlcore.registry.version_facts import VersionFacts, read_facts
from mlcore.setups import (
    ClusterSetup,
    FewLabelsSetup,
    FusionSetup,
    Setup,
    default_cluster_setup,
    default_few_labels_setup,
    default_fusion_setup,
    default_setup,
    following,
)
from mlcore.splitting import Split
from mlcore.tasks import Task
from mlcore.training.analyses import Analyses
from mlcore.training.jobs import Job, JobQueue
from mlcore.training.runs import Run, RunStore, StoredResult
from mlcore.workflow import divide
from pages.ui.session import session, use_dataset, workspace


def datasets() -> DatasetStore:
    """Return the tables of this workspace."""
    return DatasetStore(workspace())


def runs() -> RunStore:
    """Return the runs of this workspace."""
    return RunStore(workspace())


def supervised_runs(dataset: str) -> list[Run]:
    """Return the runs of a table that predict a label, oldest first."""
    return [run for run in runs().all(dataset) if run.experiment.task.is_supervised]


def cluster_runs(dataset: str) -> list[Run]:
    """Return the runs of a table that find groups, oldest first."""
    return _runs_of(dataset, Task.CLUSTERING)


def few_labels_runs(dataset: str) -> list[Run]:
    """Return the runs of a table that learn from few labels, oldest first."""
    return _runs_of(dataset, Task.SEMI_SUPERVISED)


def fusion_runs(dataset: str) -> list[Run]:
    """Return the runs of a table that make one label of several, oldest first."""
    return _runs_of(dataset, Task.FUSION)


def _runs_of(dataset: str, task: Task) -> list[Run]:
    return [run for run in runs().all(dataset) if run.experiment.task is task]


def jobs() -> JobQueue:
    """Return the queue of jobs."""
    return JobQueue(workspace())


def registry() -> Registry:
    """Return the registered models of this workspace."""
    return Registry(workspace())


@st.cache_resource(max_entries=256, show_spinner="Checking the files of the version …")
def _version_facts(user: str, identifier: str, _version: ModelVersion) -> VersionFacts:
    return read_facts(registry().checked_folder(_version))


def version_facts(version: ModelVersion) -> VersionFacts:
    """Return what is known of a version; it never changes.

    Raises
    ------
    UserError
        ``registry.changed``: a file is missing or is another than the registry wrote.
    """
    return _version_facts(workspace().user, version.id, version)


@st.cache_resource(max_entries=4, show_spinner=False)
def _dataset(user: str, identifier: str, version: float) -> Dataset:
    return datasets().load(identifier)


def dataset(identifier: str) -> Dataset:
    """Return a table; the frame is shared by all reruns and must not be changed."""
    path = workspace().folder("datasets", identifier) / "schema.json"
    version = path.stat().st_mtime_ns if path.exists() else 0
    return _dataset(workspace().user, identifier, version)


def current_dataset() -> Dataset | None:
    """Return the table in use, or ``None`` when there is none (any more)."""
    identifier = session().dataset
    if identifier is None:
        return None
    try:
        return dataset(identifier)
    except UserError:
        use_dataset(None)
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _evaluation(user: str, run: str) -> Evaluation:
    return runs().evaluation(run)


def evaluation(run: str) -> Evaluation:
    """Return the tables of a finished run; they never change."""
    return _evaluation(workspace().user, run)


@st.cache_resource(max_entries=16, show_spinner=False)
def _result(user: str, run: str) -> StoredResult:
    return runs().result(run)


def result(run: str) -> StoredResult:
    """Return the notes and the rows of a finished run; they never change."""
    return _result(workspace().user, run)


@st.cache_resource(max_entries=4, show_spinner="Opening the model …")
def _model(user: str, run: str) -> Pipeline:
    return runs().model(run)


def model(run: str) -> Pipeline:
    """Return the fitted pipeline of a finished run; it is shared and must not be changed."""
    return _model(workspace().user, run)


@st.cache_resource(max_entries=256, show_spinner=False)
def _run_frame(user: str, run: str, name: str) -> pd.DataFrame:
    found = runs().analysis_frame(run, name)
    if found is None:
        # What fails is not kept: the next rerun looks again.
        raise KeyError(name)
    return found


def run_frame(run: str, name: str) -> pd.DataFrame | None:
    """Return a table that belongs to a finished run, ``None`` when it was not computed (yet).

    Read once for all reruns; it is shared by them and must not be changed.
    """
    try:
        return _run_frame(workspace().user, run, name)
    except KeyError:
        return None


def saved_setup(table: Dataset) -> Setup | None:
    """Return the set-up of the table in use, as it was left.

    Before anything was chosen it follows from the column marked as label, if there is one.
    """
    plain = workspace().recall(f"setup:{session().dataset}")
    if plain is None:
        marked = table.schema.with_role(Role.LABEL)
        return default_setup(table, marked[0]) if marked else None
    try:
        return Setup.from_json(plain)
    except UserError:
        # A kind or a column changed since: start from the label again.
        return default_setup(table, plain["target"]) if plain["target"] in table.frame else None


def save_setup(setup: Setup) -> None:
    """Keep the set-up of the table in use for the next visit."""
    workspace().remember(f"setup:{session().dataset}", setup.to_json())
    workspace().remember(f"setup_problem:{session().dataset}", None)


def setup_follows(before: Schema) -> None:
    """Let the set-up of the table in use follow a change of its steps or roles."""
    plain, table = workspace().recall(f"setup:{session().dataset}"), current_dataset()
    if plain is None or table is None:
        return
    try:
        setup = following(Setup.from_json(plain), before, table)
    except UserError:
        setup = None
    if setup is None:
        workspace().remember(f"setup:{session().dataset}", None)
    else:
        save_setup(setup)


def save_setup_problem(problem: UserError) -> None:
    """Keep why the set-up on the screen cannot be used; the last good one stays beside it."""
    workspace().remember(f"setup_problem:{session().dataset}", problem.message.to_json())


def require_setup(table: Dataset) -> Setup | None:
    """Return a set-up that can be trained, or ``None`` before a label is chosen.

    Raises
    ------
    UserError
        What the Set up page shows cannot be used; the sentence says why.
    """
    if plain := workspace().recall(f"setup_problem:{session().dataset}"):
        problem = Message.from_json(plain)
        raise UserError(problem.code, **problem.parameters)
    setup = saved_setup(table)
    if setup is not None:
        divided(table, setup)
    return setup


def divided(table: Dataset, setup: Setup) -> Split:
    """Return which rows of the table in use do what; worked out once for all reruns.

    Raises
    ------
    UserError
        The set-up does not fit the table.
    """
    return _divided(workspace().user, _plan(table, setup), table, setup)


def _plan(table: Dataset, setup: Setup) -> str:
    return f"{session().dataset} {table.fingerprint} {setup.to_json()}"


@st.cache_resource(max_entries=16, show_spinner=False)
def _divided(user: str, plan: str, _table: Dataset, _setup: Setup) -> Split:
    return divide(_table, _setup)


def remedies(finding: Finding, table: Dataset) -> tuple[Remedy, ...]:
    """Return what can be done at once about a finding; values are counted once for it."""
    state = json.dumps([finding.to_json(), table.fingerprint, table.schema.to_json()])
    return _remedies(workspace().user, state, finding, table)


@st.cache_data(max_entries=128, show_spinner=False)
def _remedies(user: str, state: str, _finding: Finding, _table: Dataset) -> tuple[Remedy, ...]:
    return remedies_of(_finding, _table)


def label_findings(table: Dataset, setup: Setup) -> tuple[Finding, ...]:
    """Return what stands out about a label; sealed test rows are not looked at."""
    return _label_findings(workspace().user, _plan(table, setup), table, setup)


@st.cache_data(max_entries=32, show_spinner="Looking for columns that give the label away …")
def _label_findings(user: str, plan: str, _table: Dataset, _setup: Setup) -> tuple[Finding, ...]:
    known = _unsealed(_table, _setup)
    return check_label(known, _setup.target, _setup.task, _setup.features)


def contradictions(table: Dataset, setup: Setup) -> pd.DataFrame:
    """Return the rows that differ only in the label; sealed test rows are not looked at."""
    return _contradictions(workspace().user, _plan(table, setup), table, setup)


@st.cache_resource(max_entries=4, show_spinner=False)
def _contradictions(user: str, plan: str, _table: Dataset, _setup: Setup) -> pd.DataFrame:
    return contradictions_in(_unsealed(_table, _setup), _setup.target, _setup.features)


def _unsealed(table: Dataset, setup: Setup) -> Dataset:
    sealed = divided(table, setup).test
    return replace(table, frame=table.frame.drop(sealed.tolist()).reset_index(drop=True))


def saved_cluster_setup(table: Dataset) -> ClusterSetup:
    """Return what was chosen for finding groups in the table in use, or what to start with."""
    plain = workspace().recall(f"cluster:{session().dataset}")
    try:
        return default_cluster_setup(table) if plain is None else ClusterSetup.from_json(plain)
    except UserError:
        return default_cluster_setup(table)


def saved_fusion_setup(table: Dataset) -> FusionSetup:
    """Return what was chosen for fusing the labels of the table in use, or what it looks like."""
    plain = workspace().recall(f"fusion:{session().dataset}")
    try:
        if plain is not None:
            return FusionSetup.from_json(plain)
    except UserError:
        pass
    return _fusion_guess(workspace().user, table.fingerprint, table)


def has_fusion_setup() -> bool:
    """Return whether something was chosen for fusing the labels of the table in use."""
    return workspace().recall(f"fusion:{session().dataset}") is not None


@st.cache_data(max_entries=16, show_spinner="Looking for votes …")
def _fusion_guess(user: str, fingerprint: str, _table: Dataset) -> FusionSetup:
    return default_fusion_setup(_table)


def few_labels_target() -> str | None:
    """Return the column whose labels were completed last in the table in use."""
    target: str | None = workspace().recall(f"few_labels:{session().dataset}")
    return target


def saved_few_labels_setup(table: Dataset, target: str) -> FewLabelsSetup:
    """Return what was chosen for completing a column of the table in use, or what to start with.

    Each column has a set-up of its own, so that labels that were typed in stay with theirs.
    """
    plain = workspace().recall(f"few_labels:{session().dataset}:{target}")
    try:
        if plain is not None:
            return FewLabelsSetup.from_json(plain)
    except UserError:
        pass
    return default_few_labels_setup(table, target)


def save_few_labels_setup(setup: FewLabelsSetup) -> None:
    """Keep what was chosen for completing a column of the table in use."""
    keep(f"few_labels:{session().dataset}", setup.target)
    keep(f"few_labels:{session().dataset}:{setup.target}", setup.to_json())


def keep(name: str, value: Any) -> None:
    """Remember plain data for the next visit; nothing is written while it stays the same."""
    if workspace().recall(name) != value:
        workspace().remember(name, value)


def analysis(name: str, plan: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return a table that was computed for the table in use and a plan, if it was.

    Read once for all reruns; it is shared by them and must not be changed.
    """
    try:
        return _analysis(workspace().user, session().dataset or "", name, json.dumps(plan))
    except KeyError:
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _analysis(user: str, dataset: str, name: str, plan: str) -> pd.DataFrame:
    found = Analyses(workspace(), dataset).frame(name, json.loads(plan))
    if found is None:
        # What fails is not kept: the next rerun looks again.
        raise KeyError(name)
    return found


def analysis_job(kind: str, plan: Mapping[str, Any]) -> Job | None:
    """Return the job that was started last to compute the analyses of a plan."""
    identifier = workspace().recall(_job_key(kind, plan))
    try:
        return jobs().get(identifier) if identifier else None
    except UserError:
        return None


def start_analysis(
    kind: str, plan: Mapping[str, Any], payload: Mapping[str, Any], subject: str | None = None
) -> Job:
    """Start the job that computes the analyses of a plan, for the table in use or a run."""
    identifier = jobs().submit(kind, subject or session().dataset or "", payload)
    workspace().remember(_job_key(kind, plan), identifier)
    return jobs().get(identifier)


def _job_key(kind: str, plan: Mapping[str, Any]) -> str:
    """Return the name under which the job is remembered: a page that is reloaded finds it."""
    text = json.dumps([session().dataset, plan], sort_keys=True)
    return f"job:{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def wait(job: str) -> None:
    """Wait for a short job.

    Raises
    ------
    UserError
        The job did not end well; the sentence says why.
    """
    while (found := jobs().get(job)).is_active:
        time.sleep(0.05)
    if found.error is not None:
        raise UserError(found.error.code, **found.error.parameters)
