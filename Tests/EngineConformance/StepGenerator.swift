import Diagnostics
import Expressions
import Frames
import Relations

/// Steps that fit a shape.
extension CaseGenerator {
  private static let conditions = [
    "n > 2", "amount < 10 or amount is null", "status = 'paid'", "status > 'new'", "flag",
    "not flag and n is not null", "city = ''", "day >= as_of - interval '10 days'",
    "at < as_of - interval '1 month'", "x between 3 and 20", "wild > 1", "note like '%b%'",
    "uid is null", "stamp::date = day", "status in ('sent', 'lost')", "days_since(day) > 3",
    "city is distinct from 'Ulm'", "big < 0", "coalesce(n, small, 0) % 2 = 1",
    "extract(hour from at) < 6", "note <> 'two\nlines' or city = '-- no comment\n'",
  ]

  private static let values = [
    ("a_text", "lower(city) || '-' || coalesce(status, '?')"),
    ("a_text", "city || '\n-- two ''lines''\n' || note"), ("a_number", "x * 2 + 1"),
    ("a_number", "coalesce(x, wild, 0)"), ("a_day", "at::date"), ("a_day", "day - 1"),
    ("a_flag", "status < 'sent'"), ("a_flag", "n > small or flag"), ("n", "small::int4"),
    ("city", "trim(city)"), ("city", "case when flag then 'Bonn' else city end"),
    ("a_month", "date_trunc('month', at)"), ("a_money", "coalesce(amount, 0) + 1.50"),
    ("a_status", "status"), ("a_length", "length(note)"), ("a_gap", "as_of - at"),
    ("x", "least(x, 50)"), ("a_local", "stamp + interval '1 day'"),
    ("a_choice", "case when n > 1 then status when flag then 'paid' else 'lost' end"),
  ]

  func typed(
    _ text: String, _ shape: RelationShape, as type: ColumnType? = nil
  ) -> TypedExpression? {
    let report = Report()
    guard
      let expression = try? Expression(
        parsing: Snippet(file: SourceFile(name: "case", text: text)))
    else { return nil }
    return type.map { expression.typed(in: shape.schema, as: $0, "it", report) }
      ?? expression.typed(in: shape.schema, report)
  }

  /// A random step; nil where the first that comes to mind does not fit the columns.
  mutating func step(_ shape: RelationShape) -> RowStep? {
    switch Int.random(in: 0..<11, using: &random) {
    case 0: deduplicate(shape)
    case 1:
      typed(pick(Self.conditions), shape, as: .bool).map {
        .reject(.init(condition: $0, reason: "a reason"))
      }
    case 2: assign(shape)
    case 3: read(shape)
    case 4: map(shape)
    case 5: normalize(shape)
    case 6: clip(shape)
    case 7: fill(shape)
    case 8: compare(shape)
    case 9: sequence(shape)
    default: hash(shape)
    }
  }

  /// Columns of some types, not those that steps may not change.
  private mutating func column(
    _ shape: RelationShape, where isRight: (Field) -> Bool
  ) -> Field? {
    let fields = shape.schema.fields.filter { !shape.own.contains($0.name) && isRight($0) }
    return fields.isEmpty ? nil : pick(fields)
  }

  private mutating func deduplicate(_ shape: RelationShape) -> RowStep? {
    let names = shape.schema.names.filter { $0 != "id" && $0 != "pause" }
    let by = [pick(names), pick(names)].prefix(chance(0.5) ? 1 : 2)
    let order = pick(shape.schema.names)
    return .deduplicate(
      .init(
        by: Array(by), keep: chance(0.5) ? .latest : .first, order: order,
        labels: shape.schema[order]?.labels))
  }

