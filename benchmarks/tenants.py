"""x"""
def measure_tenants(*a):
    return iter(())
