"""A read is one statement that returns the document (ADR 3): what the statement is made of."""
