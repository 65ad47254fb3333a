"""fieldstone.expressions"""
