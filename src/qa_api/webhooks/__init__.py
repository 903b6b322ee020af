"""Events on their way out: endpoints, deliveries, Standard Webhooks messages."""
