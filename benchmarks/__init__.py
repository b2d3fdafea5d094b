"""The benchmark suite: see README.md next to this file."""
