"""Who may see what, and who may change it: one written table (X3).

`words` has what the table is made of, the modules `of_*` have it thing by thing, `fields` the
kinds of fields that answers have, `leaving` what is in datasets and messages. What is seen for more
than one reason has its rules from `auth.reasons`, as has the domain's `visible_to`. Nothing asks
the table while it serves: `visible_to` and the database's policies decide. A test walks every
operation of the contract against the table, so that it cannot say anything but what they do; it is
printed into `docs/who-may-see-what.md`.
"""

from typing import Final

from qa_api.auth.matrix.of_cases import CASES
from qa_api.auth.matrix.of_practice import PRACTICE
from qa_api.auth.matrix.of_the_authority import AUTHORITY
from qa_api.auth.matrix.words import Act, Thing
from qa_api.auth.sight import Relation, Rule, Sight, Standing

__all__ = ("THINGS", "Act", "Relation", "Rule", "Sight", "Standing", "Thing")

THINGS: Final[tuple[Thing, ...]] = (*CASES, *PRACTICE, *AUTHORITY)
"""Every thing that the contract shows or changes. Each operation belongs to exactly one."""
