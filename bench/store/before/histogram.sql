-- Counts by minute and level, from the events themselves.
SELECT date_trunc('minute', timestamp) AS minute, level, count(*) FROM log_events WHERE timestamp >= $1 AND timestamp < $2 GROUP BY 1, 2 ORDER BY 1, 2
