"""How nbval compares: not what C++ says on stderr, nor how a table is marked up."""

LEFT_OUT = ("stderr", "text/html", "image/svg+xml")


def pytest_collectstart(collector):
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += LEFT_OUT
