"""Asks a live database, read-only: one gatherer, with one module for what each dialect says in its own way."""
