-- What is seen after a run of pipelines/cdnow.yaml.
\ir settings.sql

\echo
\echo 'Segments of CDNOW'
SELECT
  segment,
  count(*) AS customers,
  round(avg(churn_probability)::numeric, 3) AS churn_probability
FROM cdnow_marketing.customer_segments_current
LEFT JOIN cdnow_marketing.customer_scores_current USING (customer_id)
GROUP BY segment
ORDER BY customers DESC, segment;
