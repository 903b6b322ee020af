"""Handing the open work of somebody who leaves or is away to others, in one step."""
