"""Fitting the models: by command, at the first start, and beside a running server every day."""
