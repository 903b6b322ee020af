"""What a release promised of the contract, and what has changed since (`docs/versions.md`)."""
