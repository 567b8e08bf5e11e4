"""From the typed tree to a `System`: what the language offers, spelled out as actions."""
