"""The maker's tools: train what ships, lint the notebooks, make data/."""
