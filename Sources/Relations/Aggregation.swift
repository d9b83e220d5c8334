import Expressions
import Frames

/// One row for each entity, with what was known of it before an instant.
///
/// The same at past instants and for tonight: a row of a source falls into a window by its time, and counts
/// where it was known before the instant.
public struct Aggregation: Sendable {
  /// The column that names the entities; each is there once, and a null is none.
  public let entity: Field
  /// Lengths of the windows before the instant, in the order of the file.
  public let windows: [Span]
  /// One for each relation whose rows are put together, in its order.
  public let sources: [AggregatedSource]
  /// Columns that are worked out from the others, one after the other.
  public let derived: [DerivedColumn]
  /// What comes out, in the order of the file.
  public let schema: Schema

  public init(
    entity: Field, windows: [Span], sources: [AggregatedSource], derived: [DerivedColumn],
    schema: Schema
  ) {
    self.entity = entity
    self.windows = windows
    self.sources = sources
    self.derived = derived
    self.schema = schema
  }

  /// The same with other sources, such as those whose most frequent values are known.
  public func over(_ sources: [AggregatedSource]) -> Aggregation {
    Aggregation(
      entity: entity, windows: windows, sources: sources, derived: derived, schema: schema)
  }
}

/// A column that is worked out from others of its row.
public struct DerivedColumn: Sendable {
  public let field: Field
  public let expression: TypedExpression

  public init(_ field: Field, _ expression: TypedExpression) {
    self.field = field
    self.expression = expression
  }
}

/// An aggregate and the columns that it becomes: one for each window, or one.
public struct WindowedAggregate: Sendable {
  public let fields: [Field]
  public let expression: AggregateExpression
  public let isWindowed: Bool

  public init(fields: [Field], expression: AggregateExpression, isWindowed: Bool) {
    self.fields = fields
    self.expression = expression
    self.isWindowed = isWindowed
  }
}

/// The shares of the most frequent values of an expression, which are known when there are rows.
public struct TopShares: Sendable {
  public let name: String
  public let of: TypedExpression
  /// For each rank the columns that it becomes.
  public let fields: [[Field]]
  public let isWindowed: Bool
  /// They are the most frequent ones of the rows before this instant; nil for those before the run's as-of.
  public var chosenAt: RunFacts?

  public init(
    name: String, of: TypedExpression, fields: [[Field]], isWindowed: Bool,
    chosenAt: RunFacts? = nil
  ) {
    self.name = name
    self.of = of
    self.fields = fields
    self.isWindowed = isWindowed
    self.chosenAt = chosenAt
  }

  /// What is said of one column, such as the share of the second most frequent value.
  public static func about(rank: Int, of text: String) -> String {
    "share of the \(rank == 0 ? "" : "\(rank + 1). ")most frequent value of \(text)"
  }

  /// The shares of values that were chosen; that of a rank without a value is null.
  public func aggregates(of values: Column) -> [WindowedAggregate] {
    zip(fields, of.shares(of: values, count: fields.count)).map { fields, share in
      WindowedAggregate(fields: fields, expression: share, isWindowed: isWindowed)
    }
  }
}

/// What is worked out from the rows of one relation.
public struct AggregatedSource: Sendable {
  /// The stage whose rows they are.
  public let stage: String
  /// The column that names the entity of a row.
  public let entityColumn: String
  /// The column that says when a row happened; nil without one, and then nothing is windowed.
  public let time: String?
  /// Only rows for which it is true count.
  public let condition: TypedExpression?
  /// The share of its rows that may belong to no entity; nil where the author says nothing.
  public let unmatched: Double?
  public let windowed: [WindowedAggregate]
  public let ever: [WindowedAggregate]
  public private(set) var tops: [TopShares]

  public init(
    stage: String, entityColumn: String, time: String?, condition: TypedExpression?,
    unmatched: Double?, windowed: [WindowedAggregate], ever: [WindowedAggregate],
    tops: [TopShares]
  ) {
    self.stage = stage
    self.entityColumn = entityColumn
    self.time = time
    self.condition = condition
    self.unmatched = unmatched
    self.windowed = windowed
    self.ever = ever
    self.tops = tops
  }

