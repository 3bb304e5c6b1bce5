"""The faces of a scorecard: pure functions from it to text, one per format."""
