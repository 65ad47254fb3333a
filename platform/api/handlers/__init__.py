"""One function per address: reads the request, calls the verb, answers. No rule of the product is decided here."""
