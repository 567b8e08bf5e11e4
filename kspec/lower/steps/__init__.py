"""What happens in a step: actions of components and faults, what they write, views, time."""
