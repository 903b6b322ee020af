"""The table of who may see what (`qa_api.auth.matrix`), held against the running service."""
