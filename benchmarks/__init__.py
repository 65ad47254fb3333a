"""The budgets, measured: ratios to hand-written code on the same server and the same PostgreSQL.

`python -m benchmarks` (or `make bench`) prints one table. docs/benchmarks.md says what each row measures. This is
no part of the product: it may import every layer, and nothing imports it.
"""
