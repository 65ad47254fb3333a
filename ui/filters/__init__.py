"""The filter builder: nested groups of conditions, as the text of an expression that the API takes, and read back from it.

The text is the only thing that is kept: in the address, in saved views, in documents. What was written by hand and is no
tree of the builder's conditions is edited as text.
"""
