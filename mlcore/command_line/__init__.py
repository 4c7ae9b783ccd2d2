"""The workbench without the browser: the same core, its words on the terminal or as JSON."""
