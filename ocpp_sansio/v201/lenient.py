"""The same classes as in `ocpp_sansio.v201`, as validation that is lenient or off fills them.

For type checkers, which read lenient.pyi, a text may stand wherever a member of an enum
should. At run time nothing differs: they are those of `ocpp_sansio.v201`.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from ocpp_sansio.v201 import *  # noqa: F403
from ocpp_sansio.v201 import __all__  # noqa: F401
