"""The HTTP edge: everything that knows FastAPI, headers and JSON."""
