"""Reads the project's own code as syntax trees: how it uses packages, what entry points reach, which routes it has."""
