import Diagnostics
import Expressions
import Frames
import Relations

/// Features and labels over orders of customers.
extension CaseGenerator {
  private static let aggregates = [
    "count(*)", "sum(amount)", "sum(x)", "avg(n)", "avg(amount)", "min(city)", "max(day)",
    "max(status)", "first(city)", "last(status)", "count(distinct city)", "median(x)",
    "share(flag)", "share(status = 'paid')", "count(*) filter (where n > 1)",
    "sum(amount) / nullif(count(*), 0)", "days_since(max(at))", "bool_or(flag)", "every(flag)",
    "mode(city)", "top(status, 2)", "stddev(x)", "avg_gap_days()", "longest_streak('week')",
    "current_streak('day')", "hour_share(22, 6)", "weekend_share()", "sessions('30 minutes')",
    "bounce_rate('2 hours')", "max(at) >= as_of - interval '10 days'", "entropy(city)",
    "percentile_disc(0.9) within group (order by amount)", "slope(x)", "last(n)",
  ]
  private static let conditions = ["status <> 'lost'", "n > 0", "flag", "amount > 10"]

  func typedAggregate(
    _ text: String, _ shape: RelationShape, as type: ColumnType? = nil
  ) -> AggregateExpression? {
    let report = Report()
    guard
      let parsed = try? Expression(
        parsing: Snippet(file: SourceFile(name: "case", text: text)))
    else { return nil }
    return type.map {
      parsed.typedAggregate(in: shape.schema, orderedBy: shape.time, as: $0, "it", report)
    } ?? parsed.typedAggregate(in: shape.schema, orderedBy: shape.time, report)
  }

  mutating func customers() -> RelationPlan {
    table(
      "customers", GeneratedColumn.customers(around: Self.asOf), rows: pick([0, 3, 10, 10])
    ) {
      RelationShape(schema: $0, key: ["id"], time: "joined", isRepeatable: true)
    }
  }

  private static let frequent = ["city", "status", "n", "flag", "day", "lower(city)", "x", "uid"]

  /// Shares of the most frequent values of something.
  private mutating func top(
    _ shape: RelationShape, windows: [Span], _ schema: inout Schema, _ name: String
  ) -> TopShares? {
    guard let of = typed(pick(Self.frequent), shape) else { return nil }
    let isWindowed = chance(0.5)
    let fields = (1...pick([1, 2, 3])).map { rank in
      (isWindowed ? windows.map { "_\($0.description)" } : [""]).map {
        Field("\(name)_\(rank)\($0)", .float8)
      }
    }
    for field in fields.joined() { schema.append(field) }
    return TopShares(name: name, of: of, fields: fields, isWindowed: isWindowed)
  }

  private mutating func source(
    _ plan: RelationPlan, windows: [Span], _ schema: inout Schema, prefix: String,
    choosesTops: Bool
  ) -> AggregatedSource? {
    let shape = plan.shape
    guard shape.schema["owner"]?.type == .int8 else { return nil }
    var windowed: [WindowedAggregate] = []
    var ever: [WindowedAggregate] = []
    for place in 0..<Int.random(in: 1...4, using: &random) {
      guard let aggregate = typedAggregate(pick(Self.aggregates), shape) else { continue }
      let isWindowed = chance(0.6)
      let names = isWindowed ? windows.map { "_\($0.description)" } : [""]
      let fields = names.map { aggregate.field(named: "\(prefix)\(place)\($0)") }
      for field in fields { schema.append(field) }
      let made = WindowedAggregate(fields: fields, expression: aggregate, isWindowed: isWindowed)
      if isWindowed { windowed.append(made) } else { ever.append(made) }
    }
    let condition = chance(0.4) ? typed(pick(Self.conditions), shape, as: .bool) : nil
    var tops: [TopShares] = []
    for place in 0..<(choosesTops ? 2 : 0) {
      if let top = top(shape, windows: windows, &schema, "\(prefix)_top\(place)") {
        tops.append(top)
      }
    }
    return AggregatedSource(
      stage: plan.name, entityColumn: "owner", time: shape.time, condition: condition,
      unmatched: nil, windowed: windowed, ever: ever, tops: tops)
  }

  /// - Parameter choosesTops: whether there are shares of values that are chosen.
  mutating func features(choosesTops: Bool = false) -> RelationPlan? {
    let windows = [pick([Span.days(7), .days(1)]), .days(30), .minutes(36 * 60)]
    let customers = customers()
    let id = Field("id", .int8, isNullable: false)
    var schema = Schema([id])
    var plans: [RelationPlan] = []
    var sources: [AggregatedSource] = []
    for (place, name) in ["orders", "more_orders"].prefix(chance(0.4) ? 2 : 1).enumerated() {
      let plan = steps(0...2, over: orders(name))
      guard
        let source = source(
          plan, windows: windows, &schema, prefix: place == 0 ? "a" : "b",
          choosesTops: choosesTops)
      else { return nil }
      plans.append(plan)
      sources.append(source)
    }
    var derived: [DerivedColumn] = []
    let numbers = schema.fields.filter { $0.type.isNumber && $0.name != "id" }
    if let number = numbers.first,
      let expression = typed(
        "coalesce(\(number.name), 0)::float8 / 3",
        RelationShape(schema: schema, key: ["id"]))
    {
      let field = expression.field(named: "third")
      schema.append(field)
      derived.append(DerivedColumn(field, expression))
    }
    let aggregation = Aggregation(
      entity: id, windows: windows, sources: sources, derived: derived, schema: schema)
    return .aggregate(aggregation, entities: customers, plans)
  }

  /// A label over orders that may end, or may not.
  public static func label(seed: UInt64) -> LabelCase? {
    var generator = CaseGenerator(seed: seed)
    return generator.label()
  }

  private mutating func label() -> LabelCase? {
    let customers = customers()
    let rows = steps(0...2, over: orders("orders"))
    let shape = rows.shape
    guard shape.schema["owner"]?.type == .int8, let time = shape.time,
      let test = typedAggregate(
        pick([
          "count(*) = 0", "sum(amount) > 100", "bool_or(flag)", "max(n) > 2",
          "count(*) filter (where status = 'paid') < 2", "last(status) = 'lost'",
        ]), shape, as: .bool)
    else { return nil }
    let condition = chance(0.4) ? typed(pick(Self.conditions), shape, as: .bool) : nil
    let label = LabelPlan(
      name: "left", stage: "orders", entityColumn: "owner", time: time, condition: condition,
      test: test,
      window: LabelWindow(
        gap: pick([.days(0), .days(3), .minutes(90)]), within: pick([.days(10), .days(30)])))
    return LabelCase(
      seed: seed, label: label, entities: customers, rows: rows, tables: tables,
      asOf: Self.asOf, cutoff: zone.instant(Self.asOf, minus: .days(pick([10, 20, 40]))),
      zone: zone)
  }
}
