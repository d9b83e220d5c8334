import PipelineFiles

/// The stages of a run as it begins.
package struct OpenedStages: Sendable {
  /// In the order of their making.
  let stages: [OpenedStage]
  /// The instants of the reading that is used again; nil where the sources are read anew.
  let snapshots: [String: String]?

  package init(stages: [OpenedStage], snapshots: [String: String]?) {
    self.stages = stages
    self.snapshots = snapshots
  }
}

/// A stage of a run as it begins.
package struct OpenedStage: Sendable {
  let stage: String
  let kind: String
  /// The digest of what decides what it makes.
  let definition: String?
  /// What is known of it where its output comes from a checkpoint; nil where it is made or left out.
  let reused: Reused?

  package struct Reused: Sendable {
    let rows: Int
    let notes: [String]
    let warnings: [String]
    let details: JSONValue

    package init(rows: Int, notes: [String], warnings: [String], details: JSONValue) {
      self.rows = rows
      self.notes = notes
      self.warnings = warnings
      self.details = details
    }
  }

  package init(stage: String, kind: String, definition: String?, reused: Reused?) {
    self.stage = stage
    self.kind = kind
    self.definition = definition
    self.reused = reused
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
