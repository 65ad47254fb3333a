"""The tenants of an installation: found by name or host, created, cloned, deleted; their company settings."""
