"""Files in and out: read, check, convert; write what a story hands over."""
