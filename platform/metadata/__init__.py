"""fieldstone.metadata"""
