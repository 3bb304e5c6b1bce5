"""Turns a scorecard into a plan of what to mend, the heaviest first; it applies nothing."""
