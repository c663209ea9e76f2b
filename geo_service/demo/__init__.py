"""The seeded generator of the invented demo community: pure, rows out."""
