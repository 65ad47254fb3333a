"""The pure core of approvals: no SQL, no clock, no network. `decide` says what follows from a command, `evolve` what an
event makes of a state; a state is what its events made of it and nothing else.
"""
