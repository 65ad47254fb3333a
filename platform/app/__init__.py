"""fieldstone.app"""
