"""The tables that an English case system writes each night, told as the events that it never sent.

The Standard Safeguarding Dataset says how things stand; events say what happened. So the tables are
compared with what the system told before, and each difference becomes the event that tells it.
"""
