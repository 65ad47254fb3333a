"""fieldstone.workflows"""
