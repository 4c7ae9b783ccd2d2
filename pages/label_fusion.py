"""Make one label of the labels of several sources, and see how far each can be trusted."""

from __future__ import annotations

from pages.ui import frame

frame.heading("label_fusion.py")
table = frame.require_dataset()
