"""The typed tree: every name resolved, every coercion written out, every macro expanded.

Read by the pure evaluator, by the interpreter of typed modules and by lowering; each of the three
is a reading of its own, so the tree says what every node means.

Worlds. An expression reads the objects of some *world*: the live state, a controller's view, the
state before a step, the state after an effect, or a world built from a test vector. The world is
part of the context of evaluation, never of the expression, except where the nodes of `worlds`
change it. Inside the actions and functions of a controller, kinds that it watches are read from its
view.

There is a module for each kind of node, and each closed sum stands behind its nodes: `TExpr`,
`Over`, `Pattern`, `TStmt`, `TClaim`, `DataValue`. Readers import from here and need not know which
module has what; `Program` is the whole.
"""

from kspec.analysis.typed.behaviour import *
from kspec.analysis.typed.binders import *
from kspec.analysis.typed.claims import *
from kspec.analysis.typed.data import *
from kspec.analysis.typed.expressions import *
from kspec.analysis.typed.patterns import *
from kspec.analysis.typed.program import *
from kspec.analysis.typed.scenarios import *
from kspec.analysis.typed.statements import *
from kspec.analysis.typed.worlds import *
