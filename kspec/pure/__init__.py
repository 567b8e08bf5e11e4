"""The pure layer (rule 17): unbounded values, functions, vectors, documents, scopes.

Also the interpreter of typed modules, a second reading of the language that knows nothing of
`System`: lowering is compared with it on random modules.
"""
