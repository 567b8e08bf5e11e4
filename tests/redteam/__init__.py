"""Attacks: modules, certificates and questions made to get a wrong word out of kspec."""
