"""Sentences about groups of rows."""

SENTENCES: dict[str, str] = {
    # Is there any structure?
    # Choosing the number of groups
    # Scores and stability
    # Profiles and comparisons
    # Maps
    # Cost and what to do about it
    # Running
}
