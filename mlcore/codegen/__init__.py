"""Programs that repeat a run with public libraries alone, written to be read and learnt from.

``expression`` writes estimators as code from the objects themselves, ``script`` is a program in
steps (as ``.py`` and as ``.ipynb``), ``loading`` finds the call of pandas that reads the user's
file into the run's very table, ``preparing`` and ``scoring`` write the pipeline and the metrics.
``supervised``, ``clustering``, ``few_labels`` and ``fusion`` put a program together, each for its
task (``fusion_votes`` is part of the last); ``grid_script`` does so for a grid world, with
``grid_world``, ``grid_planning``, ``grid_learning`` and ``grid_continuous``.
What no public library has stands in ``templates``, written out by hand (``templating`` reads it).
"""

from mlcore.codegen.loading import Source
from mlcore.codegen.repeating import script_of
from mlcore.codegen.request import Request
from mlcore.codegen.script import Script, Step

__all__ = ["Request", "Script", "Source", "Step", "script_of"]
