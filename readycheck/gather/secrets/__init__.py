"""Finds credentials in everything that a repository's refs reach."""
