"""A bundle: all files collected for one investigation, opened safely and completely.

    roots       the given paths, checked
    collect     walks folders, streams and files                     (open_bundle)
    explore     tells members from archives
    archives    goes through archives: tars, zips, salvage (zips without directory)
    intake      what a collection shares: limits (budget), spool (sources), names, warnings
    reader      members and their content                            (Bundle)
    decode      decompression that delivers everything before a damage
    feed        streams of chunks;  kinds: what a file is;  model: the values
    rotation    which members are one log                            (rotation_groups)

Damage is a value that ends a stream of chunks; it becomes a warning of the bundle.
"""

from ocpp_forensics.bundle.collect import open_bundle
from ocpp_forensics.bundle.model import BundleWarning, Limits, Member
from ocpp_forensics.bundle.reader import Bundle
from ocpp_forensics.bundle.rotation import rotation_groups

__all__ = ["Bundle", "BundleWarning", "Limits", "Member", "open_bundle", "rotation_groups"]
