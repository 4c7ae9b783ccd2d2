"""Bring to the screen what a button has started."""

from __future__ import annotations

import streamlit as st

# Once for each start, and only where it is not in sight: nobody's page moves by itself later on.
_REVEAL = st.components.v2.component(
    "reveal",
    html="<span></span>",
    js="""
const revealed = (window.__workbenchRevealed ??= new Set())
export default function ({ data }) {
  if (revealed.has(data.start)) return
  revealed.add(data.start)
  requestAnimationFrame(() => {
    const place = document.querySelector(`.st-key-${data.place}`)
    if (!place || place.getBoundingClientRect().top < 0.4 * window.innerHeight) return
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    place.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" })
  })
}
""",
)


def draw(place: str, start: str) -> None:
    """Scroll to a part of the page once, unless it is in sight; drawn after that part.

    Parameters
    ----------
    place : str
        Key of the container.
    start : str
        What was started; each is scrolled to once.
    """
    _REVEAL(data={"place": place, "start": start}, key=f"{place}_reveal")
