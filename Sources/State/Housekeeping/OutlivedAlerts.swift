import Frames

extension Outlived {
  /// Alerts, whatever became of them. While one is there its subject is not told again.
  static let alerts = Outlived(least: .days(30), deletion("pipeline = $1"))

  /// The same of those that are about no pipeline, such as a file that cannot be read.
  static let alertsOfNone = Outlived(deletion("pipeline IS NULL AND $1::text IS NULL"))
  static let alertsOfNoneStay = Span.days(90)

  private static func deletion(_ condition: String) -> String {
    """
    DELETE FROM roost.alerts WHERE alert_id IN (
      SELECT alert_id FROM roost.alerts WHERE \(condition) AND raised_at < $2
      ORDER BY raised_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING 1
    """
  }
}
