"""Replay: what a self-heal rule would have done over recorded history, and whether it helped.

    policy    the rule's settings, who is enabled, sweeps
    policy_file   TOML files, read and checked
    engine    decisions, and what stood in the way: spans intersected in SQL (sql/replay_*.sql)
    results   the outlook of each decision, what really happened, sums over them
    trace     every scan of one station
    run       all of it, and the exit code
    text, wording, strip, json    the result for people, programs and spreadsheets

Reads: events and sessions, never findings. A simulated reset changes nothing of the history that
follows, except the grace period.
"""
