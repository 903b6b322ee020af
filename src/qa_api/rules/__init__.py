"""The Quality Audit Procedure as functions of values.

Facts in, a decision with its explanation out. Nothing here reads a clock, a setting, a
database, a log or a random number: the date, the calendar and the policy are arguments.
"""
