"""Benchmarks, run by hand and by `./dev bench`. They report; they never decide a test."""
