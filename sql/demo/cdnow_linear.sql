-- What is seen after a run of pipelines/cdnow_linear.yaml, beside the one of pipelines/cdnow.yaml.
\ir settings.sql

\echo
\echo 'The same customers by trees and by logistic regression'
SELECT
  trees.churn_risk AS by_trees,
  linear.churn_risk AS by_logistic_regression,
  count(*) AS customers,
  round(avg(trees.churn_probability)::numeric, 3) AS probability_by_trees,
  round(avg(linear.churn_probability)::numeric, 3) AS probability_by_regression
FROM cdnow_marketing.customer_scores_current AS trees
JOIN cdnow_marketing.linear_scores_current AS linear USING (customer_id)
GROUP BY trees.churn_risk, linear.churn_risk
ORDER BY customers DESC, by_trees, by_logistic_regression;
