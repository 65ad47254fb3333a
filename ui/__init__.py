"""fieldstone.ui"""
