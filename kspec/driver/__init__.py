"""Where stages are put in order, and the only place where a claim is believed."""
