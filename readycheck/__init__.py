"""Asks the repository, its history, the database and the deployment whether a readiness checklist is true."""

__version__ = "0.1.0"
