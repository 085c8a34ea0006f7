-- A day goes. Its room is free only after a VACUUM.
DELETE FROM log_events WHERE timestamp >= $1 AND timestamp < $2
