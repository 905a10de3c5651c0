"""A bundle: all files collected for one investigation, opened safely and completely.

    collect     checks and walks the given paths                     (open_bundle)
    archives    tells members from archives; goes through tars and zips
    salvage     finds members of zips whose directory is damaged
    contents    what was collected, and its content                  (Bundle)
    streams     bytes on disk, in the spool and decompressed, within the limits
    names       what names and first bytes tell;  model: the values
    rotation    which members are one log                            (rotation_groups)

Damage is a value that ends a stream; it becomes a warning of the bundle.
"""

from ocpp_forensics.bundle.collect import open_bundle
from ocpp_forensics.bundle.contents import Bundle
from ocpp_forensics.bundle.model import BundleWarning, Limits, Member
from ocpp_forensics.bundle.rotation import rotation_groups

__all__ = ["Bundle", "BundleWarning", "Limits", "Member", "open_bundle", "rotation_groups"]
