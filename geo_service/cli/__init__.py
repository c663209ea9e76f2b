"""The command-line door: read the arguments, call one story, print the answer."""
