"""The core of the workbench: everything that computes, nothing that draws a page.

The flow, and where each step lives::

    file ──▶ Dataset ──▶ Split ──▶ Pipeline ──▶ Run ──▶ Evaluation ──▶ Figures
    data/    data/       splitting pipelines/   workflow  evaluation/    figures/
             frame +     row       one sklearn  training/ tidy frames    Plotly
             schema +    numbers   Pipeline     child
             findings                           process
                                                 │
                                                 ▼
                                   Bundle ──▶ download, command line
                                   registry/  serving/, command_line/

A clustering has no label, so its Split is only which rows are learnt from, and its Evaluation
goes with tables on structure, stability and profiles (``workflow/clustering.py`` lists them).

Every run also leaves as code: ``codegen/`` writes the short program, of public libraries alone,
that reads the user's file and prints the run's scores.

A grid world has no table: ``gridworld/`` draws it, solves it and lets agents learn it, and its
runs go through ``training/`` and ``registry/`` as all others do.

One frozen record, :class:`mlcore.experiment.Experiment`, describes everything a run will do.
It is the only thing that crosses from a page to the core: ``workflow.run_experiment`` executes
it, the run store keeps it, the download carries it, a test replays it.

Imports run one way (``tests/test_architecture.py`` holds the line)::

    messages ◂ errors ◂ findings ◂ params ◂ tasks ◂ settings ◂ workspace ◂ data ◂ splitting
    ◂ fusion ◂ gridworld ◂ algorithms ◂ experiment ◂ setups ◂ pipelines ◂ evaluation ◂ workflow
    ◂ training ◂ figures ◂ codegen ◂ registry ◂ serving ◂ command_line ◂ __main__ ◂ pages ◂ app

The core returns codes with parameters; their words live in ``messages/`` alone, so that the
interface can be translated without touching anything that computes.
"""

__version__ = "0.1.0"
