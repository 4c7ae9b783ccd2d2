"""Sentences about learning from few labels: how labels spread, whether it helps, what is next."""

from __future__ import annotations

SENTENCES: dict[str, str] = {}
