"""The faces of a history: how a service came to stand where it stands."""
