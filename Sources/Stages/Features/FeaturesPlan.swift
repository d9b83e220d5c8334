import Expressions
import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// An aggregate and the columns that it becomes: one for each window, or one.
struct FeatureAggregate: Sendable {
  let fields: [Field]
  let expression: AggregateExpression
  let isWindowed: Bool
}

/// What is worked out from the rows of one stage.
struct FeatureSourcePlan: Sendable {
  let stage: String
  let entityColumn: String
  let time: String?
  let condition: TypedExpression?
  /// The share of its rows that may belong to no entity; nil where the author says nothing.
  let unmatched: Double?
  let windowed: [FeatureAggregate]
  let ever: [FeatureAggregate]
  let tops: [TopShares]

  /// The columns that it reads.
  var columns: Set<String> {
    var columns = Set([entityColumn, time].compactMap(\.self))
    columns.formUnion(condition?.columns ?? [])
    for aggregate in windowed + ever { columns.formUnion(aggregate.expression.columns) }
    for shares in tops { columns.formUnion(shares.of.columns) }
    return columns
  }

  /// What its aggregates ask of its rows.
  var rowsPlan: FeatureRowsPlan {
    FeatureRowsPlan(
      entityColumn: entityColumn, time: time, condition: condition,
      columns: (windowed + ever).reduce(into: []) { $0.formUnion($1.expression.columns) })
  }

  var fieldCount: Int {
    (windowed + ever).reduce(0) { $0 + $1.fields.count }
      + tops.reduce(0) { $0 + $1.fields.joined().count }
  }
}

/// Features as a function of the as-of: the same for training at past instants and for tonight.
struct FeaturesPlan: StagePlan {
  let entityStage: String
  let entity: Field
  /// In the order of the file.
  let windows: [Span]
  let sources: [FeatureSourcePlan]
  let derived: [(Field, TypedExpression)]
  let relation: RelationShape
  /// Of a run with an as-of, the earliest instant at which features are asked for.
  let earliestCutoff: @Sendable (Instant) -> Instant

  var shape: StageShape { .relation(relation) }

  var lineage: StageLineage {
    var lineage: StageLineage = [
      entity.name: ColumnLineage(from: [StageColumn(entityStage, entity.name)])
    ]
    for source in sources {
      for aggregate in source.windowed + source.ever {
        add(
          aggregate.fields, aggregate.expression.columns, aggregate.expression.text,
          aggregate.isWindowed, source, to: &lineage)
      }
      for shares in source.tops {
        for (rank, fields) in shares.fields.enumerated() {
          add(
            fields, shares.of.columns, TopShares.about(rank: rank, of: shares.of.text),
            shares.isWindowed, source, to: &lineage)
        }
      }
    }
    for (field, expression) in derived {
      let parts = expression.columns.sorted().compactMap { lineage[$0] }
      lineage[field.name] = ColumnLineage(
        from: parts.reduce(into: []) { $0.formUnion($1.origins) },
        by: parts.flatMap(\.expressions).removingRepeats + [expression.text])
    }
    return lineage
  }

