import Relations

/// What is kept of a stage's output follows from its plan.
extension StagePlan {
  /// What is kept of its output on disk; nil where it is made again when a run is resumed.
  /// - Parameter columns: of its rows those that other stages use; nil for all.
  public func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    switch (checkpoint, output) {
    case (.rows, .relation(let relation)):
      relation.keptFrames(columns: columns).map { KeptOutput(frames: $0) }
    case (.artifact, .artifact(let artifact)):
      try artifact.stored().map { KeptOutput(data: $0) }
    case (_, .nothing):
      // What hands on nothing has nothing to keep, and need not be done again.
      publishes.isEmpty ? KeptOutput() : nil
    case (.none, _), (.rows, .artifact), (.artifact, .relation): nil
    }
  }

  /// The output as it was, from what was kept of it.
  public func restored(
    _ kept: KeptOutput, _ context: any StageContext
  ) async throws -> StageOutput {
    switch (checkpoint, output) {
    case (.none, _): return .nothing
    case (.rows, .rows(let rows, _)):
      return .relation(
        try await context.engine.reopen(
          rows, keeping: kept.frames,
          over: isRestoredFromInputs ? try context.relations(of: rows) : [:], in: context.facts))
    case (.rows, .made(.relation(let shape), _, _)):
      return .relation(try FixedRelation(kept: kept.frames, shape: shape, context.facts))
    case (.artifact(let reader), _):
      return .artifact(try await reader.artifact(from: kept.data))
    case (.rows, .made): return .nothing
    }
  }

  /// Whether `restored` asks for what the stages before it handed on.
  public var isRestoredFromInputs: Bool {
    guard case .rows = checkpoint, let relational else { return false }
    return !relational.isKeptWhole
  }
}
