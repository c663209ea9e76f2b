"""Pure sums: arrays and frames in, frozen results out. No database, no HTTP."""
