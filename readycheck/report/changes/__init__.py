"""The faces of a comparison of two scorecards."""
