"""The syntax tree of one `.kspec` file: what was written, with where, and nothing else.

Nodes are frozen, carry a `Span`, know no types and link only downward; `Module` is the whole of a
file. `parse` builds them, by hand, from the grammar's tree; `kspec.analysis` turns them into the
typed tree. There is a module for each kind of node, `building` and `formatting` have the same, and
each closed sum stands behind its nodes: `TypeNode`, `Expr`, `Stmt`, `Clause`, `Claim`, `Data`,
`ScenarioItem`, `Item`. Readers say `ast.Expr` and need not know which module has it.
"""

from kspec.syntax.ast.behaviour import *
from kspec.syntax.ast.claims import *
from kspec.syntax.ast.data import *
from kspec.syntax.ast.expressions import *
from kspec.syntax.ast.kinds import *
from kspec.syntax.ast.scenarios import *
from kspec.syntax.ast.statements import *
from kspec.syntax.ast.types import *
