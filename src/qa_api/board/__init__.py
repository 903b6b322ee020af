"""What the Quality Assurance Board reads: figures, updates of the services, reports (§4.7)."""
