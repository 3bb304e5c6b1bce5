"""The history: scorecards kept run by run, in SQLite by default and in PostgreSQL or MySQL by URL."""
