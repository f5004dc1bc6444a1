"""What kind of mistake a wrong gradient makes, fitted to every point that was judged.

Offers: `diagnose` for wrong mathematics, `lost_digits` for inaccurate gradients; `standard_mistakes` for the power audit.
Imports: no rooms but balls, candidate, judgement, search, witnesses.
"""

from oracle.diagnosis.diagnose import NOTHING_FITS, diagnose, lost_digits

__all__ = ["NOTHING_FITS", "diagnose", "lost_digits"]
