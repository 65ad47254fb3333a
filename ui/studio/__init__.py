"""Studio: changing the product from inside it, for those who manage metadata.

Everything here edits the same documents that packages hold, as the tenant's layer, and goes live by plan and publish.
What is done in place (add a field, arrange a form) is planned and published by itself, with an undo in the toast; drafts
made over the API wait on the Studio page.
"""
