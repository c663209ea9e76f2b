"""Alembic migrations; they run up and down on both stores."""
