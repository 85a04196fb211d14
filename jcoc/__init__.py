"""jcoc"""
