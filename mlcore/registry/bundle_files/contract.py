"""The one way from cells to the values a model learnt from, and from those to its answers.

A form, a table in a file, HTTP, a program in Python and ``predict.py`` all come through here, so
that the same row gets the same answer and the same sentences, whichever way it came::

    schema, model = read_schema(folder), load_model(folder)      # after check_files(folder)
    reading = read_records([{"age": 41, "colour": "red"}], schema)
    print(answers(model, schema, reading).to_records())

A cell is text as it stands in a file, or a value as JSON has them; a value is read as the cell
that it would be in a file of training. What cannot be read is never guessed: its row is refused.
What training did not see is predicted with a warning, or refused where that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING or __package__:
    from mlcore.data import cells
    from mlcore.registry.bundle_files import answering, model_folder, problems, row_reading
else:
    # In a bundle they lie beside this file.
    import answering
    import cells
    import model_folder
    import problems
    import row_reading

# The folder

MODEL = model_folder.MODEL
SCHEMA = model_folder.SCHEMA
GOLDEN_ROWS = model_folder.GOLDEN_ROWS
GOLDEN_PREDICTIONS = model_folder.GOLDEN_PREDICTIONS
MANIFEST = model_folder.MANIFEST
NEEDED = model_folder.NEEDED
SCIKIT_LEARN = model_folder.SCIKIT_LEARN
ONNX = model_folder.ONNX
ONNX_MODEL = model_folder.ONNX_MODEL
ENGINES = model_folder.ENGINES
TRUSTED_TYPES = model_folder.TRUSTED_TYPES
INSTALL = model_folder.INSTALL
Refusal = model_folder.Refusal
check_files = model_folder.check_files
check_libraries = model_folder.check_libraries
engine_of = model_folder.engine_of
is_inside = model_folder.is_inside
load_model = model_folder.load_model
load_pipeline = model_folder.load_pipeline
other_versions = model_folder.other_versions
after_steps = model_folder.after_steps
read_schema = model_folder.read_schema

# Single cells

BLANKS = cells.BLANKS
DATE_FORMS = cells.DATE_FORMS
bare_name = cells.bare_name
is_number = cells.is_number
read_number = cells.read_number
read_date = cells.read_date
shown_mark = cells.shown_mark

# What was odd

ERRORS = problems.ERRORS
WORDS = problems.WORDS
Problem = problems.Problem
listing = problems.listing

# From cells to values

ABSENT = row_reading.ABSENT
BLOCK = row_reading.BLOCK
NO = row_reading.NO
YES = row_reading.YES
Reading = row_reading.Reading
Values: TypeAlias = row_reading.Values
expected_words = row_reading.expected_words
joined = row_reading.joined
read_columns = row_reading.read_columns
read_records = row_reading.read_records
rows_after_steps = row_reading.rows_after_steps
written = row_reading.written

# From values to answers

POLICIES = answering.POLICIES
Answers = answering.Answers
answer_names = answering.answer_names
answered = answering.answered
answers = answering.answers
block_predictions = answering.block_predictions
cluster_name = answering.cluster_name
last_step_answers = answering.last_step_answers
predictions = answering.predictions
prepared = answering.prepared
