"""What `breadthwise.toml` in a home says: declared in `model`, read by `load`, put into words by `describe`.

No key of a vendor belongs here (they are read from the environment, as may be what is secret in an address of alerts), and no
constant of a method that nobody would change.
"""

from warehouse.settings.load import load_home_settings
from warehouse.settings.model import BuildSettings, Settings

__all__ = ["BuildSettings", "Settings", "load_home_settings"]
