/// Random expressions that are well typed, for comparison with Postgres.
struct ExpressionGenerator {
  enum Kind: String, CaseIterable {
    case bool, int2, int4, int8, numeric, float4, float8, text, date, timestamp, timestamptz, uuid
    case interval
  }

  /// An expression in our words, and in Postgres's where we differ on purpose.
  struct Pair {
    let ours: String
    let theirs: String
  }

  /// A form with `$1`, `$2`, … for operands of the kinds.
  private struct Form {
    let ours: String
    let theirs: String
    let operands: [Kind]

    init(_ ours: String, _ operands: [Kind], theirs: String? = nil) {
      self.ours = ours
      self.theirs = theirs ?? ours
      self.operands = operands
    }
  }

  var random: SeededGenerator

  mutating func expression(_ kind: Kind, depth: Int) -> Pair {
    if depth == 0 || Int.random(in: 0..<8, using: &random) == 0 { return column(kind) }
    let forms = Self.forms[kind, default: []] + Self.shared(kind)
    guard let form = forms.randomElement(using: &random) else { return column(kind) }
    var (ours, theirs) = (form.ours, form.theirs)
    for (index, operand) in form.operands.enumerated() {
      // A form of literals only would be computed by Postgres before there are rows.
      let pair =
        index > 0 && Int.random(in: 0..<4, using: &random) == 0
        ? literal(operand) : expression(operand, depth: depth - 1)
      ours = ours.replacing("$\(index + 1)", with: "(\(pair.ours))")
      theirs = theirs.replacing("$\(index + 1)", with: "(\(pair.theirs))")
    }
    return Pair(ours: ours, theirs: theirs)
  }

  private mutating func column(_ kind: Kind) -> Pair {
    let names =
      kind == .numeric ? ["money", "long"] : ["\(kind.rawValue)_a", "\(kind.rawValue)_b"]
    let name = names.randomElement(using: &random) ?? names[0]
    return Pair(ours: name, theirs: name)
  }

  private mutating func literal(_ kind: Kind) -> Pair {
    let text = Self.literals[kind]?.randomElement(using: &random) ?? "null"
    return Pair(ours: text, theirs: text)
  }

  static let literals: [Kind: [String]] = [
    // Postgres leaves out what a literal false or null decides before there are rows.
    .bool: ["bool_a"], .int2: ["0::int2", "-7::int2", "300::int2"],
    .int4: ["0", "1", "-1", "3", "2147483647", "-2147483648"],
    .int8: ["0::int8", "3000000000", "-9223372036854775808", "7::bigint"],
    .numeric: ["0.5", "-1.25", "100.00", "1e3", "0.005", "12345678901234567890"],
    .float4: ["0.5::float4", "'NaN'::real", "3::real"],
    .float8: ["0.1::float8", "'infinity'::float8", "-2.5::float8", "1e300::float8"],
    .text: ["''", "'a'", "' B '", "'ä'", "'O''Neil'", "'%a_'"],
    .date: ["'2024-02-29'", "date '2023-12-31'", "'infinity'"],
    .timestamp: ["timestamp '2024-03-31 02:30:00'", "'2023-12-31 23:59:59.999999'::timestamp"],
    .timestamptz: [
      "as_of", "timestamptz '2024-03-31 00:30:00+00'", "'2024-10-27 02:30:00'::timestamptz",
    ],
    .uuid: ["'00000000-0000-0000-0000-000000000001'::uuid"],
    .interval: ["interval '1 day'", "interval '-1 month 3 hours'", "'30 minutes'::interval"],
  ]

  /// Forms that every kind has.
  private static func shared(_ kind: Kind) -> [Form] {
    var forms = [
      Form("case when $1 then $2 else $3 end", [.bool, kind, kind]),
      Form("case when $1 then $2 when $3 then $4 end", [.bool, kind, .bool, kind]),
      Form("coalesce($1, $2)", [kind, kind]), Form("nullif($1, $2)", [kind, kind]),
      Form("greatest($1, $2, $3)", [kind, kind, kind]), Form("least($1, $2)", [kind, kind]),
    ]
    if kind != .bool, kind != .uuid {
      forms.append(Form("case $1 when $2 then $3 else $4 end", [.int4, .int4, kind, kind]))
    }
    return forms
  }