  /// The columns that it reads.
  public var columns: Set<String> {
    var columns = Set([entityColumn, time].compactMap(\.self))
    columns.formUnion(condition?.columns ?? [])
    for aggregate in windowed + ever { columns.formUnion(aggregate.expression.columns) }
    for shares in tops { columns.formUnion(shares.of.columns) }
    return columns
  }

  var fieldCount: Int {
    (windowed + ever).reduce(0) { $0 + $1.fields.count }
      + tops.reduce(0) { $0 + $1.fields.joined().count }
  }

  /// The same, with values that are chosen by the rows before an instant.
  public func choosing(at facts: RunFacts) -> AggregatedSource {
    var source = self
    for place in tops.indices { source.tops[place].chosenAt = facts }
    return source
  }

  /// The same with the shares of values that were chosen among its aggregates.
  /// - Parameter values: for each of its top shares.
  public func choosing(_ values: [Column]) -> AggregatedSource {
    let more = zip(tops, values).flatMap { $0.aggregates(of: $1) }
    return AggregatedSource(
      stage: stage, entityColumn: entityColumn, time: time, condition: condition,
      unmatched: unmatched,
      windowed: windowed + more.filter(\.isWindowed), ever: ever + more.filter { !$0.isWindowed },
      tops: [])
  }
}

extension Aggregation {
  func steps(entities: String) -> [PlannedStep] {
    var steps = [PlannedStep("one row for each \(entity.name) of \(entities)", isAsOf: true)]
    for source in sources {
      steps += source.tops.map { shares in
        PlannedStep(
          "choose the top \(shares.fields.count) of \(shares.of.text) by the rows of \(source.stage) "
            + "before \(shares.chosenAt.map { $0.asOf.shortText(in: $0.zone) } ?? "the as-of")")
      }
      steps.append(
        PlannedStep("\(source.fieldCount) features from \(source.stage)", isAsOf: true))
    }
    if !derived.isEmpty {
      steps.append(PlannedStep("\(derived.count) features from the others", isAsOf: true))
    }
    return steps
  }

  func lineage(entities: StageLineage, _ relations: [StageLineage]) -> StageLineage {
    var lineage: StageLineage = [:]
    lineage[entity.name] = entities[entity.name]
    for (source, before) in zip(sources, relations) {
      for aggregate in source.windowed + source.ever {
        add(
          aggregate.fields, aggregate.expression.columns, aggregate.expression.text,
          aggregate.isWindowed, source, before, to: &lineage)
      }
      for shares in source.tops {
        for (rank, fields) in shares.fields.enumerated() {
          add(
            fields, shares.of.columns, TopShares.about(rank: rank, of: shares.of.text),
            shares.isWindowed, source, before, to: &lineage)
        }
      }
    }
    for column in derived {
      var merged = ColumnLineage(
        merging: column.expression.columns.sorted().compactMap { lineage[$0] })
      merged.expressions.append(column.expression.text)
      lineage[column.field.name] = merged
    }
    return lineage
  }

  private func add(
    _ fields: [Field], _ columns: Set<String>, _ text: String, _ isWindowed: Bool,
    _ source: AggregatedSource, _ before: StageLineage, to lineage: inout StageLineage
  ) {
    let expression = text + (source.condition.map { " where \($0.text)" } ?? "")
    // A count of rows is made from all of a row, its time at the least.
    let made = columns.isEmpty ? Set([source.time ?? source.entityColumn]) : columns
    // Which rows are taken decides as much as what is taken of them.
    let origins = ColumnLineage(
      merging: made.union(source.condition?.columns ?? []).sorted().compactMap { before[$0] })
    for (place, field) in fields.enumerated() {
      let window =
        fields.count == windows.count && isWindowed ? " over \(windows[place].description)" : ""
      lineage[field.name] = ColumnLineage(
        from: origins.origins, by: origins.expressions + [expression + window])
    }
  }
}
