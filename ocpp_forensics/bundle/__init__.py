"""A bundle: all files collected for one investigation, opened safely and completely.

    collect     checks and walks the given paths, goes through archives      (open_bundle)
    archives    what is in tar and zip archives
    intake      what was collected, what it cost, and what is wrong with it
    contents    what is in a member                                          (Bundle)
    streams     bytes on disk, in the spool and decompressed
    names       what names and first bytes tell;  model: the values
    rotation    which members are one log                                    (rotation_groups)

Damage ends a stream after all that can be read, and becomes a warning of the bundle.
"""

from ocpp_forensics.bundle.collect import open_bundle
from ocpp_forensics.bundle.contents import Bundle
from ocpp_forensics.bundle.model import BundleWarning, Limits, Member
from ocpp_forensics.bundle.rotation import rotation_groups

__all__ = ["Bundle", "BundleWarning", "Limits", "Member", "open_bundle", "rotation_groups"]
