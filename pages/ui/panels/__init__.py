"""The parts of the Results page, one module a part."""
