"""The form: how a record is made and changed in the browser.

The server lays the form out (`layout.py`), gives each field an empty control (`controls.py`) and describes everything
else as data (`describe.py`): values, rules as checked expressions, titles of linked records. The browser
(`src/form/`) fills the controls, evaluates the rules while one types, and sends what changed to `save.py`, which
calls the same verbs as the API. What was typed is kept in the browser until it is saved.
"""
