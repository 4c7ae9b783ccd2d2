"""The algorithms: one declaration each, one module a family, one list of all."""
