"""What kind of mistake a wrong gradient makes, fitted to every point that was judged."""

from oracle.diagnosis.diagnose import NOTHING_FITS, diagnose, lost_digits

__all__ = ["NOTHING_FITS", "diagnose", "lost_digits"]
