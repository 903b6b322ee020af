"""What may stand in a field, a text or a document, wherever it comes from."""
