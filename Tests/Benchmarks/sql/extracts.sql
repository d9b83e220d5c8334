-- Extract alone beside COPY of the same table: medians of the repeats, and their sums.
WITH copies AS (
  SELECT source, connections, figures.median(seconds) AS seconds
  FROM figures.copies WHERE source <> 'all' GROUP BY source, connections),
extracts AS (
  SELECT source, connections, figures.median(seconds) AS seconds,
    max(rows) AS rows, max(bytes) AS bytes, max(peak) AS peak
  FROM figures.extracts GROUP BY source, connections),
tables AS (
  SELECT source, max(rows) AS rows, max(bytes) AS bytes,
    max(peak) FILTER (WHERE connections = 2) AS peak,
    max(c.seconds) FILTER (WHERE connections = 1) AS copy_one,
    max(e.seconds) FILTER (WHERE connections = 1) AS one,
    max(c.seconds) FILTER (WHERE connections = 2) AS copy_two,
    max(e.seconds) FILTER (WHERE connections = 2) AS two
  FROM extracts e JOIN copies c USING (source, connections) GROUP BY source),
summed AS (
  SELECT 1 AS part, * FROM tables
  UNION ALL
  SELECT 2, '**all**', sum(rows), sum(bytes), NULL, sum(copy_one), sum(one), sum(copy_two), sum(two)
  FROM tables)
SELECT line FROM (
  SELECT 0 AS part, '' AS source, figures.line('table', 'rows', 'COPY, s', 'roost, s', 'ratio',
    'COPY by two, s', 'roost by two, s', 'ratio', 'columns, MB', 'most held, MB', 'ratio') AS line
  UNION ALL SELECT 0, ' ', '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
  UNION ALL
  SELECT part, source, figures.line(source, rows::text, figures.shown(copy_one),
    figures.shown(one), figures.shown(one / copy_one), figures.shown(copy_two),
    figures.shown(two), figures.shown(two / copy_two), figures.shown(bytes / 1e6, 1),
    figures.shown(peak / 1e6, 1), figures.shown(peak::float8 / bytes)) FROM summed) s
ORDER BY part, source;
