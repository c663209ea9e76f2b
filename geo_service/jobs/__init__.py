"""The background door: runs stories in a spawned process and reports progress."""
