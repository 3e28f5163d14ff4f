"""Pulumi's side: a declarative layer for providers, and the gRPC service that follows from it.

It knows nothing of PagerDuty.
"""
