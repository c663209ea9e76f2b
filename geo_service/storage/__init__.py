"""Keeps and finds, never decides: tables, migrations, both stores."""
