"""The commands of `qa-api`, by what they are about.

Each returns its exit status, and imports in itself what only it needs.
"""
