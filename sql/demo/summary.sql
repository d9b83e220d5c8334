-- What marketing sees after a run of pipelines/retention.yaml.
\ir settings.sql

\echo
\echo 'Segments'
SELECT
  segment,
  count(*) AS users,
  round(avg(churn_probability)::numeric, 3) AS churn_probability
FROM marketing.user_segments_current
LEFT JOIN marketing.user_scores_current USING (user_id)
GROUP BY segment
ORDER BY users DESC, segment;

\echo 'Campaigns'
SELECT
  campaign,
  arm,
  count(*) AS users,
  sum(cost) AS cost
FROM marketing.campaign_assignments_current
GROUP BY campaign, arm
ORDER BY campaign, arm DESC;

\echo 'Ten of the people to reach tonight'
SELECT
  user_id,
  campaign,
  channel,
  offer,
  cost,
  round(expected_profit::numeric, 2) AS expected_profit,
  top_cause,
  priority
FROM marketing.campaign_targets_current
ORDER BY priority, user_id
LIMIT 10;
