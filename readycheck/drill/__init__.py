"""Drills: a backup is proved by restoring it, a way back by walking it; always on a scratch server, never on the source."""
