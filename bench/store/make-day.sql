-- The events of a day, made once and kept in the table "made" until the next day's come. The same for the same numbers.
--   day, first, rows  psql's variables: the day, the number of its first event, and how many it has
-- Offsets grow with time within each partition; that they are not dense there makes no difference to what reads them.
SELECT setseed(extract(doy FROM date :'day') / 1000) \g /dev/null
DROP TABLE IF EXISTS made;
CREATE UNLOGGED TABLE made AS
SELECT encode(substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3), 'hex') || '7' || substr(digits, 1, 3) || '8' || substr(digits, 4, 15) AS hex,
  at AS timestamp, n AS "offset", at + interval '0.4 seconds' AS stored_at, source % 12 AS partition,
  CASE WHEN chance < 0.80 THEN 2 WHEN chance < 0.92 THEN 1 WHEN chance < 0.98 THEN 3 ELSE 4 END::smallint AS level,
  format('service-%s', source) AS source,
  format('GET /api/orders/%s %s in %s ms cache=%s region=eu-%s retry=0 db=%sms zone=%s user=%s session=%s',
    n % 999983, CASE WHEN chance < 0.98 THEN 200 ELSE 503 END, n % 977, CASE WHEN n % 3 = 0 THEN 'miss' ELSE 'hit' END,
    n % 4, n % 89, n % 7, n % 1000003, left(digits, 4 + (n % 20)::integer)) AS message,
  CASE WHEN n % 20 = 0 THEN jsonb_build_object('orderId', n % 999983, 'amount', n % 977) END AS attributes
FROM (
  SELECT n, date :'day' AT TIME ZONE 'UTC' + (n - :first) * (interval '1 day' / :rows) AS at,
    -- A few of the 500 sources send most of it: the first 13 %, the last 0.07 %.
    floor(500 * random() ^ 3)::integer AS source, random() AS chance, md5(n::text) AS digits
  FROM generate_series(:first, :first + :rows - 1) AS n) AS event;
