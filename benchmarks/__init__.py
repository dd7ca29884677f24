"""How fast and how good the kit is, always beside something to compare with."""
