"""Finds the checks that can prove a line by its words: synonyms and names of technologies kept beside each check."""
