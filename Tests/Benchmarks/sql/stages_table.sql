-- One line for each tool and graph: medians of the repeats.
WITH medians AS (
  SELECT tool, shape, stages,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY run_seconds) AS run_seconds
  FROM figures.trivial GROUP BY 1, 2, 3)
SELECT line FROM (
  SELECT 1 AS part, 0 AS stages, '' AS shape, '' AS tool,
    '| | stages | all of it, s | check and start, ms | run, ms | a stage, ms |' AS line
  UNION ALL SELECT 2, 0, '', '', '|---|---:|---:|---:|---:|---:|'
  UNION ALL
  SELECT 3, stages, shape, CASE tool WHEN 'roost' THEN '' ELSE tool END,
    format('| %s, %s | %s | %s | %s | %s | %s |', tool, shape, stages, round(seconds::numeric, 2),
      coalesce(round((1000 * (seconds - run_seconds))::numeric)::text, ''),
      coalesce(round((1000 * run_seconds)::numeric)::text, ''),
      round((1000 * coalesce(run_seconds, seconds) / stages)::numeric, 2))
  FROM medians) lines
ORDER BY part, shape, stages, tool;
