"""How good a model is, as tidy tables: scores with their spread, predictions, curves."""
