"""The law: nouns and their fields, states, categories, circles, rights. Pure Python."""
