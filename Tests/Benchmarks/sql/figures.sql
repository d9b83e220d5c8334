-- Where a benchmark keeps what it measured until it reports.
CREATE SCHEMA figures;
-- A function below names tables that roost makes at its first run.
SET check_function_bodies = off;
CREATE TABLE figures.copies (source text, connections int, seconds float8);
CREATE TABLE figures.extracts (
  source text, connections int, seconds float8, cpu float8, rows int8, bytes int8, peak int8);
CREATE TABLE figures.phases (
  tool text, repeat int, phase text, seconds float8, cpu float8, rows int8);
CREATE TABLE figures.totals (tool text, repeat int, seconds float8, cpu float8, megabytes float8);

-- Seconds in which at least one of some spans was under way.
CREATE FUNCTION figures.covered(spans tstzmultirange) RETURNS float8 LANGUAGE sql AS
  $$ SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)::float8
     FROM unnest(spans) span $$;

-- The phases of roost's latest run, from what it keeps about its stages. Stages of one kind are a
-- phase, in which those side by side count once; the features at past cutoffs are part of training's
-- stage. The rest of the run's processor time is for checking, locking and publishing.
CREATE FUNCTION figures.take_phases(repeat int, began float8, cpu float8) RETURNS void
LANGUAGE sql AS $$
  WITH latest AS (SELECT max(run_id) AS run_id FROM roost.runs),
  stages AS (
    SELECT kind, started_at, finished_at, rows,
      (details ->> 'processor_seconds')::float8 AS cpu, details -> 'parts' -> 0 AS part
    FROM roost.stages JOIN latest USING (run_id)),
  whole AS (
    SELECT kind, figures.covered(range_agg(tstzrange(started_at, finished_at))) AS seconds,
      sum(cpu) AS cpu, sum(rows) AS rows,
      sum((part ->> 'seconds')::float8) AS part_seconds,
      sum((part ->> 'processor_seconds')::float8) AS part_cpu
    FROM stages GROUP BY kind),
  sampling AS (SELECT part_seconds, part_cpu FROM whole WHERE kind = 'train')
  INSERT INTO figures.phases
  SELECT 'roost', repeat, CASE kind WHEN 'segment' THEN 'segments' ELSE kind END,
    whole.seconds + CASE kind WHEN 'features' THEN sampling.part_seconds
      WHEN 'train' THEN -sampling.part_seconds ELSE 0 END,
    whole.cpu + CASE kind WHEN 'features' THEN sampling.part_cpu
      WHEN 'train' THEN -sampling.part_cpu ELSE 0 END,
    rows
  FROM whole, sampling
  UNION ALL
  SELECT 'roost', repeat, 'start',
    extract(epoch FROM (SELECT min(started_at) FROM stages)) - began,
    take_phases.cpu - (SELECT sum(cpu) FROM stages), NULL
  UNION ALL
  SELECT 'roost', repeat, 'publish',
    extract(epoch FROM (SELECT finished_at FROM roost.runs JOIN latest USING (run_id))
      - (SELECT max(finished_at) FROM stages)), NULL, NULL
  UNION ALL
  -- What a run does with data, training and explaining aside, each instant once. Training begins with
  -- its samples, while features are being written.
  SELECT 'roost', repeat, 'data', figures.covered(range_agg(busy)), sum(cpu), NULL
  FROM (
    SELECT tstzrange(started_at, finished_at) AS busy, cpu FROM stages
    WHERE kind IN ('extract', 'clean', 'features', 'write')
    UNION ALL
    SELECT tstzrange(started_at, started_at + make_interval(secs => (part ->> 'seconds')::float8)),
      (part ->> 'processor_seconds')::float8
    FROM stages WHERE kind = 'train') data
$$;

CREATE FUNCTION figures.middle(numbers float8[]) RETURNS float8 LANGUAGE sql AS
  $$ SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY number) FROM unnest(numbers) number $$;
CREATE AGGREGATE figures.median(float8) (
  SFUNC = array_append, STYPE = float8[], INITCOND = '{}', FINALFUNC = figures.middle);

CREATE FUNCTION figures.shown(number float8, digits int DEFAULT 2) RETURNS text LANGUAGE sql AS
  $$ SELECT coalesce(round(number::numeric, digits)::text, '') $$;

-- The columns of a Markdown row.
CREATE FUNCTION figures.line(VARIADIC cells text[]) RETURNS text LANGUAGE sql AS
  $$ SELECT '| ' || array_to_string(cells, ' | ', '') || ' |' $$;
