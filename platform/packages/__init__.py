"""fieldstone.packages"""
