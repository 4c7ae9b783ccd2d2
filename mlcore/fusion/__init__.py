"""Several labels for each row become one: votes, rules, ties, and models of the sources."""
