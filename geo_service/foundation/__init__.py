"""Ground floor: errors, texts, clock, ids, coordinate systems, geometry. Pure; imports nothing of ours above it."""
