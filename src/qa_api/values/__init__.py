"""What a field, a text or a document may hold, wherever it comes from."""
