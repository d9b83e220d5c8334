/// The run of a pipeline's latest as-of, as SQL.
package enum LatestRun {
  /// The number of the latest run that a condition picks; null where there is none. One whose as-of is still to
  /// come counts only where there is no other: by a slip it may be years ahead. Each half is one look into
  /// the index `runs_by_as_of`.
  /// - Parameters:
  ///   - pipeline: an expression for its name, and likewise `environment`.
  ///   - condition: on a row `x` of `roost.runs`.
  package static func sql(
    pipeline: String, environment: String, where condition: String
  ) -> String {
    func latest(_ time: String) -> String {
      """
      (SELECT x.run_id FROM roost.runs x
        WHERE x.pipeline = \(pipeline) AND x.environment = \(environment) AND x.as_of \(time) now()
          AND \(condition) ORDER BY x.as_of DESC, x.run_id DESC LIMIT 1)
      """
    }
    return "coalesce(\(latest("<=")), \(latest(">")))"
  }

  /// A `WITH RECURSIVE` entry: the pairs of pipeline and environment that ever ran, found without looking at
  /// every run.
  package static let pipelines = """
    pipelines AS (
      (SELECT pipeline, environment FROM roost.runs ORDER BY pipeline, environment LIMIT 1)
      UNION ALL
      SELECT n.pipeline, n.environment FROM pipelines p CROSS JOIN LATERAL (
        SELECT r.pipeline, r.environment FROM roost.runs r
        WHERE (r.pipeline, r.environment) > (p.pipeline, p.environment)
        ORDER BY r.pipeline, r.environment LIMIT 1) n)
    """
}
