-- Compares what roost published (schema bench) with what the peer wrote (schema peer): one line for
-- each thing compared, its value, and whether it is as it must be.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE TEMPORARY TABLE compared (place serial, what text, found text, must_be text, holds boolean);

-- Every feature of every user: whole numbers and money are equal, floating point to 12 digits.
DO $$
DECLARE
  feature record;
  differing int8;
  differing_features int := 0;
  features int := 0;
BEGIN
  FOR feature IN
    SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = 'bench.user_features_current'::regclass AND attnum > 0
      AND attname NOT IN ('as_of', 'run_id', 'user_id')
  LOOP
    EXECUTE format(
      CASE WHEN feature.type = 'double precision' THEN
        'SELECT count(*) FROM bench.user_features_current a FULL JOIN peer.user_features b
           USING (user_id)
         WHERE (a.%1$I IS NULL) <> (b.%1$I IS NULL)
           OR abs(a.%1$I - b.%1$I) > 1e-12 * greatest(1, abs(a.%1$I), abs(b.%1$I))'
      ELSE
        'SELECT count(*) FROM bench.user_features_current a FULL JOIN peer.user_features b
           USING (user_id)
         WHERE a.%1$I IS DISTINCT FROM b.%1$I'
      END, feature.name) INTO differing;
    features := features + 1;
    IF differing > 0 THEN
      differing_features := differing_features + 1;
      INSERT INTO compared (what, found, must_be, holds)
      VALUES ('users whose ' || feature.name || ' differs', differing, '0', false);
    END IF;
  END LOOP;
  INSERT INTO compared (what, found, must_be, holds)
  VALUES ('features that differ, of ' || features, differing_features, '0', differing_features = 0);
END $$;

INSERT INTO compared (what, found, must_be, holds)
SELECT 'rows of ' || name, found, must_be, found = must_be
FROM (
  SELECT 'user_features' AS name, (SELECT count(*) FROM bench.user_features_current)::text AS found,
    (SELECT count(*) FROM peer.user_features)::text AS must_be
  UNION ALL SELECT 'user_scores', (SELECT count(*) FROM bench.user_scores_current)::text,
    (SELECT count(*) FROM peer.user_scores)::text
  UNION ALL SELECT 'user_segments', (SELECT count(*) FROM bench.user_segments_current)::text,
    (SELECT count(*) FROM peer.user_segments)::text) s;

INSERT INTO compared (what, found, must_be, holds)
SELECT 'users whose fifths differ', count(*), '0', count(*) = 0
FROM bench.user_segments_current a FULL JOIN peer.user_segments b USING (user_id)
WHERE (a.r, a.f, a.m) IS DISTINCT FROM (b.r, b.f, b.m);

-- Two releases of XGBoost draw their samples differently, so their models are alike and not equal.
INSERT INTO compared (what, found, must_be, holds)
SELECT 'correlation of the probabilities', round(r::numeric, 4), 'at least 0.98', r >= 0.98
FROM (SELECT corr(a.churn_probability, b.churn_probability) AS r
  FROM bench.user_scores_current a JOIN peer.user_scores b USING (user_id)) s;
INSERT INTO compared (what, found, must_be, holds)
SELECT 'AUC on the validation cutoff, roost', round(roost::numeric, 4),
  'the peer''s ' || round(:auc::numeric, 4) || ' or at most 0.01 less', roost >= :auc - 0.01
FROM (SELECT (details #>> '{model,auc}')::float8 AS roost FROM roost.stages
  WHERE stage = 'churn' AND state = 'succeeded' ORDER BY run_id DESC LIMIT 1) s;
INSERT INTO compared (what, found, must_be, holds)
SELECT 'users with the same ' || what, round(100 * share, 1) || ' %', 'at least 80 %', share >= 0.8
FROM (
  SELECT 'top cause' AS what,
    avg((a.top_cause IS NOT DISTINCT FROM b.top_cause)::int) AS share
  FROM bench.user_scores_current a JOIN peer.user_scores b USING (user_id)
  UNION ALL
  SELECT 'segment', avg((a.segment = b.segment)::int)
  FROM bench.user_segments_current a JOIN peer.user_segments b USING (user_id)) s;

SELECT '| ' || what || ' | ' || found || ' | ' || must_be || ' | ' ||
  CASE WHEN holds THEN 'yes' ELSE '**no**' END || ' |'
FROM compared ORDER BY place;
DO $$ BEGIN
  IF EXISTS (SELECT FROM compared WHERE NOT holds) THEN
    RAISE 'roost and the peer do not agree';
  END IF;
END $$;
