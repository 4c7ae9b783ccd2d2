"""The user's own steps before modelling: applied to the table, to new rows, and in programs."""
