import PipelineFiles

/// The stages of a run as it begins.
struct OpenedStages: Sendable {
  /// In the order of their making.
  let stages: [OpenedStage]
  /// The instants of the reading that is used again; nil where the sources are read anew.
  let snapshots: [String: String]?
}

/// A stage of a run as it begins.
struct OpenedStage: Sendable {
  let stage: String
  let kind: String
  /// The digest of what decides what it makes.
  let definition: String?
  /// What is known of it where its output comes from a checkpoint; nil where it is made or left out.
  let reused: Reused?

  struct Reused: Sendable {
    let rows: Int
    let notes: [String]
    let warnings: [String]
    let details: JSONValue
  }

  /// As `RunOpening` sends it.
  func json(at position: Int) -> JSONValue {
    var object: [String: JSONValue] = [
      "position": .integer(position), "stage": .string(stage), "kind": .string(kind),
      "reused": .bool(reused != nil), "definition": definition.map { .string($0) } ?? .null,
    ]
    if let reused {
      object["rows"] = .integer(reused.rows)
      object["notes"] = .array(reused.notes.map { .string($0) })
      object["warnings"] = .array(reused.warnings.map { .string($0) })
      object["details"] = reused.details
    }
    return .object(object)
  }
}
