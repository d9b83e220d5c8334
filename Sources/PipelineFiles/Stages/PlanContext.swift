import Diagnostics
import Frames

/// What a stage kind may use to plan itself.
public struct PlanContext {
  public let report: Report
  public let project: Project
  /// The zone in which the pipeline cuts days.
  public let zone: CalendarZone
  /// The run's as-of, or the one that a run now would have.
  public let asOf: Instant
  public let parameters: [String: Snippet]
  public let catalog: CatalogFacts
  /// The stage's own name and where it stands.
  public let stage: Name
  let kinds: [String: String]
  let shapes: [String: StageShape]

  /// The shape of a stage before this one: nil when that stage could not be planned, which was said
  /// there.
  public func shape(_ name: Name) -> StageShape? { shapes[name.text] }

  /// The shape of a stage that must hand on rows.
  public func relation(_ name: Name) -> RelationShape? {
    guard let shape = shapes[name.text] else { return nil }
    if case .relation(let relation) = shape { return relation }
    report.error(
      .wrongInput,
      "stage '\(name.text)' is of kind \(kinds[name.text] ?? "?") and hands on no rows",
      at: name.span, help: "name a stage that makes rows")
    return nil
  }

  /// The field of a column, or a message with the nearest name.
  public func field(_ column: Name, in schema: Schema, of owner: String) -> Field? {
    if let field = schema[column.text] { return field }
    report.error(
      .unknownColumn, "\(owner) has no column '\(column.text)'", at: column.span,
      help: Suggestion.help(for: column.text, in: schema.names))
    return nil
  }
}
