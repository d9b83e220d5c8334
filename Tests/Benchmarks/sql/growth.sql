-- One line for one size.
WITH totals AS (
  SELECT figures.median(seconds) AS seconds, max(megabytes) AS megabytes
  FROM figures.totals WHERE tool = 'roost'),
features AS (
  SELECT figures.median(seconds) AS seconds
  FROM figures.phases WHERE tool = 'roost' AND phase = 'features'),
reading AS (
  SELECT figures.median(extract(epoch FROM finished_at - started_at)::float8) AS seconds
  FROM roost.stages WHERE stage = 'events'),
extracted AS (SELECT max(rows) AS rows FROM figures.phases WHERE phase = 'extract')
SELECT figures.line(
  :'users', extracted.rows::text, figures.shown(totals.seconds),
  figures.shown(totals.seconds * 1e5 / :users), figures.shown(megabytes, 0),
  figures.shown(megabytes * 1e5 / :users, 0), figures.shown(100 * features.seconds / reading.seconds, 0) || ' %')
FROM totals, features, reading, extracted;
