import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

extension Features {
  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    checkWindows(report)
    checkShares(report)
    let entity = entityField(context)
    var schema = Schema([entity].compactMap { $0 })
    if entity == nil { schema.markUnknown(self.entity.column.text) }
    var sources: [AggregatedSource] = []
    for source in from.entries {
      if let planned = self.source(source, entity: entity, &schema, context) {
        sources.append(planned)
      } else {
        markUnknown(source.value, in: &schema)
      }
    }
    var features: [DerivedColumn] = []
    for entry in derived.entries {
      guard let typed = entry.value.typed(in: schema, report) else {
        schema.markUnknown(entry.name.text)
        continue
      }
      let field = Field(
        entry.name.text, typed.type, isNullable: typed.isNullable, isPersonal: typed.isPersonal,
        labels: typed.labels, about: "\(entry.value.snippet.text)")
      if add(field, at: entry.name, &schema, report) {
        features.append(DerivedColumn(field, typed))
      }
    }
    guard report.errorCount == before, schema.unknown.isEmpty,
      sources.count == from.entries.count, let entity
    else { return nil }
    guard let entities = context.relation(self.entity.stage) else { return nil }
    let aggregation = Aggregation(
      entity: entity, windows: windows.map(\.span), sources: sources, derived: features,
      schema: schema)
    return StagePlan(
      rows: .aggregate(
        aggregation, entities: .stage(self.entity.stage.text, entities),
        from.entries.compactMap { entry in
          context.relation(entry.name).map { .stage(entry.name.text, $0) }
        }), checkpoint: .rows,
      work: FeaturesWork(
        entityStage: self.entity.stage.text, aggregation: aggregation, file: context.file), context)
  }

  /// The column that names the entities; nil where it is not known, which was said.
  private func entityField(_ context: PlanContext) -> Field? {
    guard let entities = context.relation(entity.stage) else { return nil }
    var field = context.field(
      entity.column, in: entities.schema, of: "stage '\(entity.stage.text)'")
    require(entities, entity.stage, context)
    field?.isNullable = false
    return field
  }

  private func checkShares(_ report: Report) {
    for source in from.entries {
      for feature in source.value.windowed.entries + source.value.ever.entries {
        if case .full(let shares) = feature.value { shares.check(report) }
      }
    }
  }

  /// What can be said of the windows without knowing any columns.
  private func checkWindows(_ report: Report) {
    for (place, window) in windows.enumerated() {
      if windows[..<place].contains(window) {
        report.error(
          .duplicateKey, "the window \(window) stands here twice", at: window.place,
          help: "remove one of them")
      }
      if window.isZero {
        report.error(
          .wrongValue, "nothing lies in a window of \(window)", at: window.place,
          help: "write it as 30d")
      }
    }
    guard windows.isEmpty else { return }
    for source in from.entries {
      guard let feature = source.value.windowed.entries.first else { continue }
      report.error(
        .keyCombination, "'windowed' needs 'windows', which are missing", at: feature.name.span,
        help: "add windows: [30d] beside from:, or move these features to ever:")
    }
  }

  /// The columns that a feature becomes, window by window for each of its suffixes.
  private func columns(of feature: Entries<FeatureFormula>.Entry, isWindowed: Bool) -> [[String]] {
    feature.value.suffixes.map { suffix in
      isWindowed
        ? windows.map { "\(feature.name.text)\(suffix)_\($0)" } : [feature.name.text + suffix]
    }
  }

  /// Of features that cannot be planned only the names are known: what uses them stays without messages.
  private func markUnknown(_ source: FeatureSource, in schema: inout Schema) {
    let names =
      source.windowed.entries.flatMap { columns(of: $0, isWindowed: true) }
      + source.ever.entries.flatMap { columns(of: $0, isWindowed: false) }
    for name in names.joined() where schema[name] == nil { schema.markUnknown(name) }
  }

  private func source(
    _ entry: EntriesByName<StageName, FeatureSource>.Entry, entity: Field?, _ schema: inout Schema,
    _ context: PlanContext
  ) -> AggregatedSource? {
    let report = context.report
    guard let relation = context.relation(entry.name) else { return nil }
    let source = entry.value
    let owner = "stage '\(entry.name.text)'"
    require(relation, entry.name, context)
    guard relation.isRepeatable else { return nil }
    let column = entity.flatMap {
      context.entityColumn(source.entity, like: $0, in: relation, of: entry.name)
    }
    context.refuseFound(by: column, relation, of: entry.name, "past cutoffs see")
    if relation.time == nil, !source.windowed.entries.isEmpty {
      report.error(
        .missingTime, "\(owner) has no time, so nothing of it lies in a window",
        at: entry.name.span,
        help: "move these features to ever:, or say time: in its extract instead of timeless:")
      return nil
    }
    let condition = source.condition.map { condition in
      warn(of: condition, relation, entry.name, context)
      return condition.typed(in: relation.schema, as: .bool, "where", report)
    }
    let windowed = source.windowed.entries.map {
      self.feature($0, isWindowed: true, relation, entry.name, &schema, context)
    }
    let ever = source.ever.entries.map {
      self.feature($0, isWindowed: false, relation, entry.name, &schema, context)
    }
    if case .some(nil) = condition { return nil }
    guard let column else { return nil }
    return AggregatedSource(
      stage: entry.name.text, entityColumn: column, time: relation.time,
      condition: condition ?? nil, unmatched: source.unmatched?.fraction,
      windowed: windowed.flatMap(\.aggregates), ever: ever.flatMap(\.aggregates),
      tops: (windowed + ever).compactMap(\.top))
  }

  /// A feature's aggregates; those of top values are known at the run.
  private typealias PlannedFeature = (aggregates: [WindowedAggregate], top: TopShares?)

  private func feature(
    _ feature: Entries<FeatureFormula>.Entry, isWindowed: Bool, _ relation: RelationShape,
    _ stage: StageName, _ schema: inout Schema, _ context: PlanContext
  ) -> PlannedFeature {
    let report = context.report
    let names = columns(of: feature, isWindowed: isWindowed)
    let before = report.errorCount
    var planned: PlannedFeature = ([], nil)
    func fields(_ names: [String], _ model: Field, _ text: String) -> [Field] {
      names.enumerated().map { place, name in
        var field = model
        field.name = name
        field.about = text + (isWindowed ? " over \(windows[place])" : " ever")
        return field
      }
    }
    switch feature.value {
    case .value(let expression):
      warn(of: expression, relation, stage, context)
      if let typed = expression.typedAggregate(
        in: relation.schema, orderedBy: relation.time, report)
      {
        planned.aggregates.append(
          WindowedAggregate(
            fields: fields(names[0], typed.field(named: ""), expression.snippet.text),
            expression: typed, isWindowed: isWindowed))
      }
    case .full(let shares):
      warn(of: shares.of, relation, stage, context)
      guard let of = shares.typed(in: relation.schema, report), shares.isSound else { break }
      if let values = shares.values {
        for (value, names) in zip(values, names) {
          guard let typed = shares.aggregate(of: value, of.type, in: relation.schema, report)
          else { break }
          planned.aggregates.append(
            WindowedAggregate(
              fields: fields(names, typed.field(named: ""), typed.text), expression: typed,
              isWindowed: isWindowed))
        }
      } else {
        planned.top = TopShares(
          name: feature.name.text, of: of,
          fields: names.enumerated().map { rank, names in
            fields(names, Field("", .float8), TopShares.about(rank: rank, of: of.text))
          }, isWindowed: isWindowed)
      }
    }
    guard report.errorCount == before,
      !planned.aggregates.isEmpty || planned.top != nil
    else {
      for name in names.joined() { schema.markUnknown(name) }
      return ([], nil)
    }
    for field in planned.aggregates.flatMap(\.fields) + (planned.top?.fields ?? []).joined() {
      add(field, at: feature.name, &schema, report)
    }
    return planned
  }

  /// Warns of what a feature may see that it should not, and of what it never sees.
  private func warn(
    of expression: Expression, _ relation: RelationShape, _ stage: StageName, _ context: PlanContext
  ) {
    context.warnOfTodaysValues(in: expression, relation, of: stage, "past cutoffs see")
    warnOfUnseenRows(in: expression, relation, context.report)
  }

  @discardableResult
  private func add(_ field: Field, at name: Name, _ schema: inout Schema, _ report: Report) -> Bool
  {
    guard schema[field.name] == nil else {
      report.error(
        .duplicateColumn, "there are two features '\(field.name)'", at: name.span,
        help: "give one of them another name")
      return false
    }
    // Postgres would cut a longer name without a word.
    guard field.name.utf8.count <= 63 else {
      report.error(
        .wrongValue, "the feature '\(field.name)' has a name of more than 63 bytes",
        at: name.span, help: "make it shorter: its window is added to it")
      return false
    }
    schema.append(field)
    return true
  }

  /// Features must be able to ask what was known at a past instant.
  private func require(_ relation: RelationShape, _ name: StageName, _ context: PlanContext) {
    let report = context.report
    context.refuseChosenRows(relation, of: name, "past cutoffs see")
    if relation.isRepeatable {
      guard let reason = relation.timeless else { return }
      report.warning(
        .todaysValue, "past cutoffs see today's rows of stage '\(name.text)'", at: name.span,
        help: "its extract says timeless: \(reason)")
    } else if let origin = context.origin(of: name) {
      report.error(
        .missingTime,
        "stage '\(origin.name.text)' has no time, and features '\(context.stage.text)' ask since when its rows are known",
        at: origin.name.span,
        help: "say time: with the column that knows, or timeless: with the reason why it needs none"
      )
    } else {
      report.error(
        .missingTime, "nothing says since when the rows of stage '\(name.text)' are known",
        at: name.span, help: "name an extract, or a clean stage")
    }
  }

  /// Warns of conditions that no row can meet which a feature sees.
  private func warnOfUnseenRows(
    in expression: Expression, _ relation: RelationShape, _ report: Report
  ) {
    guard let time = relation.time else { return }
    for span in expression.comparisonsPastAsOf(of: time) {
      report.warning(
        .unseenRows, "no row passes this: features see only rows before the as-of", at: span,
        help: "look back instead, as in \(time) >= as_of - interval '7 days'")
    }
  }
}
