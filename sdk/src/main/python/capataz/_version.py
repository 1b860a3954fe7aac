"""The version of the package; the Maven build checks that it is its own."""

__version__ = "0.1.0.dev0"
