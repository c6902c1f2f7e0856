"""Data that every other room speaks: steps, observations, the report, the phone. No I/O, no judgement."""
