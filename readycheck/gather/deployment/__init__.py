"""Asks a live deployment over HTTP: reads only, bounded in time and size, never with credentials."""
