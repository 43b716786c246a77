"""The unit of work: actions, events, reactions, channels, and jobs that survive a crash."""
