"""The HTTP door: read the request, call one story, shape the answer."""
