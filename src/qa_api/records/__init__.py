"""The record of a subject: all that is held about them, to be read (R4.1.7)."""
