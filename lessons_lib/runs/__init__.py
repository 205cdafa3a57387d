"""All that decides a run, the run itself with its way back, runs in files, and the lessons' networks."""
