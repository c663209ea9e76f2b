"""Stories: one function per thing a person can do."""
