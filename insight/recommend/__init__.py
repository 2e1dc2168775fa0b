"""What to offer a customer next: services, packages, a weekly schedule; and what answers to offers teach."""
