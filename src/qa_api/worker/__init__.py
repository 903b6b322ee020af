"""The worker: delivers events to webhook endpoints and looks for what fell due."""
