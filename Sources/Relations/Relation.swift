import Frames

/// Rows as a function of the instant up to which they are seen, as an engine has opened them.
public protocol Relation: Sendable {
  var shape: RelationShape { get }
  /// The zone in which its times without one are read.
  var zone: CalendarZone { get }
  /// The rows as known before an instant.
  func frame(asOf: Instant) async throws -> Frame
  /// The rows known before an instant, those that are not valid any more too.
  func history(asOf: Instant) async throws -> Frame
  /// Rows of which nobody knows when they happened or became known, so that no as-of sees them, in the
  /// form that they would have at an as-of; nil where there are none.
  func undatedRows(asOf: Instant) async throws -> Frame?
  /// How far back the windows can look that it looks through, of features behind it.
  /// - Parameter zone: in which days are cut.
  func histories(in zone: CalendarZone) -> [RelationHistory]
  /// What has to be kept of it to open it again when a run is resumed, by name; nil where it is made again.
  /// - Parameter columns: those of its rows that somebody uses; nil for all.
  func keptFrames(columns: Set<String>?) -> [String: Frame]?
  /// Relations that are published beside it, by table name in the same schema.
  var companions: [String: any Relation] { get }
}
