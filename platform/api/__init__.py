"""fieldstone.api"""
