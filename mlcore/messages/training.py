"""Sentences about the workspace, jobs and training."""

SENTENCES: dict[str, str] = {
    "workspace.full": (
        "The workspace is full: {used} MiB of {limit} MiB are used. "
        "Delete runs or tables that are no longer needed, then try again."
    ),
}
