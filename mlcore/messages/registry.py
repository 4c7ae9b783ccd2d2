"""Sentences about registry."""

SENTENCES: dict[str, str] = {}
