"""x"""
def measure_pages(*a):
    return iter(())
