"""Many phones, or many domains, asked by one run: whom to ask, how gently, and what is known already."""
