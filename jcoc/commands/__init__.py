"""jcoc/commands"""
