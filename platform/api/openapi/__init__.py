"""The OpenAPI 3.1 description: made from the model, the caller's rights and the marshmallow envelopes.

`entities` gives paths and components of one entity, `document` the whole. Public name: `document.build`.
"""
