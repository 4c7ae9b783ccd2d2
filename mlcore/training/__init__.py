"""Jobs, the supervisor that runs them, and the runs they leave behind."""
