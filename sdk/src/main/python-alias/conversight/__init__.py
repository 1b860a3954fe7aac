"""Another name of the package capataz, for notebooks that import it by this one. Installed on purpose only."""

from capataz import *  # noqa: F401,F403
from capataz import Context, TaskLibrary, __version__, task  # noqa: F401
