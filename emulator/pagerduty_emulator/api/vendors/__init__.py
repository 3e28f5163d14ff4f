"""Vendors: the tools that an integration can be made for."""
