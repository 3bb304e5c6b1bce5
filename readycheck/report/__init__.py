"""The faces of a scorecard: one module per format, all of them functions of its JSON."""
