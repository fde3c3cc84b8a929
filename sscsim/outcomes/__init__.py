"""What follows from the flows: growth, poverty, the Goals, measurement, indicators."""
