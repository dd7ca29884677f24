"""The maker's tools: train the pretrained network, lint the notebooks, make data/."""
