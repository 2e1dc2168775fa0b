"""How much one person may ask: quotas by class, counted in one place for all workers."""

from gateway.limits.rate_limits import Counting, LimitState, RateLimits, Refusal

__all__ = ["Counting", "LimitState", "RateLimits", "Refusal"]
