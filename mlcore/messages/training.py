"""Sentences about the workspace, jobs, training and downloads."""

SENTENCES: dict[str, str] = {
    "workspace.full": (
        "The workspace is full: {used} MiB of {limit} MiB are used. "
        "Delete runs or tables that are no longer needed, then try again."
    ),
    "workspace.disk_full": (
        "The disk of this computer is full, so the result could not be kept. "
        "Free some space, then try again."
    ),
    # Stages of a run
    "training.stage.table": "Opening the table",
    "training.stage.fold": "Fold {fold} of {folds}",
    "training.stage.final": "Final model on all training rows",
    "training.stage.saving": "Keeping the result",
    "training.stage.learning_curve": "Training on growing shares of the rows",
    "training.stage.importance": "Shuffling one column after the other",
    "training.stage.open_test": "Predicting the test rows",
    # Notes on a run
    "training.not_converged": (
        "{name} had not converged when it reached its limit of iterations in {fits} of its fits. "
        "The scores are those of the unfinished models; allow more iterations, or scale the "
        "features."
    ),
    "training.warned": "The library remarks: {text}",
    "training.not_weighted": (
        "{name} does not take weights, so every row with a weight above 0 counted the same."
    ),
    # Why a run failed
    "training.no_words": (
        "The text columns hold no word that occurs in enough rows, so there is nothing to learn "
        "from them. Leave the text columns out of the features, or choose others."
    ),
    "training.diverged": (
        "The model's numbers grew beyond all bounds while it was trained, so it predicts nothing "
        "usable. Scale the features, or choose a smaller learning rate or a lower degree."
    ),
    "training.out_of_memory": (
        "The job needed more than the {limit} MiB of memory it may use, so it was stopped. Use "
        "fewer rows or columns or a simpler algorithm, or raise WORKBENCH_JOB_MEMORY_MB."
    ),
    "training.out_of_time": (
        "The job ran longer than the {limit} seconds it may take, so it was stopped. Use fewer "
        "rows or a faster algorithm, or raise WORKBENCH_JOB_SECONDS."
    ),
    "training.killed": (
        "The job's process ended without a result ({how}). The operating system may have stopped "
        "it, often for want of memory. Try again, with fewer rows if it happens once more."
    ),
    "training.interrupted": (
        "The job was interrupted before it finished: its process is gone, for example because the "
        "computer was restarted. Nothing else was lost; start it again."
    ),
    "training.defect": (
        "Something went wrong inside the workbench. That is a defect of ours, not of your table. "
        "It was noted in the log under the number {number}; please report it with that number."
    ),
    # Runs
    "training.no_run": (
        "There is no such run; it may have been deleted. Choose one of the runs that are listed."
    ),
    "training.not_trained": (
        "This run has no result yet. Wait until it is done, or choose another run."
    ),
    "training.no_test_rows": (
        "This run was set up without a test set, so there are no sealed rows to open. "
        "Choose a share of test rows at set-up and train again."
    ),
    "training.model_changed": (
        "The stored model of this run is not the file that training wrote, so it was not loaded: "
        "loading a changed model can run foreign code. Train the run again."
    ),
    "training.name": (
        "A name has 1 to 200 characters, but this one has {length}. Enter a shorter or longer one."
    ),
    # Downloads
    "download.gone.title": "This download link is no longer valid",
    "download.gone": (
        "A download link works once and for a few minutes only. "
        "Go back to the page and press the download button again."
    ),
    # The page broke
    "page.defect": (
        "This page could not be drawn. That is a defect of ours; your tables and runs are safe. "
        "It was noted in the log under the number {number}. Reload the page, or choose another one."
    ),
}
