"""Whether a customer still comes: the MBG/CNBD-k model, its fit and its forecasts."""

from insight.churn.model import ChurnModel

__all__ = ["ChurnModel"]
