"""Sentences about evaluation."""

SENTENCES: dict[str, str] = {}
