"""The disclosure audit: who was shown what of whom."""
