"""From raw columns to numbers and on to a prediction: one scikit-learn Pipeline object."""
