"""From a file to a table that knows what its columns are."""
