"""fieldstone.engine"""
