"""Sentences about making one label of several: votes, sources, ties, agreement."""

from __future__ import annotations

SENTENCES: dict[str, str] = {}
