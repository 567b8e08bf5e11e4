"""Manifests: bytes of YAML or JSON to nodes that know where they stand.

Start with `read`, which gives documents; `node` is what they are made of, `quantity` and
`duration` read the two kinds of scalars that have a grammar of their own. Nothing here opens a
file, and nothing knows more of Kubernetes than how an object is named and a list is wrapped.
"""
