import Expressions
import Frames
import Relations

/// A check, the rows that it looks at, and those of the other stage.
public struct CheckCase: Sendable {
  public let seed: UInt64
  public let check: RowCheck
  public let rows: RelationPlan
  /// Of the stage that the check names; nil where it names none.
  public let other: RelationPlan?
  public let tables: [String: GeneratedTable]
  public let asOf: Instant
  public let zone: CalendarZone

  /// What is measured, as one row.
  public var shape: RelationShape {
    RelationShape(schema: Schema(fields), key: [])
  }

  private var fields: [Field] {
    switch check {
    case .rows, .rejected, .notNull, .shareOfNulls, .unique, .values, .matches, .relationship:
      [Field("found", .int8), Field("of", .int8)]
    case .fresh: [Field("latest", .timestamptz)]
    case .sumsAgree: [Field("own", .float8), Field("other", .float8)]
    case .change: [Field("value", .float8)]
    }
  }

  /// A row of what an engine measured.
  public func frame(of finding: CheckFinding) -> Frame {
    let columns: [Column]
    switch finding {
    case .count(let found, let all):
      columns = [found, all].map { Column(type: .int8, values: .int64([Int64($0)])) }
    case .latest(let instant):
      var builder = ColumnBuilder(type: .timestamptz)
      if let instant { builder.append(instant.microseconds) } else { builder.appendNull() }
      columns = [builder.build()]
    case .sums(let own, let other):
      columns = [own, other].map { Column(type: .float8, values: .float64([$0.double])) }
    case .measure(let value): columns = [Column(type: .float8, values: .float64([value]))]
    }
    return Frame(schema: shape.schema, columns: columns, rowCount: 1)
  }
}

extension CaseGenerator {
  private static let offending = [
    "n not between 0 and 5", "status not in ('paid', 'two\nlines')", "city not in ('Kiel', '')",
    "amount not between 1.5 and 99", "x not in (1, 2.5)", "not flag",
    "day not between '2024-03-01' and '2024-03-20'",
  ]
  private static let patterns = ["city !~ '^[A-ZÄÖÜ]'", "note !~ 'b$'", "raw !~ '^[0-9]+$'"]

  public static func check(seed: UInt64) -> CheckCase? {
    var generator = CaseGenerator(seed: seed)
    return generator.check()
  }

  private mutating func check() -> CheckCase? {
    mayRepeat = true
    let rows = steps(0...2, over: orders("orders"))
    let customers = customers()
    let more = orders("more_orders")
    mayRepeat = false
    guard let (check, other) = check(rows.shape, customers, more) else { return nil }
    return CheckCase(
      seed: seed, check: check, rows: rows, other: other, tables: tables, asOf: Self.asOf,
      zone: zone)
  }

  private mutating func check(
    _ shape: RelationShape, _ customers: RelationPlan, _ more: RelationPlan
  ) -> (RowCheck, RelationPlan?)? {
    let names = shape.schema.names
    func column(_ where: (Field) -> Bool) -> [String] {
      shape.schema.fields.filter(`where`).map(\.name)
    }
    func number(_ shape: RelationShape, _ name: String) -> Bool {
      shape.schema[name]?.type.isNumber == true
    }
    let limit = Limit(.atMost, 0, isShare: false, text: "<= 0")
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return (.rows(limit), nil)
    case 1: return (chance(0.5) ? .notNull(pick(names)) : .shareOfNulls(pick(names), limit), nil)
    case 2: return (.unique(Array([pick(names), pick(names)].prefix(pick([1, 2])))), nil)
    case 3:
      return typed(pick(Self.offending), shape, as: .bool).map {
        (.values(ValuesCheck(column: "it", wanted: "so", offending: $0)), nil)
      }
    case 4:
      return typed(pick(Self.patterns), shape, as: .bool).map {
        (.matches(ValuesCheck(column: "it", wanted: "so", offending: $0)), nil)
      }
    case 5:
      let times = column { $0.type.isTime }
      guard !times.isEmpty else { return nil }
      return (
        .fresh(FreshCheck(column: pick(times), within: .days(1), isPersonal: false)), nil
      )
    case 6:
      guard shape.schema["owner"]?.type == .int8 else { return nil }
      return (.relationship("owner", StageColumn("customers", "id")), customers)
    case 7:
      let name = pick(["amount", "n", "big", "x", "wild", "small"])
      guard number(shape, name) else { return nil }
      return (
        .sumsAgree(SumsCheck(column: name, other: StageColumn("more_orders", name), within: 0)),
        more
      )
    default:
      let numbers = column { $0.type.isNumber }
      let measure = pick([
        Measure.rows, .nulls(pick(names)), numbers.isEmpty ? .rows : .sum(pick(numbers)),
      ])
      return (.change(ChangeCheck(measure: measure, within: 0, runs: 7)), nil)
    }
  }
}
