"""Look-alike incidents: generated bundles whose cause is known because it was simulated."""
