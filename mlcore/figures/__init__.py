"""Tidy frame in, Plotly figure out; nothing is computed here."""
