"""Reads the migrations that a repository holds, one module for each family of tools; none of their code runs."""
