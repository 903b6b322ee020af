"""Faults put into the rules one at a time: does a test notice?"""
