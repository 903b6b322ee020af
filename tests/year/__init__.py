"""An authority that is lived through day by day, by the real service, from a seed."""
