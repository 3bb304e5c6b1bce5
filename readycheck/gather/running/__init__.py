"""Whether a project can be built and started: its lock files, the files that it names, its test configuration."""
