"""Reads the routes that code declares, framework by framework, and joins them with the prefixes that they are mounted on."""
