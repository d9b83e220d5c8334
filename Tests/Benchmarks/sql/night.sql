-- The night as a table: medians of the repeats.
WITH copied AS (
  SELECT figures.median(seconds) FILTER (WHERE connections = 1) AS one,
    figures.median(seconds) FILTER (WHERE connections = 2) AS two
  FROM figures.copies WHERE source = 'all'),
phases AS (
  SELECT tool, phase, figures.median(seconds) AS seconds,
    figures.median(cpu) AS cpu, max(rows) AS rows
  FROM figures.phases GROUP BY tool, phase),
totals AS (
  SELECT tool, figures.median(seconds) AS seconds, figures.median(cpu) AS cpu,
    max(megabytes) AS megabytes
  FROM figures.totals GROUP BY tool),
named(place, phase, about) AS (
  VALUES (1, 'start', 'start and check'), (2, 'extract', 'extract'), (3, 'clean', 'clean'),
    (4, 'features', 'features at four cutoffs'), (5, 'train', 'train'),
    (6, 'score', 'score and explain'), (7, 'segments', 'segments'), (8, 'write', 'write'),
    (9, 'publish', 'publish')),
lines AS (
  SELECT 1 AS part, place, figures.line(
    about, coalesce(r.rows, p.rows)::text, figures.shown(r.seconds), figures.shown(r.cpu),
    figures.shown(r.seconds / two), figures.shown(p.seconds), figures.shown(p.cpu),
    figures.shown(r.seconds / nullif(p.seconds, 0))) AS line
  FROM named CROSS JOIN copied
  LEFT JOIN phases r ON r.tool = 'roost' AND r.phase = named.phase
  LEFT JOIN phases p ON p.tool = 'peer' AND p.phase = named.phase
  UNION ALL
  SELECT 2, 1, figures.line('**all**', '', figures.shown(r.seconds), figures.shown(r.cpu),
    figures.shown(r.seconds / two), figures.shown(p.seconds), figures.shown(p.cpu),
    figures.shown(r.seconds / p.seconds))
  FROM copied, totals r LEFT JOIN totals p ON p.tool = 'peer' WHERE r.tool = 'roost'
  UNION ALL
  SELECT 2, 2, figures.line('most memory, MB', '', figures.shown(r.megabytes, 0), '', '',
    figures.shown(p.megabytes, 0), '', figures.shown(r.megabytes / p.megabytes))
  FROM totals r LEFT JOIN totals p ON p.tool = 'peer' WHERE r.tool = 'roost'
  UNION ALL
  SELECT 2, 3, figures.line('data phases: extract, clean, features, write', '',
    figures.shown(seconds), figures.shown(cpu), figures.shown(seconds / two), '', '', '')
  FROM phases, copied WHERE phase = 'data'
  UNION ALL
  SELECT 2, 4, figures.line(name, '', figures.shown(seconds), '', figures.shown(seconds / two),
    '', '', '')
  FROM copied, LATERAL (VALUES ('COPY of the four tables, one connection', one),
    ('COPY of the four tables, two connections', two)) v(name, seconds))
SELECT line FROM (
  SELECT 0 AS part, 1 AS place, figures.line('phase', 'rows', 'roost, s', 'CPU s', 'to COPY',
    'Python, s', 'CPU s', 'roost / Python') AS line
  UNION ALL SELECT 0, 2, '|---|---:|---:|---:|---:|---:|---:|---:|'
  UNION ALL SELECT * FROM lines) s
ORDER BY part, place;
