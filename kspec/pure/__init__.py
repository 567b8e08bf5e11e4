"""The pure layer (rule 17): unbounded values, functions, vectors, documents, scopes.

`values` first, then `evaluation`; `documents` are read into values, a scenario becomes one of the
`scopes`, and `claims` are what can be decided without a run. Also the interpreter of typed modules,
a second reading of the language that knows nothing of `System`: lowering is compared with it on
random modules.
"""
