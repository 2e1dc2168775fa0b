"""Speed and memory of the gateway, side by side with a floor and a stock peer in one run."""
