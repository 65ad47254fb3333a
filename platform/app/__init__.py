"""The composition root: puts the layers together and runs them. Only wiring, and the supervisor.

`settings` what an operator decides; `services` what a process works with; `embedded` the servers; `wsgi` the
web application; `serve` all processes under one supervisor. It may import every layer but `cli`.
"""
