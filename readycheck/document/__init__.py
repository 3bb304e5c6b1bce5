"""Reads a team's Markdown checklist as data: its lines, its items with their states, and the parts around them."""