  private func add(
    _ fields: [Field], _ columns: Set<String>, _ text: String, _ isWindowed: Bool,
    _ source: FeatureSourcePlan, to lineage: inout StageLineage
  ) {
    let expression = text + (source.condition.map { " where \($0.text)" } ?? "")
    // A count of rows is made from all of a row, its time at the least.
    let made = columns.isEmpty ? Set([source.time ?? source.entityColumn]) : columns
    // Which rows are taken decides as much as what is taken of them.
    let origins = made.union(source.condition?.columns ?? [])
    for (place, field) in fields.enumerated() {
      let window =
        fields.count == windows.count && isWindowed ? " over \(windows[place].description)" : ""
      lineage[field.name] = ColumnLineage(
        from: Set(origins.map { StageColumn(source.stage, $0) }), by: [expression + window])
    }
  }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    var columns: Set<String> = input == entityStage ? [entity.name] : []
    for source in sources where source.stage == input { columns.formUnion(source.columns) }
    return columns
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    var steps = [PlannedStep("one row for each \(entity.name) of \(entityStage)", isAsOf: true)]
    for source in sources {
      for shares in source.tops {
        steps.append(
          PlannedStep(
            "choose the top \(shares.fields.count) of \(shares.of.text) by the rows of \(source.stage) "
              + "before \(earliestCutoff(asOf).shortText(in: zone))"))
      }
      steps.append(
        PlannedStep("\(source.fieldCount) features from \(source.stage)", isAsOf: true))
    }
    if !derived.isEmpty {
      steps.append(PlannedStep("\(derived.count) features from the others", isAsOf: true))
    }
    return steps
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let chosen = try await chosenValues(context)
    var features = try relation(choosing: chosen, context)
    let tally = UnmatchedTally()
    features.tally = tally
    let frame = try await features.frame(asOf: context.asOf)
    features.tally = nil
    features.remembered = (context.asOf, frame)
    let unmatched = sources.indices.compactMap { tally.all[$0] }
    let lost = try lost(unmatched, isEnforced: context.enforcesExpectations)
    let odd = frame.nonFinite
    return StageResult(
      output: .relation(features), rows: frame.rowCount,
      notes: ["\(relation.schema.fields.count - 1) features"]
        + chosen.joined().map { $0.note(in: context.zone) } + lost.notes,
      warnings: lost.warnings + odd.map(Self.text),
      details: details(chosen.flatMap(\.self), unmatched, odd, context.zone))
  }

  /// What to say of rows that belong to no entity.
  /// - Throws: `StageFailure` where there are more than there may be.
  private func lost(
    _ unmatched: [Unmatched], isEnforced: Bool
  ) throws -> (notes: [String], warnings: [String]) {
    var (notes, warnings): ([String], [String]) = ([], [])
    let owner = StageColumn(entityStage, entity.name)
    for (source, found) in zip(sources, unmatched) {
      guard let text = found.text(of: owner) else { continue }
      let stops =
        source.unmatched.map { found.share > $0 }
        ?? (found.share == 1 && found.rows >= Unmatched.fewestRows)
      if stops, isEnforced {
        throw StageFailure(
          text,
          help: "ids that differ in case, blanks or leading zeros are others; see the rows with "
            + "roost preview … \(source.stage) --missing \(source.entityColumn)=\(owner); to let "
            + "them be, say unmatched: 100% under from: \(source.stage)", isBlockedByCheck: true)
      }
      if stops || (source.unmatched == nil && found.share > Unmatched.told) {
        warnings.append(text)
      } else {
        notes.append(text)
      }
    }
    return (notes, warnings)
  }

  private static func text(of odd: (name: String, count: Int)) -> String {
    "feature \(odd.name) is NaN or infinite in \(odd.count) rows, where a model sees no value or "
      + "refuses it: guard the division with nullif(…, 0), or clip what it is made of"
  }

  /// The values that shares are of, chosen by what was known at the earliest cutoff.
  func chosenValues(_ context: any StageContext) async throws -> [[TopValues]] {
    let earliest = earliestCutoff(context.asOf)
    var chosen: [[TopValues]] = []
    for source in sources {
      chosen.append(
        try await source.topValues(
          in: try context.relation(source.stage), before: earliest, zone: context.zone))
    }
    return chosen
  }

  /// The features over the rows of the run.
  func relation(
    choosing chosen: [[TopValues]], _ context: any StageContext
  ) throws -> FeatureRelation {
    FeatureRelation(
      plan: self, zone: context.zone, entities: try context.relation(entityStage),
      sources: try sources.map { SourceRelation(try context.relation($0.stage)) },
      features: zip(sources, chosen).map { $0.with($1) })
  }

  private func details(
    _ chosen: [TopValues], _ unmatched: [Unmatched], _ odd: [(name: String, count: Int)],
    _ zone: CalendarZone
  ) -> JSONValue {
    var details: [String: JSONValue] = [
      "features": .integer(relation.schema.fields.count - 1),
      "unmatched": .object(
        Dictionary(unmatched.map { ($0.stage, $0.details) }, uniquingKeysWith: { a, _ in a })),
      "non_finite": .object(
        Dictionary(odd.map { ($0.name, .integer($0.count)) }, uniquingKeysWith: { a, _ in a })),
    ]
    if let earliest = chosen.first?.earliest {
      details["top_values"] = .object([
        "before": .string(earliest.shortText(in: zone)),
        "values": .object(
          chosen.reduce(into: [:]) { values, top in
            values[top.shares.name] = top.texts(in: zone).map { .array($0.map(JSONValue.string)) }
          }),
      ])
    }
    return .object(details)
  }
}
