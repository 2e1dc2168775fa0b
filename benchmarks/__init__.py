"""Speed of the gateway, its audit and its limits, side by side with floors and peers in one run."""
