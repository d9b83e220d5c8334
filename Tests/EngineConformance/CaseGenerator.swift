import Diagnostics
import Expressions
import Frames
import Relations
import TestSupport

/// Makes cases: random plans over random rows.
public struct CaseGenerator {
  /// An as-of in the night on which clocks change.
  static let asOf = Instant(
    microseconds: CivilDate(year: 2024, month: 3, day: 31).days * Instant.microsecondsPerDay
      - 3_600_000_000)

  let seed: UInt64
  var random: SeededGenerator
  var tables: [String: GeneratedTable] = [:]
  let zone = CalendarZone(named: "Europe/Berlin") ?? .utc
  /// Whether keys may repeat in what is made next, or be missing.
  var mayRepeat = false
  private var hasRepeats = false

  public init(seed: UInt64) {
    self.seed = seed
    random = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ 7)
  }

  /// Kinds of cases, so that each gets its share.
  public enum Kind: String, CaseIterable, Sendable {
    case steps, join, validAt, union, features, choose, topValues
  }

  public static func example(_ kind: Kind, seed: UInt64) -> ConformanceCase? {
    var generator = CaseGenerator(seed: seed)
    let plan: RelationPlan?
    switch kind {
    case .steps: plan = generator.steps(1...5, over: generator.orders("orders"))
    case .join: plan = generator.join()
    case .validAt: plan = generator.joinValidAt()
    case .union: plan = generator.union()
    case .features: plan = generator.features()
    case .choose: plan = generator.choose()
    case .topValues:
      let earliest = RunFacts(asOf: generator.instant(), zone: generator.zone)
      plan = generator.features(choosesTops: true)?.asked(from: earliest)
    }
    // Where keys repeat, a run fails by the rows of its own as-of.
    let askedAt = generator.hasRepeats ? asOf : generator.instant()
    return plan.map {
      ConformanceCase(
        seed: seed, plan: $0, tables: generator.tables, asOf: asOf, askedAt: askedAt,
        zone: generator.zone)
    }
  }

  /// The as-of, or a cutoff before it.
  mutating func instant() -> Instant {
    let days = pick([0, 0, 1, 10, 31])
    return zone.instant(Self.asOf, minus: .days(days))
  }

  // MARK: Rows

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

  /// What may be wrong with keys.
  private enum Flaw: CaseIterable { case repeated, missing, missingTwice }

  mutating func table(
    _ name: String, _ columns: [GeneratedColumn], rows: Int, shape: (Schema) -> RelationShape
  ) -> RelationPlan {
    let id = Field("id", .int8, isNullable: false)
    let schema = Schema([id] + columns.map(\.field))
    // In no order.
    let ids = Array(1...max(1, rows)).shuffled(using: &random).prefix(rows)
    var builder = ColumnBuilder(type: .int8)
    let flaw = mayRepeat && rows > 2 && chance(0.2) ? pick(Flaw.allCases) : nil
    if flaw != nil { hasRepeats = true }
    for (row, id) in ids.enumerated() {
      switch flaw {
      case .repeated? where row == 1: builder.append(Int64(ids[ids.startIndex]))
      case .missing? where row == 1, .missingTwice? where row < 2: builder.appendNull()
      default: builder.append(Int64(id))
      }
    }
    var made = [builder.build()]
    for column in columns { made.append(column.column(rows, &random)) }
    let frame = Frame(schema: schema, columns: made, rowCount: rows)
    tables[name] = GeneratedTable(shape: shape(schema), frame: frame)
    return .stage(name, shape(schema))
  }

  mutating func orders(_ name: String) -> RelationPlan {
    let hasArrived = chance(0.5)
    return table(
      name, GeneratedColumn.orders(around: Self.asOf), rows: pick([0, 1, 2, 30, 60, 60, 90])
    ) {
      RelationShape(
        schema: $0, key: ["id"], time: "at", arrived: hasArrived ? "arrived" : nil,
        isRepeatable: true)
    }
  }

  mutating func places(_ name: String, isDated: Bool) -> RelationPlan {
    table(
      name, GeneratedColumn.places(around: Self.asOf), rows: pick([0, 3, 6, 12])
    ) {
      RelationShape(
        schema: $0, key: ["id"], time: isDated ? "since" : nil,
        validTo: isDated ? "until" : nil, timeless: isDated ? nil : "places stay",
        isRepeatable: true)
    }
  }

  // MARK: Operators

  mutating func steps(_ count: ClosedRange<Int>, over input: RelationPlan) -> RelationPlan {
    var plan = input
    for _ in 0..<Int.random(in: count, using: &random) {
      if let step = step(plan.shape) { plan = .step(step, plan) }
    }
    return plan
  }

  private mutating func right(isDated: Bool) -> RelationPlan {
    var plan = places("places", isDated: isDated)
    // Most often somebody has made them one for each city.
    if chance(0.7), !isDated {
      plan = .step(
        .deduplicate(.init(by: ["city"], keep: .latest, order: "rent", labels: nil)), plan)
    }
    return plan
  }

  private mutating func join() -> RelationPlan? {
    let left = steps(0...2, over: orders("orders"))
    if chance(0.3) { return joinByKey(left) }
    let right = right(isDated: false)
    guard left.shape.schema["city"]?.type == .text else { return nil }
    let isMany = chance(0.3)
    let join = Join(
      on: [.init(left: "city", right: "city")], isInner: chance(0.5),
      cardinality: isMany ? .many : .checked, validity: nil,
      columns: [.init("region", as: "region"), .init("rent", as: "paid_rent")]
        + (isMany ? [.init("id", as: "place_id")] : []))
    return steps(0...2, over: .join(join, left, right))
  }

  /// A key is what somebody says of rows: where it repeats all the same, every engine must refuse.
  private mutating func joinByKey(_ left: RelationPlan) -> RelationPlan? {
    guard left.shape.schema["owner"]?.type == .int8 else { return nil }
    mayRepeat = true
    let right = places("places", isDated: false)
    mayRepeat = false
    let join = Join(
      on: [.init(left: "owner", right: "id")], isInner: chance(0.5), cardinality: .key,
      validity: nil, columns: [.init("region", as: "region"), .init("rent", as: "paid_rent")])
    return steps(0...2, over: .join(join, left, right))
  }

  private mutating func joinValidAt() -> RelationPlan? {
    let left = steps(0...1, over: orders("orders"))
    guard left.shape.schema["city"]?.type == .text else { return nil }
    let time = pick(["at", "day", "stamp"])
    guard left.shape.schema[time]?.type.isTime == true else { return nil }
    let join = Join(
      on: [.init(left: "city", right: "city")], isInner: chance(0.4), cardinality: .checked,
      validity: .init(column: time, from: "since", until: "until"),
      columns: [.init("region", as: "region"), .init("id", as: "place_id")])
    return steps(0...1, over: .join(join, left, right(isDated: true)))
  }

  private mutating func union() -> RelationPlan? {
    let first = orders("orders")
    var inputs = [first, orders("more_orders")]
    // One step that keeps the columns alike.
    if chance(0.6), let step = step(first.shape),
      step.shape(after: first.shape).schema.names == first.shape.schema.names,
      step.meaning.fields.allSatisfy({ first.shape.schema[$0.name]?.type == $0.type })
    {
      inputs[0] = .step(step, first)
    }
    let shapes = inputs.map(\.shape)
    guard shapes[0].arrived == shapes[1].arrived,
      zip(shapes[0].schema.fields, shapes[1].schema.fields).allSatisfy({ $0.labels == $1.labels })
    else { return nil }
    let union = Union(source: chance(0.6) ? "came_from" : nil, names: ["orders", "more_orders"])
    return steps(0...2, over: .union(union, inputs))
  }
}