  private static let numbers: [Kind] = [.int2, .int4, .int8, .numeric, .float4, .float8]

  private static let comparable: [(Kind, Kind)] =
    numbers.flatMap { a in numbers.map { (a, $0) } }
    + [
      (.text, .text), (.bool, .bool), (.uuid, .uuid), (.interval, .interval),
      (.date, .date), (.date, .timestamp), (.date, .timestamptz), (.timestamp, .timestamptz),
      (.timestamptz, .date), (.timestamptz, .timestamptz), (.timestamp, .timestamp),
    ]

  private static let comparisons = comparable.flatMap { (a, b) in
    ["=", "<>", "<", "<=", ">", ">="].map { Form("$1 \($0) $2", [a, b]) }
      + [
        Form("$1 is distinct from $2", [a, b]), Form("$1 is not distinct from $2", [a, b]),
        Form("$1 in ($2, $3)", [a, b, a]), Form("$1 not in ($2, $3)", [a, b, a]),
        Form("$1 between $2 and $3", [a, b, b]), Form("$1 not between $2 and $3", [a, b, b]),
      ]
  }

  private static let logic: [Form] =
    ["$1 and $2", "$1 or $2", "$1 and not $2"].flatMap {
      Array(repeating: Form($0, [.bool, .bool]), count: 12)
    }
    + Kind.allCases.flatMap {
      [Form("$1 is null", [$0]), Form("$1 is not null", [$0])]
    }
    + ["true", "false", "unknown", "not true", "not false", "not unknown"].map {
      Form("$1 is \($0)", [.bool])
    }
    + ["'%a%'", "'_b%'", "'a'", "''", "'%'", "'\\%%'", "'%ß'"].flatMap { pattern in
      ["like", "not like", "ilike", "not ilike"].map { Form("$1 \($0) \(pattern)", [.text]) }
    } + [Form("starts_with($1, $2)", [.text, .text])]
    + ["'!%%' escape '!'", "'x%%' escape '%'", "'A_' escape ''", "'xXxx%' escape 'x'"].flatMap {
      [Form("$1 like \($0)", [.text]), Form("$1 not ilike \($0)", [.text])]
    }
    + ["'^a'", "'[[:alpha:]]+$'", #"'\d|ß'"#, #"'^(\w{1,2}\s?)*$'"#, "'[^a-z ]'", #"'\mb\M'"#]
    .flatMap {
      pattern in ["~", "~*", "!~", "!~*"].map { Form("$1 \($0) \(pattern)", [.text]) }
    } + [Form("regexp_like($1, 'Ä|x', 'i')", [.text]), Form("regexp_like($1, '^\\w')", [.text])]
    + [
      Form("$1 in (1, 2.50, 12)", [.int4]), Form("$1 not in (0.01, -3.25)", [.numeric]),
      Form("$1 in ('a', 'O''Neil', '')", [.text]), Form("$1 between 'A' and 'a'", [.text]),
      Form("$1 not in ('2000-01-01', '2024-02-29')", [.date]),
      Form("$1 >= -2147483648 and $1 <= 12", [.int4]),
    ]

  /// Constructs whose operands differ in type: `nullif` keeps the first, the others widen.
  private static func mixed(_ pairs: [(Kind, Kind)], nullif: Bool) -> [Form] {
    pairs.flatMap { a, b in
      nullif
        ? [Form("nullif($1, $2)", [a, b])]
        : [
          Form("coalesce($1, $2)", [a, b]), Form("greatest($2, $1)", [a, b]),
          Form("case when $3 then $1 else $2 end", [a, b, .bool]),
        ]
    }
  }

  private static func arithmetic(_ a: Kind, _ b: Kind, _ operators: String) -> [Form] {
    operators.map { Form("$1 \($0) $2", [a, b]) }
  }

  private static let forms: [Kind: [Form]] = [
    .bool: comparisons + logic,
    .int2: mixed([(.int2, .int8)], nullif: true) + arithmetic(.int2, .int2, "+-*/%")
      + [Form("- $1", [.int2]), Form("abs($1)", [.int2]), Form("$1::int2", [.int4])],
    .int4: arithmetic(.int4, .int4, "+-*/%") + arithmetic(.int2, .int4, "+-*/%")
      + [
        Form("- $1", [.int4]), Form("abs($1)", [.int4]), Form("mod($1, $2)", [.int4, .int4]),
        Form("length($1)", [.text]), Form("strpos($1, $2)", [.text, .text]),
        Form("$1 - $2", [.date, .date]), Form("$1::int4", [.int8]), Form("$1::int4", [.numeric]),
        Form("$1::int4", [.float8]), Form("$1::int4", [.bool]), Form("days_since($1)", [.date]),
        Form("days_since($1)", [.timestamp]), Form("days_since($1)", [.timestamptz]),
        Form("width_bucket($1, 0, $2, $3)", [.float8, .float8, .int4]),
        Form("width_bucket($1, 2.5, -3, $2)", [.float8, .int4]),
        Form("width_bucket($1, $2, $3, $4)", [.numeric, .numeric, .numeric, .int4]),
        Form("width_bucket($1, -10, 100, 7)", [.int4]),
        Form("width_bucket($1, 100.5, $2, 7)", [.numeric, .int4]),
        Form("position($1 in $2)", [.text, .text]), Form("char_length($1)", [.text]),
        Form("age_days($1, $2)", [.date, .date], theirs: "$1 - $2"),
        Form("age_days($1, $2)", [.timestamptz, .timestamptz], theirs: "$1::date - $2::date"),
        Form("age_days($1, $2)", [.timestamp, .date], theirs: "$1::date - $2::date"),
        Form("$1::int", [.text]), Form("cast($1 as integer)", [.float4]),
      ],
    .int8: arithmetic(.int8, .int8, "+-*/%") + arithmetic(.int4, .int8, "+-*/%")
      + [
        Form("- $1", [.int8]), Form("abs($1)", [.int8]), Form("mod($1, $2)", [.int8, .int4]),
        Form("$1::bigint", [.numeric]), Form("$1::bigint", [.float8]),
      ],
    .numeric: mixed([(.int4, .numeric), (.numeric, .int8)], nullif: false)
      + mixed([(.int4, .numeric), (.numeric, .int8)], nullif: true)
      + arithmetic(.numeric, .numeric, "+-*%") + arithmetic(.numeric, .int4, "+-*%")
      + arithmetic(.int8, .numeric, "+-*%")
      + [
        Form("- $1", [.numeric]), Form("abs($1)", [.numeric]), Form("round($1)", [.numeric]),
        Form("round($1, 1)", [.numeric]), Form("round($1, -2)", [.numeric]),
        Form("round($1, 6)", [.numeric]), Form("floor($1)", [.numeric]),
        Form("ceil($1)", [.numeric]), Form("trunc($1)", [.numeric]), Form("sign($1)", [.numeric]),
        Form("mod($1, $2)", [.numeric, .numeric]), Form("$1::numeric(10,3)", [.numeric]),
        Form("$1::numeric(30,4)", [.float8]), Form("$1::numeric(20,1)", [.float4]),
        Form("$1::numeric(12,2)", [.int8]), Form("$1::numeric(12,2)", [.text]),
        Form(
          "extract(year from $1)", [.timestamp],
          theirs: "case when isfinite($1) then extract(year from $1) end"),
        Form("extract(dow from $1)", [.date]),
        Form("extract(hour from $1)", [.timestamptz]), Form("extract(week from $1)", [.date]),
        Form(
          "extract(epoch from $1)", [.timestamptz],
          theirs: "case when isfinite($1) then extract(epoch from $1) end"),
        Form(
          "extract(epoch from $1)", [.date],
          theirs: "case when isfinite($1) then extract(epoch from $1) end"),
        Form("extract(second from $1)", [.timestamp]),
        Form("extract(isodow from $1)", [.timestamptz]),
        Form(
          "extract(isoyear from $1)", [.date],
          theirs: "case when isfinite($1) then extract(isoyear from $1) end"),
      ]
      + ["year", "quarter", "month", "day", "hour", "minute", "second", "epoch"].map {
        Form("extract(\($0) from $1)", [.interval])
      }
      + [
        Form("mod($1, $2)", [.numeric, .int4])
      ],
    .float4: mixed([(.int4, .float4), (.float4, .numeric)], nullif: false)
      + mixed([(.float4, .float8)], nullif: true) + arithmetic(.float4, .float4, "+-*/")
      + [
        Form("- $1", [.float4]), Form("abs($1)", [.float4]), Form("$1::real", [.float8]),
        Form("$1::real", [.numeric]), Form("$1::real", [.int8]),
      ],
    .float8: mixed([(.numeric, .float8), (.float8, .float4)], nullif: false)
      + mixed(
        [(.int4, .float8), (.numeric, .float8), (.int4, .float4), (.numeric, .float4)], nullif: true
      ) + arithmetic(.float8, .float8, "+-*/") + arithmetic(.float8, .int4, "+-*/")
      + arithmetic(.numeric, .float8, "+-*/") + arithmetic(.float4, .float8, "+-*/")
      + arithmetic(.float4, .int8, "+-*/")
      + [
        Form("$1 / $2", [.numeric, .numeric], theirs: "$1::float8 / $2::float8"),
        Form("$1 / $2", [.numeric, .int4], theirs: "$1::float8 / $2::float8"),
        Form("- $1", [.float8]), Form("abs($1)", [.float8]), Form("round($1)", [.float8]),
        Form("floor($1)", [.float8]), Form("ceil($1)", [.float8]), Form("trunc($1)", [.float8]),
        Form("sign($1)", [.float8]), Form("floor($1)", [.int4]), Form("ln($1)", [.float8]),
        Form("exp($1)", [.float8]), Form("sqrt($1)", [.float8]), Form("sqrt($1)", [.int4]),
        Form("power($1, $2)", [.float8, .float8]), Form("power($1, $2)", [.int4, .int4]),
        Form("sqrt($1)", [.numeric], theirs: "sqrt($1::float8)"),
        Form("ln($1)", [.numeric], theirs: "ln($1::float8)"),
        Form("log($1)", [.float8]), Form("log10($1)", [.int4]), Form("cbrt($1)", [.float8]),
        Form("$1::float8", [.numeric]), Form("$1::float8", [.float4]), Form("$1::float8", [.int8]),
        Form("$1::double precision", [.text]),
      ],
    .text: [
      Form("lower($1)", [.text]), Form("upper($1)", [.text]), Form("trim($1)", [.text]),
      Form("btrim($1, $2)", [.text, .text]), Form("ltrim($1, 'ä a')", [.text]),
      Form("rtrim($1)", [.text]), Form("trim(both 'a' from $1)", [.text]),
      Form("trim(leading from $1)", [.text]), Form("left($1, $2)", [.text, .int4]),
      Form("right($1, $2)", [.text, .int2]), Form("substring($1 from $2)", [.text, .int4]),
      Form("substring($1 from 2 for 3)", [.text]), Form("substring($1 from -1 for 3)", [.text]),
      Form("substr($1, 2, $2)", [.text, .int4]),
      Form("replace($1, $2, $3)", [.text, .text, .text]),
      Form("split_part($1, 'a', $2)", [.text, .int4]), Form("$1 || $2", [.text, .text]),
      Form("$1 || $2", [.text, .int4]), Form("money || $1", [.text]),
      Form("$1 || $2", [.text, .bool]), Form("concat($1, $2, $3)", [.text, .bool, .int8]),
      Form("concat($1, $2)", [.float8, .text]), Form("initcap($1)", [.text]),
      Form("reverse($1)", [.text]), Form("repeat($1, $2 % 20)", [.text, .int4]),
      Form("repeat('ab' || $1, 2147483647)", [.text]), Form("lpad($1, $2 % 30)", [.text, .int4]),
      Form("lpad($1, $2 % 30, $3)", [.text, .int4, .text]),
      Form("rpad($1, $2 % 30, $3)", [.text, .int4, .text]),
      Form(#"regexp_replace($1, '[aä]', '<\&>')"#, [.text]),
      Form(#"regexp_replace($1, '(\w)(\W*)', '\2\1', 'g')"#, [.text]),
      Form("regexp_replace($1, 'A*', '-', 'gi')", [.text]),
    ]
      // A numeric from several sources has the places of its type here, of its source in Postgres.
      + Kind.allCases.map { $0 == .numeric ? Form("long::text", []) : Form("$1::text", [$0]) },
    .date: mixed([(.date, .timestamp), (.date, .timestamptz)], nullif: true) + [
      Form("$1 + $2", [.date, .int4]), Form("$1 - $2", [.date, .int4]),
      Form("$1::date", [.timestamp]), Form("$1::date", [.timestamptz]),
    ],
    .timestamp: [
      Form("$1 + $2", [.date, .interval]), Form("$1 - $2", [.timestamp, .interval]),
      Form("$1 at time zone 'America/New_York'", [.timestamptz]),
      Form("$1 at time zone 'Asia/Shanghai' + $2", [.date, .interval]),
      Form("$1 + $2", [.timestamp, .interval]), Form("$1::timestamp", [.date]),
      Form("$1::timestamp", [.timestamptz]), Form("date_trunc('month', $1)", [.timestamp]),
      Form("date_trunc('week', $1)", [.timestamp]),
    ],
    .timestamptz: mixed([(.date, .timestamptz), (.timestamptz, .timestamp)], nullif: false) + [
      Form("$1 + $2", [.timestamptz, .interval]), Form("$1 - $2", [.timestamptz, .interval]),
      Form("$1 at time zone 'Europe/Berlin'", [.timestamp]),
      Form("$1 at time zone 'UTC' at time zone 'Europe/London'", [.timestamptz]),
      Form("$1::timestamptz", [.date]), Form("$1::timestamptz", [.timestamp]),
      Form("date_trunc('day', $1)", [.timestamptz]), Form("date_trunc('quarter', $1)", [.date]),
      Form("date_trunc('hour', $1)", [.timestamptz]),
      Form("date_trunc('second', $1)", [.timestamptz]),
      Form("date_trunc('Year', $1)", [.timestamptz]),
      Form("$1 + interval '1 month -3 days 25:00'", [.timestamptz]),
      Form("interval '1 day' + $1", [.timestamptz]),
      Form("$1 - interval '2 months'", [.timestamptz]),
      Form("$1 - interval '90 minutes'", [.timestamptz]),
    ],
    .interval: [
      Form("$1 - $2", [.timestamp, .timestamp]), Form("$1 - $2", [.timestamptz, .timestamptz]),
      Form("- $1", [.interval]), Form("$1 + $2", [.interval, .interval]),
      Form("$1 - $2", [.interval, .interval]), Form("$1 * $2", [.interval, .float8]),
      Form("$1 * $2", [.int4, .interval]), Form("$1 * $2", [.interval, .numeric]),
      Form("$1 / $2", [.interval, .int4]), Form("$1 / $2", [.interval, .numeric]),
    ],
  ]
}

/// SplitMix64: a run is repeated with its seed.
struct SeededGenerator: RandomNumberGenerator {
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
