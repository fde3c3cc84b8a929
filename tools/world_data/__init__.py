"""Generator of the base-year tables that ``sscsim.world`` ships (see README.md)."""
