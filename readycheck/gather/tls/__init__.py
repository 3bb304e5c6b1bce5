"""Asks a live deployment's host for a TLS handshake."""
