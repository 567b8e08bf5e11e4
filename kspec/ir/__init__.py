"""What a system is: sorts, expressions, variables, actions, properties.

Nothing here knows the language or Kubernetes, and nothing here evaluates anything.
Start with `sorts`, then `expr`, then `system`.
"""
