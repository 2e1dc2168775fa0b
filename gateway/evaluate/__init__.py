"""Does it work? The models judged on a center's own rows, on files, and on simulated customers."""
