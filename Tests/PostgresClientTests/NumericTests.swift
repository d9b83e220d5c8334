import Frames
import PostgresClient
import TestSupport
import Testing

/// Exact decimals of every precision and scale, with Postgres's own texts and casts as the witness.
@Suite struct NumericTests {
  /// A decimal of at most `digits` digits, with runs of zeros and nines more often than chance has.
  private static func randomInteger(digits: Int, using random: inout SeededRandom) -> Int128 {
    let length = Int.random(in: 0...digits, using: &random)
    var value: Int128 = 0
    var kind = 0
    for _ in 0..<length {
      if Int.random(in: 0..<4, using: &random) == 0 { kind = Int.random(in: 0..<3, using: &random) }
      let digit =
        switch kind {
        case 0: 0
        case 1: 9
        default: Int.random(in: 0...9, using: &random)
        }
      value = value * 10 + Int128(digit)
    }
    return Bool.random(using: &random) ? value : -value
  }

  private static func text(_ value: Int128, scale: Int) -> String {
    var digits = String(value.magnitude)
    digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    let point = digits.index(digits.endIndex, offsetBy: -scale)
    let fraction = scale == 0 ? "" : "." + digits[point...]
    return (value < 0 ? "-" : "") + digits[..<point] + fraction
  }

  @Test(arguments: [
    (1, 0), (1, 1), (4, 2), (5, 4), (9, 3), (16, 8), (17, 1), (18, 0), (18, 18), (18, 5), (19, 0),
    (19, 19), (20, 2), (27, 13), (37, 36), (38, 0), (38, 1), (38, 2), (38, 3), (38, 37), (38, 38),
  ])
  func `every digit goes there and back`(_ precision: Int, _ scale: Int) async throws {
    var random = SeededRandom(seed: UInt64(precision * 100 + scale))
    let most = (0..<precision).reduce(Int128(0)) { value, _ in value * 10 + 9 }
    let values =
      [0, 1, -1, most, -most, most / 10, most / 10 + 1]
      + (0..<300).map { _ in Self.randomInteger(digits: precision, using: &random) }
    let type = ColumnType.numeric(precision: precision, scale: scale)
    var builder = ColumnBuilder(type: type)
    for value in values {
      if type.storage == .int64 { builder.append(Int64(value)) } else { builder.append(value) }
    }
    let column = builder.build()
    let frame = Frame(
      schema: Schema([Field("x", type)]), columns: [column], rowCount: values.count)
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute("create table t (place serial, x \(type.sqlName))")
      try await connection.copyIn(frame, into: QualifiedName(name: "t"))
      let rows = try await connection.query("select x::text from t order by place")
      #expect(try rows.map { try $0.string(0) } == values.map { Self.text($0, scale: scale) })
      let result = try await connection.copyOut("select x from t order by place")
      #expect(result.schema.fields == [Field("x", type)])
      #expect(result.columns[0].cells == column.cells)
      // What Postgres itself makes of the texts is stored in the same way.
      let own = try await connection.copyOut(
        "select x::text::\(type.sqlName) as x from t order by place")
      #expect(own.columns[0].cells == column.cells)
    }
  }

  @Test func `unconstrained decimals are the nearest float`() async throws {
    try await withDatabase { database in
      let result = try await database.connection.copyOut(
        """
        with d as (
          select (random()::text::numeric - 0.5) * (10::numeric ^ (random() * 60 - 30)::int)
            / (1 + (random() * 9)::int) as x
          from generate_series(1, 5000)
          union all select random()::numeric(12, 2) from generate_series(1, 500)
          union all select (random() * 1e15)::int8 from generate_series(1, 500)
          union all values (0.1), (9007199254740993), (1e22), (1e23), (123456789012), (1e-22),
            (0.00), (-0.5), ('NaN'::numeric), ('Infinity'), ('-Infinity'), (1e308), (4.9e-324)
        )
        select x, x::float8 as nearest from d
        """)
      #expect(result.columns[0].cells == result.columns[1].cells)
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.copyOut("select 1e309::numeric as x")
      }
      #expect(error?.kind == .data(column: "x", row: 1))
    }
  }

  @Test func `an infinite decimal cannot be exact`() async throws {
    try await withDatabase { database in
      // numeric(p, s) takes no infinity, but a view over older data or another server may send one.
      let error = await #expect(throws: PostgresError.self) {
        try await database.connection.copyOut("select 'Infinity'::numeric(5, 2) as x")
      }
      #expect(error?.sqlState == "22003")
    }
  }

  @Test func `negative scales keep their value`() async throws {
    try await withDatabase { database in
      let result = try await database.connection.copyOut(
        "select x::numeric(3, -2) as x from (values (12345), (-99949), (49), (0), (99900)) v (x)")
      #expect(result.columns[0].cells == [12300, -99900, 0, 0, 99900].map { Int64($0) })
    }
  }
}

/// Numbers that are the same in every run (splitmix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