  private mutating func assign(_ shape: RelationShape) -> RowStep? {
    var settings: [RowStep.Assign.Setting] = []
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let (name, text) = pick(Self.values)
      guard let expression = typed(text, shape),
        !settings.contains(where: { $0.field.name == name })
      else { continue }
      settings.append(.init(field: expression.field(named: name), expression: expression))
    }
    return settings.isEmpty ? nil : .assign(.init(settings))
  }

  private mutating func read(_ shape: RelationShape) -> RowStep? {
    guard let field = shape.schema["raw"], field.type == .text else { return nil }
    let types: [ColumnType] = [
      .int2, .int4, .int8, .bool, .uuid, .date, .float8, .numeric(precision: 8, scale: 3),
    ]
    return .read(
      .init([Field(field.name, pick(types))], otherwise: chance(0.5) ? .null : .reject))
  }

  private mutating func map(_ shape: RelationShape) -> RowStep? {
    guard let field = shape.schema["city"], field.type == .text else { return nil }
    var table: [[UInt8]: String?] = [:]
    for city in GeneratedColumn.cities where chance(0.4) {
      table.updateValue(
        chance(0.3) ? nil : pick(["Kiel", "Bonn", "O'Hara", "two\nlines"]), forKey: Array(city.utf8)
      )
    }
    for case let target? in table.values where table[Array(target.utf8)] == nil {
      table[Array(target.utf8)] = target
    }
    return .map(
      .init(
        Field("city", .text), table: table,
        otherwise: pick([.keep, .null, .reject])))
  }

  private mutating func normalize(_ shape: RelationShape) -> RowStep? {
    guard let field = column(shape, where: { $0.type == .text && $0.labels == nil }) else {
      return nil
    }
    let form: TextForm.Form? = pick([nil, .nfc, .nfkc, chance(0.1) ? .email : nil])
    return .normalize(
      .init(
        [field],
        form: TextForm(
          form: form, trims: chance(0.6), letterCase: nil, country: nil)))
  }

  private mutating func clip(_ shape: RelationShape) -> RowStep? {
    let field = column(shape) { ($0.type.isNumber || $0.type.isTime) && $0.type != .interval }
    let fractions = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1]
    let (a, b) = (pick(fractions), pick(fractions))
    guard let field, a != b else { return nil }
    return .clip(.init(field, lower: min(a, b), upper: max(a, b), interpolates: chance(0.3)))
  }

  private mutating func fill(_ shape: RelationShape) -> RowStep? {
    if chance(0.4) {
      let (column, text) = pick([
        ("n", "0"), ("n", "small::int4"), ("city", "'Bonn'"), ("city", "lower(note)"),
        ("status", "'new'"), ("day", "at::date"), ("x", "wild"), ("flag", "n > 1"),
        ("amount", "0"),
      ])
      guard let field = shape.schema[column],
        let expression = typed(text, shape, as: field.type)
      else { return nil }
      return .fill(.init(field, from: .expression(expression)))
    }
    let isMedian = chance(0.5)
    let field = column(shape) { field in
      isMedian
        ? field.type.isNumber || field.type.isTime : field.type != .interval
    }
    return field.map { .fill(.init($0, from: .statistic(isMedian ? .median : .mode))) }
  }

  private mutating func compare(_ shape: RelationShape) -> RowStep? {
    let statistic: RowStep.Compare.Statistic = chance(0.5) ? .mean : .median
    let column = pick(["n", "small", "x", "amount"])
    let groups = [pick(["city", "status", "flag", "day", "uid"])] + (chance(0.3) ? ["raw"] : [])
    let aggregate = statistic == .mean ? "avg(\(column))" : "median(\(column))"
    let report = Report()
    guard shape.schema["index"] == nil, groups.allSatisfy({ shape.schema[$0] != nil }),
      let number = typed("\(column)::float8", shape),
      let parsed = try? Expression(
        parsing: Snippet(file: SourceFile(name: "case", text: aggregate))),
      let usual = parsed.typedAggregate(in: shape.schema, report)
    else { return nil }
    return .compare(
      .init(
        Field("index", .float8), of: column, to: statistic, by: groups, number: number,
        usual: usual))
  }

  /// The key of all hashes of the suite, longer than one block of SHA-256 at times.
  public static let key = Array(
    "a key that is longer than sixty-four bytes, as HMAC allows: 123456789".utf8)

  private mutating func sequence(_ shape: RelationShape) -> RowStep? {
    let names = shape.schema.names.filter { $0 != "id" && $0 != "pause" }
    let order = pick(["at", "arrived", "day", "stamp", "n", "status", "x"])
    guard let field = shape.schema[order], shape.schema["a_rank"] == nil,
      let before = column(shape, where: { _ in true })
    else { return nil }
    var made = [
      RowStep.Sequence.Made("a_rank", .number, in: shape.schema),
      RowStep.Sequence.Made("a_before", .previous(before.name), in: shape.schema),
    ]
    if field.type.isTime {
      made.append(
        .init("a_session", .session(gap: pick([1, 72, 400]) * 3_600_000_000), in: shape.schema))
    }
    return .sequence(
      .init(by: [pick(names)], order: order, labels: field.labels, made: made))
  }

  private mutating func hash(_ shape: RelationShape) -> RowStep? {
    let field = column(shape) { $0.type.hasCanonicalText && $0.labels == nil }
    return field.map {
      .hash(.init([$0], key: HashKey(bytes: Self.key, fingerprint: "suite")))
    }
  }
}
