"""The import page: a file, what its columns mean, a trial run, what is settled once, the run, and taking it back.

A file is sent once and kept as a draft with every decision, so nothing typed is lost on the way. The decisions
and the trial are one form; the browser sends the whole form each time (`sent.py` reads it). Everything that
reads files and writes records is `engine.imports`.
"""
