from hypothesis import Phase, settings

# `make mutants` asks only whether a test fails: the same examples each time, no search for the smallest one.
settings.register_profile("mutants", derandomize=True, phases=[Phase.explicit, Phase.generate])
