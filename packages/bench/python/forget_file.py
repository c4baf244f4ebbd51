"""Drops a file from the operating system's cache, so that the next reader waits for the disk.

`forget_file.py <file>...` asks by posix_fadvise, which needs no rights beyond reading.
"""

import os
import sys

for path in sys.argv[1:]:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
